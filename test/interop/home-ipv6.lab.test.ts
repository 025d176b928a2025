import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { ADDRESSES6, homeMac } from "../lab/topology.ts";
import { Box } from "./box.ts";

/** IPv6 of the home behind a line that delegates a /56: Linux hosts, ping, curl, dig, rdisc6 and dhclient judge it. */
let lab: Lab;
let box: Box;

interface LanView {
  readonly networks: readonly {
    readonly name: string;
    readonly ipv6?: { readonly subnets: readonly { readonly prefix: string }[] };
  }[];
}
interface HostAddress {
  readonly local: string;
  readonly deprecated?: boolean;
  readonly valid_life_time: number;
}
type Host = "lan1" | "guest";

const FIRST = "2a01:cb08:1000:";
const OTHER = "2a01:cb0c:2000:";
/** What a host makes of a /64 and its hardware address. */
const hostPart = (host: Host): string => {
  const [a = "", b, c, d, e, f] = homeMac(host).split(":");
  return `${(Number.parseInt(a, 16) ^ 2).toString(16)}${b}:${c}ff:fe${d}:${e}${f}`.replace(
    /\b0+(?=[0-9a-f])/g,
    "",
  );
};

const addresses = async (host: Host): Promise<readonly HostAddress[]> => {
  const shown = await lab.must(host, [
    ...["ip", "-6", "-j", "address", "show", "dev", "eth0", "scope", "global", "-tentative"],
  ]);
  // `ip` writes an empty object for each address it leaves out.
  const links = JSON.parse(shown) as readonly {
    readonly addr_info?: readonly (HostAddress | { readonly local?: undefined })[];
  }[];
  return links.flatMap((one) =>
    (one.addr_info ?? []).flatMap((info) => (info.local === undefined ? [] : [info])),
  );
};
const addressIn = async (host: Host, start: string): Promise<HostAddress | undefined> =>
  (await addresses(host)).find((one) => one.local.startsWith(start));
const until = (host: Host, start: string, limitMs = 30_000): Promise<HostAddress> =>
  lab.waitFor(`an address ${start} on ${host}`, () => addressIn(host, start), limitMs);
const ping = async (host: Host, to: string, count = 1): Promise<number> =>
  (await lab.exec(host, ["ping", "-6", "-c", `${count}`, "-i", "0.2", "-W", "2", to])).code;
const ownPrefix = async (): Promise<string> => {
  const view = await box.until<LanView>("lan/state", "two prefixes", ({ networks }) =>
    networks.every(({ ipv6 }) => ipv6?.subnets.length === 2),
  );
  const prefix = view.networks[0]?.ipv6?.subnets.find((one) => one.prefix.startsWith("fd"))?.prefix;
  if (prefix === undefined) throw new Error("no prefix of the home's own");
  return prefix.replace("::/64", "");
};
const bridgeAddresses = async (): Promise<readonly string[]> => {
  const shown = await lab.must("gw", ["ip", "-6", "-o", "address", "show", "dev", "br-lan"]);
  return [...shown.matchAll(/inet6 (\S+) scope global/g)].map(([, one]) => one ?? "").sort();
};
const ourRoutes = async (): Promise<readonly string[]> =>
  (await lab.must("gw", ["ip", "-6", "route", "show", "proto", "80"]))
    .split("\n")
    .map((line) => line.replace(/ expires \d+sec/, "").trim())
    .filter((line) => line.includes("br-"))
    .sort();

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  await until("lan1", FIRST);
  await until("guest", FIRST);
  const answered = async () => (await ping("lan1", ADDRESSES6.internet)) === 0;
  await lab.waitFor("an answer of the Internet", answered, 15_000);
});
afterAll(() => lab.down());

