import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Box, type WanView } from "../../interop/box.ts";
import { type Capture, Lab } from "../lab.ts";
import { ORANGE_PCP, ORANGE_VLAN } from "../operator/orange.ts";
import { ADDRESSES, GATEWAY_WAN, TRUNK, WAN_MAC } from "../topology.ts";
import { whyNoMachine } from "./kernel.ts";

// Orange as it is on the wire (operators.md 3.1): the line is a VLAN, and what keeps it carries the operator's priority
// bits, or is not heard. tcpdump on the operator's side of the cable says which bits a frame had.

const DEVICE = `${GATEWAY_WAN}.${ORANGE_VLAN}`;

/** Not beside the others of `make test-vm` until it was seen to pass: it never ran on a machine free enough to carry it. */
const isAsked = whyNoMachine() === undefined && process.env.LAB_VM_ORANGE !== undefined;

describe.skipIf(!isAsked)("Orange's line on a kernel with VLANs", () => {
  let lab: Lab;
  let box: Box;
  beforeAll(async () => {
    lab = await Lab.up({ kernel: "vm", operator: "orange", allInOne: true });
    box = new Box(lab);
    await isServed();
  });
  afterAll(() => lab.down());

  const isServed = () => lab.waitFor("an address on the VLAN", () => addressOf(DEVICE), 60_000);
  const gw = (command: string) => lab.must("gw", ["sh", "-c", command]);
  const grants = () => lab.operatorLog().filter(({ answer }) => answer === "ack").length;

  async function addressOf(device: string): Promise<string | undefined> {
    const shown = await lab.exec("gw", ["ip", "-4", "-o", "address", "show", "dev", device]);
    return /inet (81\.[\d.]+)/.exec(shown.stdout)?.[1];
  }

  /** Priority bits of the gateway's frames of a kind, each once. */
  async function bitsOf(capture: Capture, filter: string): Promise<readonly number[]> {
    const ours = `ether src ${WAN_MAC} and vlan ${ORANGE_VLAN} and (${filter})`;
    const lines = await capture.text("-e", ours);
    const bits = lines.map((line) => Number(/vlan \d+, p (\d)/.exec(line)?.[1]));
    return [...new Set(bits)].sort();
  }

  /** Waits until there is a frame of the kind: what tcpdump has is in its file a moment later. */
  async function bitsOfNext(capture: Capture, filter: string): Promise<readonly number[]> {
    return lab.waitFor(
      filter,
      async () => {
        const bits = await bitsOf(capture, filter);
        return bits.length > 0 && bits;
      },
      10_000,
    );
  }

  describe("the operator sees", () => {
    let capture: Capture;
    beforeAll(async () => {
      capture = await lab.capture("isp", TRUNK, "");
      // Short enough that a renewal is soon; the renewal goes to the server alone, over the kernel's UDP.
      await lab.fault("lease-time", "600", "10", "500");
      const before = grants();
      // A new life of the device: the kernel greets the link, and the line begins with DISCOVER.
      await gw(`ip link del ${DEVICE}`);
      await lab.waitFor("a renewal", () => grants() >= before + 2, 60_000);
      await lab.fault("lease-time", "3600");
    });
    afterAll(() => capture.stop());

    it("its priority bits on DHCP, broadcast and unicast", async () => {
      const server = ADDRESSES.dhcpServer;
      expect(await bitsOfNext(capture, "udp dst port 67 and dst host 255.255.255.255")).toEqual([
        ORANGE_PCP,
      ]);
      expect(await bitsOfNext(capture, `udp dst port 67 and dst host ${server}`)).toEqual([
        ORANGE_PCP,
      ]);
      expect(lab.operatorLog().some(({ unicast, answer }) => unicast && answer === "ack")).toBe(
        true,
      );
    });

    it("its priority bits on ARP, neighbour discovery, router solicitations, MLD and IGMP", async () => {
      await gw(`ip neigh flush dev ${DEVICE}; ping -c 1 -W 5 ${ADDRESSES.accessGateway}`);
      await lab.exec("gw", ["ping", "-c", "1", "-W", "1", `fe80::1234%${DEVICE}`]);
      await lab.must("gw", ["python3", "-c", joinGroup(await isServed())]);
      const kinds = {
        arp: "arp",
        "neighbour solicitations": "icmp6 and ip6[40] = 135",
        "router solicitations": "icmp6 and ip6[40] = 133",
        // Behind a hop-by-hop header with the router alert.
        mld: "ip6[6] = 0 and ip6[40] = 58 and ip6[48] = 143",
        igmp: "igmp",
      };
      const seen: Record<string, readonly number[]> = {};
      for (const [kind, filter] of Object.entries(kinds)) {
        seen[kind] = await bitsOfNext(capture, filter);
      }
      const wanted = Object.keys(kinds).map((kind) => [kind, [ORANGE_PCP]]);
      expect(seen).toEqual(Object.fromEntries(wanted));
    });

    it("no priority on what the home sends, whatever its TOS octet says", async () => {
      await lab.lease("udhcpc", "lan1");
      await lab.must("lan1", ["python3", "-c", sendMarked(ADDRESSES.internet)]);
      await lab.must("lan1", ["curl", "-sS", "-m", "30", `http://${ADDRESSES.internet}/address`]);
      for (const filter of ["udp dst port 4011 and ip[1] = 0x10", "udp dst port 4011", "tcp"]) {
        expect(await bitsOfNext(capture, filter), filter).toEqual([0]);
      }
      const marks = await capture.text("-v", `vlan and udp dst port 4011`);
      for (const tos of ["0x10", "0xc0", "0xe0"]) {
        expect(marks.join("\n"), tos).toContain(`tos ${tos}`);
      }
    });

    it("nothing at all without the tag", async () => {
      expect(await capture.text("-e", `ether src ${WAN_MAC} and not vlan`)).toEqual([]);
    });
  });

  it("does not hear DHCP without its priority bits", async () => {
    const heard = () => lab.operatorLog().filter(({ mac }) => mac !== WAN_MAC).length;
    const dropped = async () => {
      const listed = await lab.must("isp", ["nft", "list", "table", "netdev", "lab-card"]);
      return Number(/counter packets (\d+)/.exec(listed)?.[1]);
    };
    const before = { heard: heard(), dropped: await dropped() };
    // The cable of a neighbour, whose client knows no priorities.
    const client = ["udhcpc", "-i", "eth0", "-n", "-q", "-t", "2", "-T", "1", "-s", "/bin/true"];
    await lab.exec("attacker-wan", client);
    expect(await dropped()).toBeGreaterThan(before.dropped);
    expect(heard()).toBe(before.heard);
  });

  describe("the VLAN", () => {
    it("stays through the death of the daemon, and no packet of the home is lost", async () => {
      const link = () =>
        gw(`ip -o link show ${DEVICE} | cut -d: -f1; ip -4 route show dev ${DEVICE}`);
      const before = await link();
      const ping = lab.exec("lan1", ["ping", "-i", "0.5", "-c", "60", ADDRESSES.internet]);
      const { starts } = await lab.daemon("all");
      await lab.fault("daemon-kill", "all");
      await lab.waitFor(
        "it is back",
        async () => (await lab.daemon("all")).starts > starts,
        30_000,
      );
      const acks = grants();
      await lab.waitFor("INIT-REBOOT is answered", () => grants() > acks, 60_000);
      expect(await link()).toBe(before);
      expect((await ping).stdout).toContain(" 0% packet loss");
    });

    it("is made again when somebody deletes it", async () => {
      await gw(`ip link del ${DEVICE}`);
      await isServed();
      expect(await gw(`ip -d link show ${DEVICE}`)).toContain(`id ${ORANGE_VLAN}`);
    });

    it("is replaced where one of another number has its name", async () => {
      await lab.must("gw", ["ip", "-batch", "-"], {
        input: `link del ${DEVICE}\nlink add link ${GATEWAY_WAN} name ${DEVICE} type vlan id 835\n`,
      });
      await isServed();
      const shown = await gw(`ip -d link show ${DEVICE}`);
      expect(shown).toContain(`id ${ORANGE_VLAN}`);
      expect(shown).toContain(`7:${ORANGE_PCP}`);
    });

    it("goes with everything on it when the line is untagged from now on", async () => {
      const apply = (link: string) =>
        box.call("config/apply", {
          changes: [{ section: "wan", patch: { link } }],
          author: { name: "test", origin: "lan" },
        });
      expect(await apply("untagged")).toMatchObject({ ok: true });
      const isGone = async () => (await lab.exec("gw", ["ip", "link", "show", DEVICE])).code !== 0;
      await lab.waitFor("the VLAN is gone", isGone, 20_000);
      expect(await gw("ip -4 route show default")).toBe("");
      const untagged = await box.get<WanView>("wan/state");
      expect(untagged?.session.address).toBeUndefined();
      expect(await apply("profile")).toMatchObject({ ok: true });
      await isServed();
    });
  });
});

/** The kernel greets the group by IGMP, twice within some seconds. */
function joinGroup(address: string): string {
  return `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
group = socket.inet_aton("239.1.2.3") + socket.inet_aton("${address}")
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
time.sleep(3)`;
}

/** What a program of the home may ask for: minimal delay, CS6, CS7; all priorities that a user may set besides. */
function sendMarked(address: string): string {
  return `
import socket
for tos in (0x10, 0xc0, 0xe0):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)
    s.sendto(b"data", ("${address}", 4011))`;
}
