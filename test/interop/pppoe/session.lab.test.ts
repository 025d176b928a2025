import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePrograms } from "../../../packages/tools/image/src/programs.ts";
import { Lab } from "../../lab/lab.ts";
import { whyNoUml } from "../../lab/vm/uml.ts";
import { Box, type WanView } from "../box.ts";
import { settled, WAN } from "../possessions.ts";

/**
 * A line over PPPoE on a kernel that has it: Debian's concentrator (pppoe-server and pppd) at the operator's end, our `wan`
 * with its own client at ours. Nothing is forwarded for the home here: User-mode Linux has no rules of nftables.
 */
const LOGIN = { login: "fti/labtest", password: "azerty1" };
/** Before the patience that a machine has. */
const WAN_MS = 20_000;
const CONCENTRATOR = { name: "lab-ac", address: "81.250.0.1", pool: "81.250.0.200" };

describe.skipIf(whyNoUml() !== undefined)("a line over PPPoE", () => {
  let lab: Lab;
  let box: Box;
  let server: ChildProcess;

  const setLine = (credentials: typeof LOGIN): Promise<void> =>
    change({ profile: "generic-pppoe", credentials });
  const change = async (patch: Readonly<Record<string, unknown>>): Promise<void> => {
    const changes = [{ section: "wan", patch }];
    const author = { name: "test", origin: "lan" };
    const applied = await box.call("config/apply", { changes, author });
    if (!applied.ok) throw new Error(applied.fault.text.en);
  };
  /** Looks again and again: each look is a program in there, and no other reader of the bus is open meanwhile. */
  const untilWan = <T extends WanView = WanView>(
    what: string,
    wanted: (wan: T) => boolean,
  ): Promise<T> =>
    lab.waitFor(
      what,
      async () => {
        const wan = await box.get<T>("wan/state");
        return wan !== undefined && wanted(wan) ? wan : undefined;
      },
      WAN_MS,
    );
  const isOnline = ({ session, reach }: WanView) =>
    session.kind === "connected" && reach.kind === "online";

  beforeAll(async () => {
    lab = await Lab.up({ kernel: "uml" });
    const program = join(import.meta.dirname, "contract-program.ts");
    await bundlePrograms(join(lab.paths.config, "pppoe"), [program]);
    box = new Box(lab);
    const secret = `"${LOGIN.login}" * "${LOGIN.password}" *\n`;
    await lab.must("isp", ["tee", "/etc/ppp/chap-secrets"], { input: secret });
    await lab.must("isp", ["tee", "/etc/ppp/line-options"], { input: OPTIONS });
    server = lab.spawn("isp", [
      ...["pppoe-server", "-F", "-I", "access", "-C", CONCENTRATOR.name],
      ...["-O", "/etc/ppp/line-options", "-N", "20"],
      ...["-L", CONCENTRATOR.address, "-R", CONCENTRATOR.pool],
    ]);
    await setLine(LOGIN);
    await untilWan("the line is online", isOnline);
  }, 300_000);
  afterAll(async () => {
    server?.kill();
    await lab?.down();
  });

  test.each([
    ["files of its own", []],
    ["files that the holder has copies of", [HOLDER]],
  ])("the kernel keeps the contract of platform/ppp: %s", async (_, words) => {
    const said = await lab.exec("gw", [...CONTRACT, ...words], { timeoutMs: 60_000 });
    const lines = said.stdout.trim().split("\n");
    const cases = lines.map((line) => JSON.parse(line) as { error?: string; files: number });
    expect(said.code, said.stdout + said.stderr).toBe(0);
    expect(cases.filter(({ error, files }) => error !== undefined || files !== 0)).toEqual([]);
    expect(cases.length).toBeGreaterThan(10);
  });

  test("the session has its address, its default route and a packet size that fits", async () => {
    const wan = await box.get<WanView & { readonly interface: string }>("wan/state");
    expect(wan?.interface).toBe("ppp-wan");
    expect(wan?.session.address).toMatch(/^81\.250\.0\.2\d\d\/32$/);
    const link = await lab.must("gw", ["ip", "-o", "link", "show", "dev", "ppp-wan"]);
    expect(link).toContain("mtu 1492");
    const route = await lab.must("gw", ["ip", "route", "show", "default"]);
    expect(route).toContain("dev ppp-wan");
  });

  test("IPv6 comes over the session: a router, an address of the line, a prefix for the home", async () => {
    await serveIpv6(lab);
    const { ipv6 } = await untilWan<WanView6>("a prefix", ({ ipv6: six }) => {
      return six.prefixes.length > 0 && six.addresses.length > 0;
    });
    expect(ipv6.prefixes).toEqual([expect.stringMatching(/^2a01:cb08:10[0-9a-f:]+\/56$/)]);
    expect(ipv6.addresses).toEqual([expect.stringMatching(/^2a01:cb08:ff02:/)]);
    const route = await lab.must("gw", ["ip", "-6", "route", "show", "default"]);
    expect(route).toMatch(/via fe80::\S+ dev ppp-wan/);
    await lab.must("gw", ["ping", "-6", "-c", "2", "-W", "5", INTERNET6]);
    // The home has it at once; nothing is forwarded in this kernel.
    await lab.waitFor(
      "an address of the home's prefix on lan1",
      async () => (await lab.must("lan1", ["ip", "-6", "-br", "address"])).includes("2a01:cb08:10"),
      20_000,
    );
  });

  test("wan is killed: the session goes on untouched, and the same one is taken over", async () => {
    const before = await sessionOf(lab);
    const ping = lab.spawn("gw", ["ping", "-q", "-i", "0.2", "-c", "40", "93.184.216.34"]);
    const said = textOf(ping);
    await lab.must("gw", ["pkill", "-KILL", "-f", WAN]);
    await untilWan("the line is online again", isOnline);
    expect(await sessionOf(lab)).toEqual(before);
    const counts = /(\d+) packets transmitted, (\d+) received/.exec(await said);
    expect(counts?.[2]).toBe(counts?.[1]);
    expect(Number(counts?.[1])).toBe(40);
  });

  test.each(KILLS_MS)(
    "wan is killed %i ms after a new dial began: it ends with one session, as ever",
    async (wait) => {
      expect((await box.call("wan/reconnect", {})).ok).toBe(true);
      await setTimeout(wait);
      await lab.must("gw", ["pkill", "-KILL", "-f", WAN]);
      await untilWan("the line is online again", isOnline);
      const links = await lab.must("gw", ["ip", "-br", "link", "show", "type", "ppp"]);
      expect(links.trim().split("\n")).toHaveLength(1);
      // The concentrator has been told of each that ended.
      await lab.waitFor(
        "one session at the concentrator",
        async () => (await lab.exec("isp", ["pgrep", "-c", "-x", "pppd"])).stdout.trim() === "1",
        10_000,
      );
    },
  );

  test(
    `${FLAPS} times the cable is pulled: what wan has open and set stays the same`,
    async () => {
      const before = await settled(lab);
      for (let flap = 0; flap < FLAPS; flap += 1) {
        await lab.fault("carrier-loss", "1");
        await untilWan("the line is online again", isOnline);
      }
      expect(await settled(lab, before)).toEqual(before);
    },
    120_000 + FLAPS * 30_000,
  );

  test("the line is bounded by cake, both ways, and the session stays; then it is bounded no more", async () => {
    const before = await sessionOf(lab);
    await change({ shaping: { download: 8000, upload: 2000 } });
    const bounded = ({ shaping }: WanViewShaped) => shaping?.kind === "cake";
    await untilWan<WanViewShaped>("queues", bounded);
    const queue = (device: string) =>
      lab.must("gw", ["tc", "qdisc", "show", "dev", device, "root"]);
    expect(await queue("ppp-wan")).toMatch(/cake .*bandwidth 2Mbit diffserv4 .*overhead 46 mpu 84/);
    expect(await queue("ifb-wan")).toMatch(/cake .*bandwidth 8Mbit diffserv4 .*wash ingress/);
    const rate = async (...way: readonly string[]): Promise<number> => {
      const words = ["iperf3", "-c", "93.184.216.34", "-t", "4", "-J", ...way];
      const run = await lab.must("gw", words, { timeoutMs: 20_000 });
      return (JSON.parse(run) as Iperf).end.sum_received.bits_per_second;
    };
    expect(await rate()).toBeLessThan(2_000_000);
    expect(await rate("-R")).toBeLessThan(8_000_000);
    expect(await sessionOf(lab)).toEqual(before);
    await change({ shaping: null });
    const isFree = async () => !(await queue("ppp-wan")).includes("cake");
    await lab.waitFor("no queue of ours", isFree, 10_000);
    expect((await lab.exec("gw", ["ip", "link", "show", "ifb-wan"])).code).not.toBe(0);
    expect(await sessionOf(lab)).toEqual(before);
  });

  test("a wrong password ends in its sentence, and the right one in a session", async () => {
    await setLine({ ...LOGIN, password: "wrong" });
    const refused = await untilWan("the refusal", ({ cause }) => cause?.code === "auth_failed");
    expect(refused.cause?.text.fr).toBe("L’opérateur refuse l’identifiant ou le mot de passe.");
    await setLine(LOGIN);
    await untilWan("the line is online", isOnline);
  });

  test("the concentrator ends the session: it is dialled again", async () => {
    const before = await sessionOf(lab);
    await lab.must("isp", ["pkill", "-TERM", "-x", "pppd"]);
    await lab.waitFor(
      "another session",
      async () => {
        const now = await sessionOf(lab).catch(() => undefined);
        return now !== undefined && now.index !== before.index;
      },
      30_000,
    );
    await untilWan("the line is online", isOnline);
  });
});

