import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { ADDRESSES } from "../topology.ts";
import { whyNoMachine } from "./kernel.ts";

// Lines to an operator as Linux and programs that are not ours do them, on the very cable that our daemons have: what
// our own client is judged against.

const VLAN = "835";
const LOGIN = { user: "fti/labtest", password: "azerty1" };
const SERVER = { name: "lab-ac", address: "10.64.0.1", pool: "10.64.0.10" };

describe.skipIf(whyNoMachine() !== undefined)("a line in a kernel with VLANs and PPP", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ kernel: "vm" });
    const vlan = (cable: string, name: string) =>
      `ip link set ${cable} up && ip link add link ${cable} name ${name} type vlan id ${VLAN} ` +
      `egress-qos-map 0:0 6:6 && ip link set ${name} up`;
    await lab.must("isp", ["sh", "-c", vlan("access", "ppp-port")]);
    await lab.must("gw", ["sh", "-c", vlan("wan0", "ppp-line")]);
  });
  afterAll(async () => {
    await lab.exec("isp", ["ip", "link", "del", "ppp-port"]);
    await lab.exec("gw", ["ip", "link", "del", "ppp-line"]);
    await lab.down();
  });

  it("carries the priority of a packet in its tag, where the operator looks", async () => {
    const capture = await lab.capture("isp", "access", `vlan ${VLAN} and udp port 4011`);
    const script = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, 25, b"ppp-line\\0")
for priority in (6, 0):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, priority)
    s.sendto(b"priority %d" % priority, ("10.9.9.255", 4011))
`;
    await lab.must("gw", ["ip", "address", "add", "10.9.9.1/24", "dev", "ppp-line"]);
    await lab.must("gw", ["python3", "-c", script]);
    const lines = await lab.waitFor(
      "two packets",
      async () => {
        const text = await capture.text("-e");
        return text.length >= 2 && text;
      },
      5000,
    );
    await capture.stop();
    expect(lines[0]).toMatch(/vlan 835, p 6,/);
    expect(lines[1]).toMatch(/vlan 835, p 0,/);
  });

  describe("with PPPoE", () => {
    let server: ChildProcess;
    beforeAll(async () => {
      const secret = `"${LOGIN.user}" * "${LOGIN.password}" *\n`;
      await lab.must("isp", ["tee", "/etc/ppp/chap-secrets"], { input: secret });
      await lab.must("isp", ["tee", "/etc/ppp/lab-options"], { input: SERVER_OPTIONS });
      server = lab.spawn("isp", [
        ...["pppoe-server", "-F", "-I", "ppp-port", "-C", SERVER.name],
        ...["-O", "/etc/ppp/lab-options"],
        ...["-L", SERVER.address, "-R", SERVER.pool, "-N", "4"],
      ]);
      const runs = async () => (await lab.exec("isp", ["pgrep", "-x", "pppoe-server"])).code === 0;
      await lab.waitFor("pppoe-server runs", runs, 5000);
    });
    afterAll(() => void server.kill());

    it("gives pppd an address, resolvers and an IPv6 link of its own", async () => {
      const client = startPppd(lab, LOGIN.password);
      const isUp = () =>
        ["LL address", "DNS address"].every((word) => client.said().includes(word));
      await lab.waitFor("IPCP and IPV6CP", isUp, 20_000).catch((error: unknown) => {
        throw new Error(`${String(error)}; pppd said: ${client.said()}`);
      });
      const said = client.said();
      expect(said).toContain(`local  IP address ${SERVER.pool}`);
      expect(said).toContain(`remote IP address ${SERVER.address}`);
      expect(said).toContain(`primary   DNS address ${ADDRESSES.resolver}`);
      // The password is nobody's to read.
      expect(said).not.toContain(LOGIN.password);
      const link = await lab.must("gw", ["ip", "-o", "address", "show", "dev", "ppp-wan"]);
      expect(link).toContain(`inet ${SERVER.pool} peer ${SERVER.address}`);
      expect(link).toMatch(/inet6 fe80:/);
      await lab.must("gw", ["ping", "-c", "1", "-W", "5", SERVER.address]);
      client.child.kill();
    });

    it("refuses a wrong password, and pppd says so by its exit code", async () => {
      const client = startPppd(lab, "wrong");
      const code = await new Promise((resolve) => client.child.once("exit", resolve));
      expect(code, client.said()).toBe(EXIT_AUTH_TOPEER_FAILED);
    });
  });
});

/** pppd(8): we failed to authenticate ourselves to the peer. */
const EXIT_AUTH_TOPEER_FAILED = 19;

const SERVER_OPTIONS = `auth
require-chap
name ${SERVER.name}
ms-dns ${ADDRESSES.resolver}
+ipv6
noccp
novj
nodefaultroute
lcp-echo-interval 10
lcp-echo-failure 6
mtu 1492
mru 1492
`;

/** A file that only this host sees; pppd itself is the program, so that who ends the one ends the other. */
const PPPD_WITH_PASSWORD = 'printf %s "$1" >/tmp/password; shift; exec "$@" 3</tmp/password';

/** Debian's pppd with the options under which it is to be supervised: one attempt, no retry of its own. */
function startPppd(lab: Lab, password: string) {
  const options = [
    ...["plugin", "pppoe.so", "ppp-line", "nodetach", "noauth", "noipdefault", "nodefaultroute"],
    ...["usepeerdns", "+ipv6", "noccp", "novj", "noaccomp", "ifname", "ppp-wan", "ipparam", "wan"],
    ...["maxfail", "1", "lcp-restart", "1", "lcp-echo-interval", "1", "lcp-echo-failure", "5"],
    // An emulated concentrator needs longer than the second that a real one has.
    ...["lcp-echo-adaptive", "pppoe-padi-timeout", "5", "pppoe-padi-attempts", "3"],
    ...["host-uniq", "0badcafe", "mtu", "1492", "mru", "1492", "logfd", "2", "debug"],
    ...["plugin", "passwordfd.so", "passwordfd", "3", "user", LOGIN.user],
  ];
  const child = lab.spawn("gw", [
    ...["sh", "-c", PPPD_WITH_PASSWORD, "sh", password, "pppd"],
    ...options,
  ]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  }
  return { child, said: () => text };
}
