import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  aliveState,
  appliedState,
  configState,
  type DaemonName,
  lanState,
  webState,
} from "@passerelle/contract";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followHealth, type Health } from "../../src/edge/upgrade/health.ts";

const DAEMONS = ["config", "firewall", "lan", "wan", "web"] as const satisfies DaemonName[];

let context: TestContext<undefined>;
let health: Health;
let server: Server;
let statuses: Record<string, number>;

beforeEach(async () => {
  statuses = {};
  server = createServer((request, response) => {
    const status = statuses[request.url ?? ""] ?? 404;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status).end("x");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  context = testContext({ config: undefined, client: "system" });
  health = followHealth(context.bus);
  await settle();
});
afterEach(async () => {
  for (const subscription of health.subscriptions) subscription.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await context.dispose();
});

/** Everything as it should be. */
async function good(): Promise<void> {
  statuses = { "/": 200, "/api/v1/welcome": 200 };
  for (const name of DAEMONS) {
    alive(name, "online", 1);
    applied(name, `digest of ${name}`);
  }
  context.hub.client("config").publish(configState, {
    revision: 1,
    phase: { kind: "confirmed" },
    digests: Object.fromEntries(DAEMONS.map((name) => [name, `digest of ${name}`])),
  });
  lan("serving");
  context.hub.client("web").publish(webState, {
    ...{ kind: "serving", since: 1, names: [], firstRunDone: true, faults: [] },
    ...{ addresses: ["127.0.0.1"], httpPort: (server.address() as AddressInfo).port },
  });
  await settle();
}

function lan(kind: "serving" | "starting" | "degraded", code?: string): void {
  const dns = { domain: "home.arpa", upstreams: [], blockedNames: 0 };
  const faults = code === undefined ? [] : [{ code, text: { fr: "non", en: "no" } }];
  context.hub.client("lan").publish(lanState, { kind, since: 1, networks: [], dns, faults });
}

function alive(name: DaemonName, status: "online" | "offline", pid: number): void {
  context.hub.client(name).publish(aliveState[name], { status, pid, since: 1 });
}

function applied(name: DaemonName, digest: string): void {
  const result = { kind: "running" as const };
  context.hub.client(name).publish(appliedState[name], { revision: 1, digest, result });
}

async function missing(): Promise<readonly string[]> {
  await settle();
  return (await health.check()).missing;
}

describe("a system is good", () => {
  test("with everything, and not before", async () => {
    expect(await missing()).toEqual(["lan", "daemons", "configuration", "page"]);
    await good();
    expect(await missing()).toEqual([]);
  });
  test("also where people are sent to HTTPS", async () => {
    await good();
    statuses = { "/": 308, "/api/v1/welcome": 308 };
    expect(await missing()).toEqual([]);
  });
  test("on a full disk: the home is served all the same", async () => {
    await good();
    lan("degraded", "leases_not_stored");
    expect(await missing()).toEqual([]);
  });
  test("whose operator gives too little IPv6: no other release would have more", async () => {
    await good();
    lan("degraded", "ipv6_prefix_too_small");
    expect(await missing()).toEqual([]);
  });
});

describe("a system lacks", () => {
  beforeEach(good);
  test.each(DAEMONS)("its daemon %s", async (name) => {
    alive(name, "offline", 1);
    expect(await missing()).toEqual(["daemons"]);
  });
  test.each(DAEMONS)("the configuration of %s", async (name) => {
    applied(name, "another");
    expect(await missing()).toEqual(["configuration"]);
  });
  test("a home that is served", async () => {
    lan("starting");
    expect(await missing()).toEqual(["lan"]);
    lan("degraded", "dhcp_not_listening");
    expect(await missing()).toEqual(["lan"]);
  });
  test.each([
    ["/", 500],
    ["/", 404],
    ["/", 0],
    ["/api/v1/welcome", 500],
    ["/api/v1/welcome", 0],
  ])("its page: %s answers %d", async (path, status) => {
    statuses[path] = status;
    expect(await missing()).toEqual(["page"]);
  });
  test("rest: who began anew has another life", async () => {
    const before = (await health.check()).lives;
    alive("wan", "online", 2);
    await settle();
    expect((await health.check()).lives).not.toBe(before);
  });
});
