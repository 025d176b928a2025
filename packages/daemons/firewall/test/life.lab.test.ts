import { afterEach, beforeEach, expect, test } from "vitest";
import { flow, type Gateway, openForBusiness, serve, startGateway } from "./lab/gateway.ts";
import { sleep, until } from "./lab/hosts.ts";
import { ADDRESS, createNeighbourhood, MAC, type Neighbourhood } from "./lab/neighbourhood.ts";

let n: Neighbourhood;
let gateway: Gateway;

beforeEach(async () => {
  n = await createNeighbourhood();
  gateway = await startGateway(n.gw);
});
afterEach(() => n.hosts.end());

const listing = () => n.gw.must(["nft", "list", "table", "inet", "passerelle"]);
const counter = async (set: string): Promise<number> => {
  const text = await n.gw.must(["nft", "list", "set", "inet", "passerelle", set]);
  return Number(/counter packets (\d+)/.exec(text.slice(text.indexOf("elements")))?.[1] ?? 0);
};

test("before anything is known the base rules stand and nothing is forwarded", async () => {
  expect(await listing()).toContain(`iifname "br-*" goto input_lan`);
  expect((await n.gw.must(["cat", "/proc/sys/net/ipv4/ip_forward"])).trim()).toBe("0");
  await serve(n.gw, 22, 53);
  expect((await n.lan1.run(["ping", "-c1", "-W1", ADDRESS.gwLan])).code).toBe(0);
  expect((await n.wan.run(["ping", "-c1", "-W1", ADDRESS.gwWan])).code).not.toBe(0);
});

test("20 reloads during a flow of 200 packets/s lose none and keep the counters", async () => {
  await openForBusiness(n, gateway);
  await serve(n.wan, 7000);
  await flow(n.lan1, ADDRESS.wan, 7000, 100, 200);
  const before = await counter("traffic_up");
  expect(before).toBeGreaterThan(10);
  const running = flow(n.lan1, ADDRESS.wan, 7000, 200, 5000);
  await sleep(300);
  for (let i = 0; i < 20; i += 1) {
    const done = await gateway.configure({
      answerPing: i % 2 === 0,
      rejectPrivateDestinations: i % 3 === 0,
    });
    expect(done.ok).toBe(true);
    await sleep(150);
  }
  const { sent, received } = await running;
  expect(sent).toBeGreaterThan(900);
  expect(received).toBe(sent);
  expect(await counter("traffic_up")).toBeGreaterThanOrEqual(before + sent);
  expect(await counter("traffic_down4")).toBeGreaterThanOrEqual(sent);
});

test("traffic is published per device", async () => {
  await openForBusiness(n, gateway);
  await serve(n.wan, 7000);
  await flow(n.lan1, ADDRESS.wan, 7000, 200, 1000);
  const last = await until(
    "traffic",
    () => gateway.heard("traffic").find((t) => (t.value.devices as unknown[]).length > 0),
    15_000,
  );
  const [device] = last.value.devices as { mac: string; upPackets: number; downPackets: number }[];
  expect(device?.mac).toBe(MAC.lan1);
  expect(device?.upPackets).toBeGreaterThan(150);
  expect(device?.downPackets).toBe(device?.upPackets);
});

test("a refused transaction leaves what was there and says so; it gets through in the end", async () => {
  await openForBusiness(n, gateway);
  // A set of ours with another type, put there in one transaction, can't be changed in place.
  const strange =
    "table inet passerelle { set traffic_up { type ipv6_addr; }; chain theirs { accept; }; }";
  await n.gw.must(["nft", "-f", "-"], `delete table inet passerelle; ${strange}`);
  const before = await listing();
  const refused = await gateway.configure({ answerPing: false });
  expect(refused).toMatchObject({ ok: false, error: { code: "ruleset_refused" } });
  expect(await listing()).toBe(before);
  const failed = gateway.heard("state").find((state) => state.value.kind === "failed");
  expect(failed?.value.fault).toMatchObject({ code: "ruleset_refused" });
  await until("the rules are back", () =>
    gateway.heard("state").at(-1)?.value.kind === "protecting" ? true : undefined,
  );
  expect(await listing()).toContain("masquerade");
});

test("a foreign flush is repaired long before the regular look, also one of many", async () => {
  await openForBusiness(n, gateway);
  const repaired = () =>
    until(
      "the rules are back",
      async () => {
        const seen = await n.gw.run(["nft", "list", "table", "inet", "passerelle"]);
        return seen.code === 0 && seen.stdout.includes("masquerade") ? true : undefined;
      },
      5_000,
    );
  for (let i = 0; i < 3; i += 1) {
    await n.gw.must(["nft", "flush", "ruleset"]);
    await repaired();
  }
  for (let i = 0; i < 30; i += 1) await n.gw.must(["nft", "flush", "ruleset"]);
  await repaired();
});

test("R-01 killed and started again: the rules stay, no packet is lost", async () => {
  await openForBusiness(n, gateway);
  await serve(n.wan, 7000);
  const before = await listing();
  const running = flow(n.lan1, ADDRESS.wan, 7000, 200, 4000);
  await sleep(300);
  await gateway.kill();
  expect((await listing()).includes("masquerade")).toBe(true);
  gateway = await startGateway(n.gw);
  // Nobody told the new process anything yet: what was in force stays.
  const identity = /passerelle 1 [0-9a-f]{64}/;
  expect(identity.exec(await listing())?.[0]).toBe(identity.exec(before)?.[0]);
  await openForBusiness(n, gateway);
  await until("protecting", () => gateway.heard("state").at(-1));
  const { sent, received } = await running;
  expect(received).toBe(sent);
});
