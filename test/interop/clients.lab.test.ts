import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENTS, stopClient } from "../lab/clients.ts";
import { Lab } from "../lab/lab.ts";
import { Box, type LeasesView, type WanView } from "./box.ts";

/**
 * The main job, judged by four DHCP clients of the world: each gets an address from us, a name to be
 * called by, our resolver, and the Internet behind our NAT.
 */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  await box.until<WanView>("wan/state", "the line is online", (wan) => wan.reach.kind === "online");
});
afterAll(() => lab.down());

describe.each(CLIENTS)("%s on lan1", (client) => {
  afterAll(() => stopClient(lab.name, client, "lan1"));

  test("gets an address of the pool, our address as router and resolver, and our domain", async () => {
    const lease = await lab.lease(client, "lan1");
    expect(lease.address).toMatch(/^192\.168\.1\.\d+$/);
    const host = Number(lease.address.split(".")[3]);
    expect(host).toBeGreaterThanOrEqual(50);
    expect(host).toBeLessThanOrEqual(250);
    expect(lease.prefixLength).toBe(24);
    expect(lease.router).toBe("192.168.1.1");
    expect(lease.resolvers).toEqual(["192.168.1.1"]);
    expect(lease.domain).toBe("home.arpa");
    const isKnown = ({ leases }: LeasesView) => leases.some((l) => l.address === lease.address);
    await box.until<LeasesView>("lan/leases", `the lease of ${lease.address}`, isKnown);
  });

  test("crosses the NAT: the server sees the gateway's address", async () => {
    const page = await lab.must("lan1", [
      "curl",
      // The home has IPv6, too, which crosses as it is.
      "-4",
      "-sS",
      "--max-time",
      "10",
      "http://web.internet.test/",
    ]);
    const wan = await box.get<WanView>("wan/state");
    expect(page).toContain(wan?.session.address?.split("/")[0] ?? "no address");
    expect(page).not.toContain("192.168.1.");
  });

  test("resolves lan2 by name, forward and back", async () => {
    const forward = await lab.must("lan1", ["dig", "+short", "lan2.home.arpa"]);
    expect(forward.trim()).toMatch(/^192\.168\.1\.\d+$/);
    const back = await lab.must("lan1", ["dig", "+short", "-x", forward.trim()]);
    expect(back.trim()).toBe("lan2.home.arpa.");
  });

  test("keeps its address when it comes back", async () => {
    const before = (await lab.exec("lan1", ["ip", "-4", "-br", "address", "show", "eth0"])).stdout;
    const address = /192\.168\.1\.\d+/.exec(before)?.[0];
    await stopClient(lab.name, client, "lan1");
    const again = await lab.lease(client, "lan1");
    expect(again.address).toBe(address);
  });
});

test("a client that says its name can be found by it, until another takes it", async () => {
  await lab.must("attacker-lan", ["udhcpc", "-i", "eth0", "-n", "-q", "-x", "hostname:toaster"]);
  const answer = await lab.must("attacker-lan", ["dig", "+short", "toaster.home.arpa"]);
  expect(answer.trim()).toMatch(/^192\.168\.1\.\d+$/);
});

test("a hostile name is no name, and the lease list stays readable", async () => {
  // As octets: udhcpc itself would cut a text at its first blank.
  const name = "<img src=x onerror=alert(1)>";
  await lab.must("attacker-lan", [
    "udhcpc",
    "-i",
    "eth0",
    "-n",
    "-q",
    "-x",
    `0x0c:${Buffer.from(name).toString("hex")}`,
  ]);
  const byName = (view: LeasesView) => view.leases.find((lease) => lease.hostname === name);
  const own = byName(
    await box.until<LeasesView>(
      "lan/leases",
      "the hostile name",
      (view) => byName(view) !== undefined,
    ),
  );
  expect(own?.dnsName ?? "").not.toMatch(/[<> ]/);
});

test("a guest gets an address of its own network and the Internet, and nothing of the house", async () => {
  const lease = await lab.lease("udhcpc", "guest");
  expect(lease.address).toMatch(/^192\.168\.179\.\d+$/);
  const page = await lab.exec("guest", [
    "curl",
    "-4",
    "-sS",
    "--max-time",
    "10",
    "http://web.internet.test/",
  ]);
  expect(page.code).toBe(0);
  const lan2 = (await lab.must("gw", ["ip", "-4", "-br", "neigh", "show", "dev", "br-lan"])).split(
    /\s+/,
  )[0];
  const scan = await lab.exec("guest", ["ping", "-c", "1", "-W", "1", lan2 ?? "192.168.1.1"]);
  expect(scan.code).not.toBe(0);
});
