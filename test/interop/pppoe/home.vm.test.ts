import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../lab/lab.ts";
import { whyNoMachine } from "../../lab/vm/kernel.ts";
import { Box, type WanView } from "../box.ts";

/**
 * A home on a line over PPPoE: Debian's concentrator (pppoe-server and pppd) at the operator's end, our `wan` with its own
 * client at ours, users' traffic through the kernel of both.
 */
const LOGIN = { login: "fti/labtest", password: "azerty1" };
/** Before the patience that a machine has. */
const WAN_MS = 20_000;
const CONCENTRATOR = { name: "lab-ac", address: "81.250.0.1", pool: "81.250.0.200" };

/** Not beside the others of `make test-vm` until it was seen to pass. */
const isAsked = whyNoMachine() === undefined && process.env.LAB_VM_PPPOE !== undefined;

describe.skipIf(!isAsked)("a home behind PPPoE", () => {
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
    lab = await Lab.up({ kernel: "vm" });
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
    await lab.lease("udhcpc", "lan1");
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

  test("a page comes through the NAT: the server sees the session's address", async () => {
    const page = await lab.must("lan1", ["curl", "-4", "-sS", "--max-time", "20", PAGE]);
    const wan = await box.get<WanView>("wan/state");
    expect(page).toContain(wan?.session.address?.split("/")[0] ?? "no address");
  });

  test("a large page comes whole: segments are as large as the session carries", async () => {
    const url = "http://web.internet.test/big?bytes=300000";
    const count = await lab.must("lan1", [
      "curl",
      "-4",
      "-sS",
      "--max-time",
      "30",
      "-o",
      "/dev/null",
      "-w",
      "%{size_download}",
      url,
    ]);
    expect(count).toBe("300000");
  });
});

const PAGE = "http://web.internet.test/";

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