const NODE = dirname(process.execPath);
const HOLDER = join(NODE, "../../../build/native", process.arch, "passerelle-ppp-holder");
const CONTRACT = [
  ...[process.execPath, "--disable-warning=ExperimentalWarning"],
  "/mnt/lab/config/pppoe/contract-program.mjs",
];
/** How many times; the many are for a night, and then the daemon is killed at more moments, too. */
const FLAPS = Number(process.env.FLAPS ?? 3);
const KILLS_MS = process.env.FLAPS === undefined ? [0, 200, 800] : [0, 100, 200, 400, 800, 1600];
/** `web.internet.test`. */
const INTERNET6 = "2606:2800:220:1::34";

interface WanViewShaped extends WanView {
  readonly shaping?: { readonly kind: string };
}

interface Iperf {
  readonly end: { readonly sum_received: { readonly bits_per_second: number } };
}

interface WanView6 extends WanView {
  readonly ipv6: { readonly addresses: readonly string[]; readonly prefixes: readonly string[] };
}

/** The operator's router and server of prefixes move from the access into the session. */
async function serveIpv6(lab: Lab): Promise<void> {
  const { config } = lab.paths;
  const kea = JSON.parse(readFileSync(join(config, "dhcp6.json"), "utf8")) as KeaFile;
  kea.Dhcp6["interfaces-config"].interfaces = ["ppp0"];
  for (const subnet of kea.Dhcp6.subnet6) subnet.interface = "ppp0";
  const path = join(config, "dhcp6-session.json");
  writeFileSync(path, JSON.stringify(kea));
  await lab.exec("isp", ["pkill", "-KILL", "-x", "kea-dhcp6"]);
  await lab.exec("isp", ["pkill", "-KILL", "-x", "radvd"]);
  await lab.must("isp", ["sh", "-c", PLAIN_ADDRESS]);
  await lab.must("isp", ["ip", "-6", "route", "add", LINE_PREFIX, "dev", "ppp0"]);
  await lab.must("isp", ["tee", "/etc/radvd-session.conf"], { input: RADVD });
  await lab.must("isp", ["chmod", "600", "/etc/radvd-session.conf"]);
  const environment = ["env", "KEA_PIDFILE_DIR=/run", "KEA_LOCKFILE_DIR=none"];
  lab.spawn("isp", [...environment, "kea-dhcp6", "-c", path]);
  lab.spawn("isp", ["radvd", "--nodaemon", "--config", "/etc/radvd-session.conf"]);
}