describe("a Linux host with SLAAC", () => {
  test("has an address of the operator's prefix and one of the home's own, and a default route", async () => {
    const own = await ownPrefix();
    const global = await until("lan1", FIRST);
    expect(global.local).toBe(`2a01:cb08:1000:0:${hostPart("lan1")}`);
    expect(global.valid_life_time).toBeLessThanOrEqual(5400);
    await until("lan1", own);
    const route = await lab.must("lan1", ["ip", "-6", "route", "show", "default"]);
    const bridge = await lab.must("gw", ["ip", "-6", "-o", "address", "show", "dev", "br-lan"]);
    const router = /inet6 (fe80::\S+)\/64/.exec(bridge)?.[1];
    expect(route).toContain(`default via ${router} dev eth0 proto ra`);
  });

  test("rdisc6 hears the prefixes, the resolver that stays and the domain", async () => {
    const own = await ownPrefix();
    const told = await lab.must("lan1", ["rdisc6", "-1", "-r", "3", "-w", "5000", "eth0"]);
    expect(told).toContain(`${FIRST}:/64`);
    expect(told).toContain(`${own}::/64`);
    expect(told).toMatch(/Stateful address conf\. *: *No/);
    expect(told).toMatch(new RegExp(`Recursive DNS server *: *${own}::1`));
    expect(told).toContain("home.arpa");
  });

  test("reaches the Internet, which sees its own address", async () => {
    expect(await ping("lan1", ADDRESSES6.internet, 3)).toBe(0);
    const page = `http://[${ADDRESSES6.internet}]/address`;
    const seen = await lab.must("lan1", ["curl", "-sS", "--max-time", "5", page]);
    expect(seen.trim()).toBe(`2a01:cb08:1000:0:${hostPart("lan1")}`);
  });

  test("asks the resolver it was told by IPv6, by UDP and TCP; it has a name, both ways", async () => {
    const server = `@${await ownPrefix()}::1`;
    const dig = async (...words: readonly string[]): Promise<string> =>
      (await lab.must("lan1", ["dig", "+short", ...words, server])).trim();
    expect(await dig("AAAA", "web.internet.test")).toBe(ADDRESSES6.internet);
    expect(await dig("+tcp", "AAAA", "web.internet.test")).toBe(ADDRESSES6.internet);
    expect(await dig("AAAA", "box.home.arpa")).toBe(server.slice(1));
    await lab.lease("udhcpc", "lan1");
    await lab.must("lan1", ["udhcpc", "-i", "eth0", "-n", "-q", "-x", "hostname:lan1"]);
    const { local } = await until("lan1", FIRST);
    await lab.waitFor(
      "the name",
      async () => (await dig("AAAA", "lan1.home.arpa")).includes(local),
      10_000,
    );
    expect(await dig("-x", local)).toBe("lan1.home.arpa.");
  });
});

describe("the firewall between", () => {
  test("the guest has a /64 of its own, the Internet, and no way into the home", async () => {
    const guest = await until("guest", FIRST);
    expect(guest.local).toBe(`2a01:cb08:1000:1:${hostPart("guest")}`);
    expect(await ping("guest", ADDRESSES6.internet, 2)).toBe(0);
    const { local } = await until("lan1", FIRST);
    const own = await until("lan1", await ownPrefix());
    expect(await ping("guest", local)).not.toBe(0);
    expect(await ping("guest", own.local)).not.toBe(0);
  });

  test("what nobody inside asked for is dropped at the line", async () => {
    const { local } = await until("lan1", FIRST);
    await lab.serve("lan1", "httpd6", ["busybox", "httpd", "-f", "-p", "[::]:8088"]);
    const here = ["curl", "-sS", "-o", "/dev/null", "--max-time", "3", `http://[${local}]:8088/`];
    const fromItself = async () => (await lab.exec("lan1", here)).code === 0;
    await lab.waitFor("a server on lan1", fromItself, 10_000);
    const inside = await lab.capture("lan1", "eth0", "ip6 and tcp port 8088");
    // 28: a time-out. Nothing comes back, not even a refusal.
    expect((await lab.exec("internet", here)).code).toBe(28);
    await inside.stop();
    expect(await inside.text()).toEqual([]);
  });

  test("the box's own address in the home gives the Internet no DNS", async () => {
    const dig = ["dig", "+time=2", "+tries=1", "+short", "box.home.arpa", `@${FIRST}:1`];
    expect((await lab.exec("lan1", dig)).code).toBe(0);
    expect((await lab.exec("internet", dig)).code).not.toBe(0);
    expect((await lab.exec("internet", [...dig, "+tcp"])).code).not.toBe(0);
  });
});

describe("dhclient", () => {
  const script = "/tmp/dhclient6.sh";
  const dhclient = async (...words: readonly string[]): Promise<string> => {
    const files = ["-lf", "/tmp/dhclient6.leases", "-pf", "/tmp/dhclient6.pid", "-sf", script];
    await lab.must("lan1", ["sh", "-c", `: > /tmp/dhclient6.leases; env > /dev/null`]);
    await lab.must("lan1", ["dhclient", "-6", "-1", ...files, ...words, "eth0"], {
      timeoutMs: 60_000,
    });
    const told = await lab.must("lan1", ["cat", "/tmp/dhclient6.leases", "/tmp/dhclient6.told"]);
    await lab.must("lan1", ["dhclient", "-6", "-x", ...files, "eth0"]);
    return told;
  };

  test("stateless: the resolver and the domain; stateful, once it is configured: an address and a prefix", async () => {
    const own = await ownPrefix();
    await lab.exec("lan1", ["tee", script], { input: "#!/bin/sh\nenv > /tmp/dhclient6.told\n" });
    await lab.must("lan1", ["chmod", "755", script]);
    expect(await dhclient("-S")).toContain(`new_dhcp6_name_servers=${own}::1\n`);
    const patch = { ipv6: { enabled: true, ula: "auto", addressing: "slaac-and-dhcpv6" } };
    const outcome = await box.call("config/apply", {
      changes: [{ section: "lan", patch }],
      author: { name: "test", origin: "lan" },
    });
    expect(outcome).toMatchObject({ ok: true });
    const isManaged = async () =>
      /address conf\. *: *Yes/.test(
        (await lab.exec("lan1", ["rdisc6", "-1", "-w", "3000", "eth0"])).stdout,
      );
    await lab.waitFor("the managed flag", isManaged, 20_000);
    const lease = await dhclient("-N", "-P");
    expect(lease).toMatch(/iaaddr 2a01:cb08:1000:0:/);
    expect(lease).toContain(`iaaddr ${own}`);
    const prefix = /iaprefix (2a01:cb08:1000:[0-9a-f]+::\/64)/.exec(lease)?.[1];
    expect(await ourRoutes()).toContainEqual(
      expect.stringMatching(new RegExp(`^${prefix} via fe80::\\S+ dev br-lan`)),
    );
  });
});

