import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { ADDRESSES6, type HostName, WAN_MAC } from "../topology.ts";
import { ORANGE_LINE } from "./orange.ts";

// The operators are asked by clients that are not ours: the kernel's own router discovery, and dhclient for a prefix.

const HEX_MAC = WAN_MAC.replaceAll(":", "");
const ascii = (text: string) => Buffer.from(text, "latin1").toString("hex");
const byte = (value: number) => value.toString(16).padStart(2, "0");
const colons = (hex: string) => (hex.match(/../g) ?? []).join(":");

/** Runs dhclient once for a prefix; answers what it got, and its words where it got nothing. */
async function askPrefix(lab: Lab, lines: readonly string[]): Promise<string> {
  await lab.exec("gw", ["tee", "/etc/dhclient6.conf"], { input: `${lines.join("\n")}\n` });
  await lab.exec("gw", ["rm", "-f", "/tmp/6.leases"]);
  const words = ["-cf", "/etc/dhclient6.conf", "-lf", "/tmp/6.leases", "-pf", "/tmp/6.pid"];
  const argv = ["dhclient", "-6", "-P", "-1", "-D", "LL", "-sf", "/bin/true", ...words, "wan0"];
  const said = await lab.exec("gw", argv, { timeoutMs: 15_000 });
  await lab.exec("gw", ["pkill", "-KILL", "-x", "dhclient"]);
  const leases = await lab.exec("gw", ["cat", "/tmp/6.leases"]);
  return /iaprefix (\S+) \{/.exec(leases.stdout)?.[1] ?? said.stderr;
}

async function start(operator: "ethernet" | "orange"): Promise<Lab> {
  const lab = await Lab.up({ gateway: "none", operator });
  await lab.must("gw", ["sysctl", "-q", "-w", "net.ipv6.conf.wan0.accept_dad=0"]);
  await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
  return lab;
}
const show = (lab: Lab, host: HostName, ...words: readonly string[]) =>
  lab.must(host, ["ip", "-6", ...words]);

describe("the operator ethernet, by IPv6", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await start("ethernet");
  });
  afterAll(() => lab.down());

  it("gives the kernel a router and an address, with which it meets the Internet", async () => {
    const hasRoute = async () => (await show(lab, "gw", "route", "show", "default")) !== "";
    await lab.waitFor("a default route", hasRoute, 10_000);
    expect(await show(lab, "gw", "route", "show", "default")).toContain(
      `default via ${ADDRESSES6.accessRouter} dev wan0 proto ra`,
    );
    expect(await show(lab, "gw", "address", "show", "dev", "wan0")).toContain(
      "2a01:cb08:ff00:1:70:61ff:fe00:1/64",
    );
    await lab.must("gw", ["ping", "-6", "-c", "1", "-W", "3", ADDRESSES6.internet]);
  });

  it("delegates a /56 to dhclient, with its way there, and another one after the fault", async () => {
    expect(await askPrefix(lab, [])).toBe("2a01:cb08:1000::/56");
    const way = await show(lab, "isp", "route", "show", "2a01:cb08:1000::/56");
    expect(way).toContain("via fe80::70:61ff:fe00:1 dev access");
    await lab.fault("prefix-change");
    expect(await askPrefix(lab, [])).toBe("2a01:cb0c:2000::/56");
    expect(await show(lab, "isp", "route", "show", "2a01:cb08:1000::/56")).toBe("");
  });

  it("is no router any more when told, and answers no DHCPv6", async () => {
    await lab.fault("ra-stop", "on");
    const hasNone = async () => (await show(lab, "gw", "route", "show", "default")) === "";
    await lab.waitFor("no default route", hasNone, 10_000);
    await lab.fault("ra-stop", "off");
    await lab.waitFor("a default route", async () => !(await hasNone()), 10_000);
    await lab.fault("dhcp6-silent", "on");
    expect(await askPrefix(lab, [])).not.toContain("/56");
    await lab.fault("dhcp6-silent", "off");
    expect(await askPrefix(lab, [])).toBe("2a01:cb0c:2000::/56");
  });
});

describe("the operator orange, by IPv6", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await start("orange");
  });
  afterAll(() => lab.down());

  const salt = "0123456789abcdef";
  const digest = createHash("md5")
    .update(`0${ORANGE_LINE.password}${salt}`, "latin1")
    .digest("hex");
  const login = `01${byte(ORANGE_LINE.login.length + 2)}${ascii(ORANGE_LINE.login)}`;
  const authentication = `${"00".repeat(11)}1a0900000558010341${login}3c12${ascii(salt)}031330${digest}`;
  const userClass = `${byte(ORANGE_LINE.userClass.length)}${ascii(ORANGE_LINE.userClass)}`;

  /** As people configure dhclient for this operator. */
  const box = (said = authentication): readonly string[] => [
    "option dhcp6.auth code 11 = string;",
    "option dhcp6.userclass code 15 = string;",
    "option dhcp6.vendorclass code 16 = string;",
    'interface "wan0" {',
    `  send dhcp6.client-id ${colons(`00030001${HEX_MAC}`)};`,
    `  send dhcp6.auth ${colons(said)};`,
    `  send dhcp6.userclass ${colons(`00${userClass}`)};`,
    `  send dhcp6.vendorclass ${colons("0000040e0005736167656d")};`,
    `  send dhcp6.vendor-opts ${colons(`000005580006000e${ascii("IPV6_REQUESTED")}`)};`,
    "  request dhcp6.auth, dhcp6.vendor-opts, dhcp6.name-servers, dhcp6.domain-search;",
    "}",
  ];
  const ask4 = (said = authentication) =>
    lab.exec(
      "gw",
      [
        ...["udhcpc", "-i", "wan0", "-B", "-t", "3", "-T", "1", "-n", "-q", "-V", "sagem", "-o"],
        ...[1, 3, 6, 15, 28, 51, 58, 59, 90, 119, 125].flatMap((code) => ["-O", `${code}`]),
        ...["-x", `0x4d:${userClass}`, "-x", `0x5a:${said}`],
      ],
      { timeoutMs: 20_000 },
    );

  it("advertises a router and no prefix", async () => {
    const hasRoute = async () => (await show(lab, "gw", "route", "show", "default")) !== "";
    await lab.waitFor("a default route", hasRoute, 10_000);
    expect(await show(lab, "gw", "route", "show", "default")).toContain(
      `default via ${ADDRESSES6.orangeRouter} dev wan0 proto ra`,
    );
    expect(await show(lab, "gw", "address", "show", "dev", "wan0")).not.toContain("scope global");
  });

  it("does not hear a line whose DHCPv4 it never heard, and serves the box", async () => {
    expect(await askPrefix(lab, box())).not.toContain("/56");
    expect(lab.operatorLog6().at(-1)).toMatchObject({ reason: "no_dhcpv4_of_this_mac" });
    expect((await ask4()).stderr).toContain("lease of 81.250.0.100 obtained");
    expect(await askPrefix(lab, box())).toBe("2a01:cb08:1000:100::/56");
  });

  it("parks both families of a line that says two things", async () => {
    const other = authentication.replace(ascii(salt), ascii("0123456789abcdee"));
    expect(await askPrefix(lab, box(other))).not.toContain("/56");
    expect(lab.operatorLog6().at(-1)).toMatchObject({ verdict: "parked", refusal: "no_prefix" });
    expect((await ask4()).stderr).toContain("lease of 172.19.");
    expect(await askPrefix(lab, box())).toBe("2a01:cb08:1000:100::/56");
    expect((await ask4()).stderr).toContain("lease of 81.250.0.");
  });
});
