import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Capture, Lab } from "../lab/lab.ts";
import { ADDRESSES6, GATEWAY_WAN } from "../lab/topology.ts";
import { Box, type WanView } from "./box.ts";

/** IPv6 of the line against radvd and Kea: what the kernel has, what the home is told, and what the Internet answers. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  await ready();
  // An address of one's own takes the seconds of duplicate address detection.
  await answered();
});
afterAll(() => lab.down());

interface PrefixesView {
  readonly prefixes: readonly { readonly prefix: string; readonly validUntil?: number }[];
  readonly reachable: boolean;
}

const FIRST = "2a01:cb08:1000::/56";
const OTHER = "2a01:cb0c:2000::/56";
/** EUI-64 of the line's hardware address. */
const OWN = `${ADDRESSES6.accessPrefix.replace("::/64", "")}:70:61ff:fe00:1`;
const DEFAULT = `default via ${ADDRESSES6.accessRouter} dev ${GATEWAY_WAN}`;

const prefixes = (what: string, wanted: (view: PrefixesView) => boolean, limitMs = 30_000) =>
  box.until<PrefixesView>("wan/prefixes", what, wanted, limitMs);
const ready = (prefix = FIRST): Promise<PrefixesView> =>
  prefixes(
    `${prefix} and a router`,
    (view) => view.reachable && view.prefixes.length === 1 && view.prefixes[0]?.prefix === prefix,
  );
/** Routes of the line, without what is left of their lives. */
const routes = async (): Promise<readonly string[]> =>
  (await lab.must("gw", ["ip", "-6", "route", "show", "proto", "80"]))
    .split("\n")
    .map((line) => line.replace(/ expires \d+sec/, "").trim())
    .filter((line) => line !== "")
    .sort();
const addresses = async (): Promise<readonly string[]> => {
  const shown = await lab.must("gw", ["ip", "-6", "-o", "address", "show", "dev", GATEWAY_WAN]);
  return [...shown.matchAll(/inet6 (\S+) scope global/g)].map(([, one]) => one ?? "").sort();
};
const ping = async (count = 3): Promise<number> =>
  (
    await lab.exec("gw", [
      "ping",
      "-6",
      "-c",
      `${count}`,
      "-i",
      "0.2",
      "-W",
      "2",
      ADDRESSES6.internet,
    ])
  ).code;
const answered = () =>
  lab.waitFor("an answer of the Internet", async () => (await ping(1)) === 0, 10_000);
const untilRoutes = (
  what: string,
  wanted: (list: readonly string[]) => boolean,
  limitMs = 15_000,
) => lab.waitFor(what, async () => wanted(await routes()), limitMs);
/** Messages of the client, as tcpdump names them. */
const said = async (capture: Capture): Promise<readonly string[]> =>
  (await capture.text()).flatMap((line) => /\.546 > .*: dhcp6 (\w+)/.exec(line)?.[1] ?? []);

afterEach(async () => {
  await lab.fault("carrier-loss", "off");
  await lab.fault("ra-stop", "off");
  await lab.fault("dhcp6-silent", "off");
});

describe("a line of an operator with router advertisements and DHCPv6", () => {
  test("a default route of the router, an address of its prefix, each with its end", async () => {
    const shown = await lab.must("gw", ["ip", "-6", "route", "show", "default"]);
    const left = Number(/expires (\d+)sec/.exec(shown)?.[1]);
    expect(shown).toContain(DEFAULT);
    // None that the kernel has made of the advertisement by itself.
    expect(shown.trim().split("\n")).toHaveLength(1);
    expect(left).toBeGreaterThan(1700);
    expect(left).toBeLessThanOrEqual(1800);
    expect(await addresses()).toEqual([`${OWN}/64`]);
    const valid = await lab.must("gw", ["ip", "-6", "address", "show", "to", OWN]);
    const seconds = Number(/valid_lft (\d+)sec/.exec(valid)?.[1]);
    expect(seconds).toBeGreaterThan(7000);
    expect(seconds).toBeLessThanOrEqual(7200);
  });

  test("a /56 for the home, the rest of which is unreachable (RFC 7084 WPD-5)", async () => {
    const { prefixes: given } = await ready();
    expect(given[0]?.validUntil).toBeDefined();
    expect(await routes()).toContainEqual(expect.stringContaining(`unreachable ${FIRST}`));
    const asked = await lab.exec("gw", [
      "ping",
      "-6",
      "-c",
      "1",
      "-W",
      "1",
      "2a01:cb08:1000:77::1",
    ]);
    expect(asked.code).not.toBe(0);
    // From outside: a packet into the prefix comes back as an error, and does not run in a circle.
    const seen = await lab.capture("isp", "access", "icmp6 and ip6[6] == 58 and ip6[40] <= 128");
    await lab.exec("internet", ["ping", "-6", "-c", "1", "-W", "1", "2a01:cb08:1000:77::1"]);
    await lab.waitFor("an echo request", async () => (await seen.text()).length > 0, 5000);
    await seen.stop();
    const requests = (await seen.text()).filter((line) => line.includes("echo request"));
    expect(requests).toHaveLength(1);
  });

  test("the Internet answers by IPv6, and sees the line's own address", async () => {
    expect(await ping()).toBe(0);
    const page = `http://[${ADDRESSES6.internet}]/address`;
    expect((await lab.must("gw", ["curl", "-sS", "--max-time", "5", page])).trim()).toBe(OWN);
    const aaaa = await lab.must("gw", [
      ...["dig", "+short", "AAAA", "web.internet.test", `@${ADDRESSES6.resolver}`],
    ]);
    expect(aaaa.trim()).toBe(ADDRESSES6.internet);
  });
});