describe("changes", () => {
  test("kill -9: addresses and routes stay, and no packet is lost", async () => {
    const before = { addresses: await bridgeAddresses(), routes: await ourRoutes() };
    const { starts } = await lab.daemon("lan");
    const words = ["-6", "-c", "60", "-i", "0.1", "-W", "1", ADDRESSES6.internet];
    const flow = lab.exec("lan1", ["ping", ...words], { timeoutMs: 60_000 });
    const monitor = lab.spawn("gw", ["ip", "-6", "monitor", "route", "address"]);
    let changes = "";
    monitor.stdout?.on("data", (chunk: Buffer) => {
      changes += chunk.toString();
    });
    await lab.fault("daemon-kill", "lan");
    const isBack = () =>
      lab.daemon("lan").then(
        (next) => next.starts > starts,
        () => false,
      );
    await lab.waitFor("the next life", isBack, 10_000);
    const told = await lab.must("lan1", ["rdisc6", "-1", "-r", "3", "-w", "5000", "eth0"]);
    expect(told).toContain(`${FIRST}:/64`);
    const { stdout } = await flow;
    monitor.kill("SIGTERM");
    expect(stdout).toContain(" 0% packet loss");
    expect(changes).not.toMatch(/^Deleted .*br-/m);
    expect(await bridgeAddresses()).toEqual(before.addresses);
    expect(await ourRoutes()).toEqual(before.routes);
  });

  test("no router on the line: no default route for hosts, who keep their addresses; and back (G-5)", async () => {
    const hasDefault = async (): Promise<boolean> =>
      (await lab.must("lan1", ["ip", "-6", "route", "show", "default"])).trim() !== "";
    await lab.fault("ra-stop", "on");
    await lab.waitFor("no default route", async () => !(await hasDefault()), 30_000);
    expect((await until("lan1", FIRST)).deprecated).toBeUndefined();
    await lab.fault("ra-stop", "off");
    await lab.waitFor("the default route", hasDefault, 30_000);
  });

  test("another prefix: the host's old address is deprecated in seconds, the new one leads to the Internet", async () => {
    await lab.fault("prefix-change");
    await box.call("wan/reconnect", {});
    const fresh = await until("lan1", OTHER, 60_000);
    await lab.waitFor(
      "the old address deprecated",
      async () => (await addressIn("lan1", FIRST))?.deprecated === true,
      20_000,
    );
    expect(await bridgeAddresses()).not.toContainEqual(expect.stringContaining(FIRST));
    // Nor a route of the kernel's own.
    expect(await lab.must("gw", ["ip", "-6", "route", "show", "dev", "br-lan"])).not.toContain(
      FIRST,
    );
    const answered = async () => (await ping("lan1", ADDRESSES6.internet)) === 0;
    await lab.waitFor("an answer of the Internet", answered, 15_000);
    const page = `http://[${ADDRESSES6.internet}]/address`;
    const seen = await lab.must("lan1", ["curl", "-sS", "--max-time", "5", page]);
    expect(seen.trim()).toBe(fresh.local);
  });

  test("switched off: the default route goes, and the bridge has no address of IPv6 any more", async () => {
    const outcome = await box.call("config/apply", {
      changes: [
        { section: "lan", patch: { ipv6: { enabled: false, ula: "auto", addressing: "slaac" } } },
      ],
      author: { name: "test", origin: "lan" },
    });
    expect(outcome).toMatchObject({ ok: true });
    const isGone = async () =>
      (await lab.must("lan1", ["ip", "-6", "route", "show", "default"])).trim() === "";
    await lab.waitFor("no default route", isGone, 20_000);
    expect(await bridgeAddresses()).toEqual([]);
    expect(await ourRoutes()).toEqual([]);
  });
});