interface KeaFile {
  readonly Dhcp6: {
    readonly "interfaces-config": { interfaces: string[] };
    readonly subnet6: { interface: string }[];
  };
}

/** Kea takes the other end's address of such an interface for its own, and cannot bind to it. */
const PLAIN_ADDRESS = `
own=$(ip -6 -o address show dev ppp0 | sed -n 's/.*inet6 \\(fe80[^ ]*\\) peer.*/\\1/p')
ip -6 address flush dev ppp0
ip -6 address add "$own/64" dev ppp0 nodad`;

const LINE_PREFIX = "2a01:cb08:ff02::/64";
const RADVD = `interface ppp0 {
  AdvSendAdvert on;
  AdvOtherConfigFlag on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  AdvDefaultLifetime 1800;
  prefix ${LINE_PREFIX} { AdvOnLink off; AdvAutonomous on; };
};
`;

/** What a session is known by: its interface and its address. */
async function sessionOf(lab: Lab): Promise<{ readonly index: string; readonly address: string }> {
  const text = await lab.must("gw", ["ip", "-o", "-4", "address", "show", "dev", "ppp-wan"]);
  const [, index = "", address = ""] = /^(\d+): ppp-wan\s+inet (\S+)/.exec(text) ?? [];
  if (index === "") throw new Error(`no session: ${text}`);
  return { index, address };
}

function textOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return new Promise((resolve) => child.on("close", () => resolve(text)));
}

const OPTIONS = `auth
require-chap
name ${CONCENTRATOR.name}
ms-dns 81.253.149.10
+ipv6
noccp
novj
nodefaultroute
lcp-echo-interval 10
lcp-echo-failure 6
mtu 1492
mru 1492
`;
