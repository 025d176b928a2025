import { type Admin, labelOf, must } from "../face/admin.ts";
import type { Lab } from "../lab/lab.ts";
import { type HostName, homeMac } from "../lab/topology.ts";
import { settledHouse } from "./resident.ts";

const NAMES: Readonly<Partial<Record<HostName, string>>> = {
  lan1: "Desktop",
  lan2: "Zoé's laptop",
  stb: "Living room TV",
  phone1: "Zoé's phone",
  phone2: "Sam's phone",
  "attacker-lan": "Camera",
  guest: "A friend's tablet",
};

/** A house as houses are: devices with names and traffic, an opening, a blocked device, a paired app. */
export async function livingHouse(lab: Lab): Promise<Admin> {
  const hosts = Object.keys(NAMES) as HostName[];
  for (const host of hosts) if (host !== "lan1") await lab.lease("udhcpc", host);
  const admin = await settledHouse(lab);
  await admin.stepUp(labelOf(lab));
  for (const host of hosts) {
    const params = { id: `mac:${homeMac(host)}` };
    await lab.waitFor(
      `${host} in the list`,
      async () => (await admin.api.call("GET /hosts/{id}", { params })).ok,
      10_000,
    );
    const body = { name: NAMES[host] ?? host };
    must(await admin.api.call("PATCH /hosts/{id}", { params, body }));
  }
  const camera = { id: `mac:${homeMac("attacker-lan")}` };
  const { addresses } = must(await admin.api.call("GET /hosts/{id}", { params: camera }));
  const opening = { name: "Camera", protocol: "tcp", port: 8443, to: addresses[0] ?? "" } as const;
  must(await admin.api.call("POST /nat/port-mappings", { body: opening }));
  const blocked = { id: `mac:${homeMac("phone2")}` };
  must(await admin.api.call("PATCH /hosts/{id}", { params: blocked, body: { blocked: true } }));
  const wanted = { name: "Home automation", wanted: ["read", "devices"] as ["read", "devices"] };
  must(await admin.api.call("POST /apps/requests", { body: wanted }));
  // Whoever lives here knows their own devices; one newcomer is left to be looked at.
  const { notifications } = must(await admin.api.call("GET /notifications"));
  for (const { id } of notifications.slice(1))
    must(await admin.api.call("DELETE /notifications/{id}", { params: { id } }));
  await lab.serve("stb", "traffic", [process.execPath, "-e", watching(90_000)]);
  await lab.serve("lan2", "traffic", [process.execPath, "-e", watching(20_000)]);
  return admin;
}

/** A program that takes about so many octets from the Internet ten times a second, as a film does. */
function watching(octets: number): string {
  return `setInterval(async () => {
    const n = Math.round(${octets} * (0.6 + 0.8 * Math.random()));
    const answer = await fetch("http://93.184.216.34/big?bytes=" + n).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
  }, 100)`;
}