describe("faults", () => {
  test("a router that is none any more takes its route away, and nothing else (W-3, G-5)", async () => {
    await lab.fault("ra-stop", "on");
    const view = await prefixes("nothing reachable", ({ reachable }) => !reachable);
    expect(view.prefixes.map(({ prefix }) => prefix)).toEqual([FIRST]);
    await untilRoutes("no default route", (list) => !list.some((one) => one.startsWith("default")));
    expect(await addresses()).toEqual([`${OWN}/64`]);
    expect(await ping(1)).not.toBe(0);
    await lab.fault("ra-stop", "off");
    await ready();
    await untilRoutes("the default route", (list) => list.some((one) => one.startsWith(DEFAULT)));
    expect(await ping()).toBe(0);
  });

  test("a server that is silent leaves a healthy line alone, and is asked until it answers", async () => {
    const before = await routes();
    await lab.fault("dhcp6-silent", "on");
    await box.call("wan/reconnect", {});
    const capture = await lab.capture("isp", "access", "udp port 547");
    await lab.waitFor("a Solicit again", async () => (await said(capture)).length >= 2, 15_000);
    expect(new Set(await said(capture))).toEqual(new Set(["solicit"]));
    expect(await routes()).toEqual(before);
    expect(await ping()).toBe(0);
    await lab.fault("dhcp6-silent", "off");
    await lab.waitFor(
      "a reply",
      async () => /dhcp6 reply/.test((await capture.text()).join("\n")),
      30_000,
    );
    await capture.stop();
    await ready();
    expect(await routes()).toEqual(before);
  });

  test("another prefix without overlap: the old one goes, in the kernel and for the home", async () => {
    await lab.fault("prefix-change");
    await box.call("wan/reconnect", {});
    await ready(OTHER);
    await untilRoutes("the other unreachable route", (list) =>
      list.some((one) => one.startsWith(`unreachable ${OTHER}`)),
    );
    expect((await routes()).join("\n")).not.toContain(FIRST);
    expect(await lab.must("isp", ["ip", "-6", "route", "show", OTHER])).toContain("via fe80::");
    expect(await ping()).toBe(0);
  });

  test("a prefix that changed while the cable was out is known after the cable (RFC 9096)", async () => {
    await lab.fault("carrier-loss", "on");
    // Linux tells nobody of a loss that is over within a second.
    const isOut = ({ access }: WanView) => access.kind === "no_carrier";
    await box.until<WanView>("wan/state", "the loss is noticed", isOut);
    await lab.fault("prefix-change");
    const capture = await lab.capture("isp", "access", "udp port 547");
    await lab.fault("carrier-loss", "off");
    await ready(FIRST);
    await capture.stop();
    expect((await said(capture))[0]).toBe("rebind");
    await untilRoutes("one unreachable route", (list) =>
      list
        .filter((one) => one.startsWith("unreachable"))
        .join()
        .startsWith(`unreachable ${FIRST}`),
    );
    expect((await routes()).join("\n")).not.toContain(OTHER);
  });
});

describe("a daemon that dies", () => {
  test("kill -9: addresses, routes and the prefix stay without a gap, and Rebind asks for them", async () => {
    await ready();
    const before = await routes();
    const { starts } = await lab.daemon("wan");
    const words = ["-6", "-c", "60", "-i", "0.1", "-W", "1", ADDRESSES6.internet];
    const flow = lab.exec("gw", ["ping", ...words], { timeoutMs: 60_000 });
    const monitor = lab.spawn("gw", ["ip", "-6", "monitor", "route", "address"]);
    let changes = "";
    monitor.stdout?.on("data", (chunk: Buffer) => {
      changes += chunk.toString();
    });
    const capture = await lab.capture("isp", "access", "udp port 547");
    await lab.fault("daemon-kill", "wan");
    const isBack = () =>
      lab.daemon("wan").then(
        (next) => next.starts > starts,
        () => false,
      );
    await lab.waitFor("the next life", isBack, 10_000);
    await lab.waitFor("a message", async () => (await said(capture)).length > 0, 20_000);
    await lab.waitFor(
      "a reply",
      async () => /dhcp6 reply/.test((await capture.text()).join("\n")),
      20_000,
    );
    await ready();
    const { stdout } = await flow;
    monitor.kill("SIGTERM");
    await capture.stop();
    expect(stdout).toContain(" 0% packet loss");
    expect(new Set(await said(capture))).toEqual(new Set(["rebind"]));
    expect(await routes()).toEqual(before);
    expect(await addresses()).toEqual([`${OWN}/64`]);
    expect(changes).not.toMatch(/^Deleted (default|unreachable|.*scope global)/m);
  });

  test("20 losses of carrier leave as many addresses and routes as before", async () => {
    await ready();
    const before = await routes();
    for (let n = 0; n < 20; n += 1) await lab.fault("carrier-loss", n % 2 === 0 ? "0.05" : "0.6");
    await lab.waitFor(
      "the routes of before",
      async () => `${await routes()}` === `${before}`,
      30_000,
    );
    await ready();
    expect(await addresses()).toEqual([`${OWN}/64`]);
    await answered();
  });
});
