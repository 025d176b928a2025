import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../lab/lab.ts";
import { whyNoUml } from "../../lab/vm/uml.ts";
import { Box, type WanView } from "../box.ts";

/**
 * A line over PPPoE on a kernel that has it: Debian's concentrator (pppoe-server and pppd) at the operator's end, our `wan`
 * with its own client at ours. The home behind it is not seen here: User-mode Linux has no rules of nftables
 * (home.vm.test.ts).
 */
const LOGIN = { login: "fti/labtest", password: "azerty1" };
/** Before the patience that a machine has. */
const WAN_MS = 20_000;
const CONCENTRATOR = { name: "lab-ac", address: "81.250.0.1", pool: "81.250.0.200" };

describe.skipIf(whyNoUml() !== undefined)("a line over PPPoE", () => {
  let lab: Lab;
  let box: Box;
  let server: ChildProcess;

  const setLine = async (credentials: typeof LOGIN): Promise<void> => {
    const patch = { profile: "generic-pppoe", credentials };
    const changes = [{ section: "wan", patch }];
    const author = { name: "test", origin: "lan" };
    const applied = await box.call("config/apply", { changes, author });
    if (!applied.ok) throw new Error(applied.fault.text.en);
  };
  /** Looks again and again: each look is a program in there, and no other reader of the bus is open meanwhile. */
  const untilWan = (what: string, wanted: (wan: WanView) => boolean): Promise<WanView> =>
    lab.waitFor(
      what,
      async () => {
        const wan = await box.get<WanView>("wan/state");
        return wan !== undefined && wanted(wan) ? wan : undefined;
      },
      WAN_MS,
    );
  const isOnline = ({ session, reach }: WanView) =>
    session.kind === "connected" && reach.kind === "online";

  beforeAll(async () => {
    lab = await Lab.up({ kernel: "uml" });
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
  });
  afterAll(async () => {
    server?.kill();
    await lab?.down();
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

  test("wan is killed: the session goes on untouched, and the same one is taken over", async () => {
    const before = await sessionOf(lab);
    const ping = lab.spawn("gw", ["ping", "-q", "-i", "0.2", "-c", "40", "93.184.216.34"]);
    const said = textOf(ping);
    await lab.must("gw", ["pkill", "-KILL", "-f", "main.* run (--all|wan)"]);
    await untilWan("the line is online again", isOnline);
    expect(await sessionOf(lab)).toEqual(before);
    const counts = /(\d+) packets transmitted, (\d+) received/.exec(await said);
    expect(counts?.[2]).toBe(counts?.[1]);
    expect(Number(counts?.[1])).toBe(40);
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
