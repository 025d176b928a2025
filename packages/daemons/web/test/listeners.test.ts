import { statSync } from "node:fs";
import { request } from "node:http";
import { createConnection } from "node:net";
import { join } from "node:path";
import { seconds } from "@passerelle/time";
import { afterEach, expect, test } from "vitest";
import { freshAddress, type Rig, type RigOptions, startRig, until } from "./rig.ts";

let rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs) {
    await rig.stop();
    await rig.context.dispose();
  }
  rigs = [];
});
async function start(options?: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

function opens(address: string, port = 18_080): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

test("S-04 S-05 it listens at the LAN's addresses, and at no guest's, no other and no wildcard", async () => {
  const [lan, guest, other] = [freshAddress(), freshAddress(), freshAddress()];
  const rig = await start({ addresses: [lan] });
  await rig.home([{ address: lan }, { address: guest, zone: "guest" }]);
  expect(await opens(lan)).toBe(true);
  for (const address of [guest, other, "127.0.0.1", "::1"])
    expect(await opens(address), address).toBe(false);
  await until(() => JSON.stringify(rig.webState()).includes(lan));
  expect(rig.webState()).toMatchObject({ addresses: [lan] });
});

test("another address is served before the old one is left", async () => {
  const [before, next] = [freshAddress(), freshAddress()];
  const rig = await start({ addresses: [before] });
  await rig.home([{ address: before }, { address: next }]);
  await until(() => rig.context.log.lines.some((l) => l.fields.address === next));
  expect([await opens(before), await opens(next)]).toEqual([true, true]);
  await rig.home([{ address: next }]);
  await until(() => rig.context.log.lines.some((l) => l.message === "listener_left"));
  expect([await opens(before), await opens(next)]).toEqual([false, true]);
});

test("the box moved: whoever calls it by its old address is answered there, by the old name, while it is kept", async () => {
  const [before, next, guest] = [freshAddress(), freshAddress(), freshAddress()];
  const rig = await start({ addresses: [before] });
  const networks = [
    { address: next, former: [before] },
    { address: freshAddress(), zone: "guest" as const, former: [guest] },
  ];
  await rig.home(networks);
  await until(() => JSON.stringify(rig.webState()).includes(next));
  expect(rig.webState()).toMatchObject({ kind: "serving", addresses: [before, next] });
  expect(await opens(guest)).toBe(false);
  for (const address of [before, next]) {
    const origin = `http://${address}:${rig.config.httpPort}`;
    const call = { address, headers: { origin, "x-passerelle": "1" } };
    expect((await rig.http("GET", "/api/v1/welcome", call)).status).toBe(200);
    // There is nothing in it: the guard before let it in.
    expect((await rig.http("POST", "/api/v1/sessions", call)).status).toBe(415);
    const foreign = { ...call, headers: { ...call.headers, origin: "http://192.0.2.1" } };
    expect((await rig.http("POST", "/api/v1/sessions", foreign)).status).toBe(403);
  }
  await rig.home(networks.map((network) => ({ ...network, former: [] })));
  await until(() => rig.context.log.lines.some((l) => l.message === "listener_left"));
  expect([await opens(before), await opens(next)]).toEqual([false, true]);
});

test("an address that is not there yet is tried again, and people are told", async () => {
  const address = freshAddress();
  // Somebody else has the port: the same as an address that the kernel does not have yet.
  const { createServer } = await import("node:net");
  const thief = createServer().listen(18_080, address);
  await new Promise((resolve) => thief.once("listening", resolve));
  const rig = await start({ addresses: [freshAddress()] });
  await rig.home([{ address }]);
  await until(() => JSON.stringify(rig.webState()).includes("listener_failed"));
  expect(rig.webState()).toMatchObject({ kind: "degraded" });
  await new Promise((resolve) => thief.close(resolve));
  await rig.context.clock.advance(seconds(1));
  await until(() => JSON.stringify(rig.webState()).includes(`["${address}"]`));
  expect(await opens(address)).toBe(true);
});

test("other ports are gone over to, and the page stays", async () => {
  const rig = await start();
  await rig.service.reconfigure({ ...rig.config, httpPort: 18_081, names: ["other.example"] });
  await until(() => rig.context.log.lines.some((l) => l.fields.port === 18_081));
  expect([await opens(rig.address), await opens(rig.address, 18_081)]).toEqual([false, true]);
});

test("the command line comes in by a socket that is its owner's, and may do everything", async () => {
  const rig = await start();
  const socketPath = join(rig.context.runtimeDirectory, "api.sock");
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  const asked = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asking = request({ socketPath, path: "/api/v1/apps" }, (answer) => {
      let text = "";
      answer.on("data", (part: Buffer) => {
        text += part.toString();
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asking.on("error", reject);
    asking.end();
  });
  expect(asked).toEqual({ status: 200, text: '{"apps":[],"requests":[]}' });
});
