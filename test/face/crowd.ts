import type { Lab } from "../lab/lab.ts";
import type { HostName } from "../lab/topology.ts";

/** A device that exists in packets only: it takes a lease, and answers for its address while its host runs. */
export interface Ghost {
  readonly mac: string;
  /** Octets of option 12 in hexadecimal: whatever a device may dare to call itself. */
  readonly hostname: string;
  /** Of option 60. */
  readonly vendorClass?: string;
}

export function ghost(n: number, hostname: string | Uint8Array, vendorClass?: string): Ghost {
  const hex = n.toString(16).padStart(6, "0");
  return {
    mac: `02:67:68:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`,
    hostname: Buffer.from(hostname).toString("hex"),
    ...(vendorClass === undefined ? {} : { vendorClass: Buffer.from(vendorClass).toString("hex") }),
  };
}

/** Takes a lease for each of them from one host, and answers how many of them were given one. */
export async function takeLeases(
  lab: Lab,
  host: HostName,
  ghosts: readonly Ghost[],
): Promise<number> {
  const said = await lab.must(host, ["/usr/bin/python3", "-c", SCRIPT], {
    input: JSON.stringify(ghosts),
    timeoutMs: 110_000,
  });
  return Number(/^leases (\d+)$/m.exec(said)?.[1]);
}

/**
 * Scapy writes the packets, so that nothing of ours decides what can be said. A name longer than 255 octets goes in
 * several options (RFC 3396).
 */
const SCRIPT = `
import json, sys, time
from scapy.all import *
conf.verb = 0
conf.checkIPaddr = False
ghosts = {g["mac"]: g for g in json.load(sys.stdin)}
def texts(code, value):
    data = bytes.fromhex(value)
    return b"".join(bytes([code, len(data[i:i+255])]) + data[i:i+255] for i in range(0, len(data), 255)) if data else bytes([code, 0])
def ask(mac, kind, more=b""):
    g = ghosts[mac]
    options = b"\\x63\\x82\\x53\\x63" + bytes([53, 1, kind]) + more + texts(12, g["hostname"])
    if g.get("vendorClass"): options += texts(60, g["vendorClass"])
    head = BOOTP(op=1, chaddr=bytes.fromhex(mac.replace(":", "")), xid=int(mac.replace(":", "")[4:], 16), flags=0x8000)
    head.options = b""
    return Ether(src=mac, dst="ff:ff:ff:ff:ff:ff")/IP(src="0.0.0.0", dst="255.255.255.255")/UDP(sport=68, dport=67)/Raw(bytes(head) + options + b"\\xff")
socket = conf.L2socket(iface="eth0", filter="udp and dst port 68")
acked, offers = set(), {}
heard = time.time()
# Who gets no answer for so long gets none.
while len(acked) < len(ghosts) and time.time() - heard < 8:
    waiting = [mac for mac in ghosts if mac not in acked and mac not in offers][:20]
    for mac in waiting: 
        for part in fragment(ask(mac, 1), 1400): socket.send(part)
    until = time.time() + (0.6 if len(waiting) + len(offers) else 0.1)
    while time.time() < until:
        if not select.select([socket], [], [], 0.05)[0]: continue
        packet = socket.recv()
        if packet is None or DHCP not in packet: continue
        mac = str2mac(packet[BOOTP].chaddr[:6])
        if mac not in ghosts: continue
        options = {o[0]: o[1] for o in packet[DHCP].options if isinstance(o, tuple)}
        if options.get("message-type") == 2:
            offers[mac] = packet[BOOTP].yiaddr
            wanted = bytes([50, 4]) + inet_aton(packet[BOOTP].yiaddr) + bytes([54, 4]) + inet_aton(options["server_id"])
            for part in fragment(ask(mac, 3, wanted), 1400): socket.send(part)
        elif options.get("message-type") == 5:
            acked.add(mac)
            heard = time.time()
            offers.pop(mac, None)
    if not waiting: offers.clear()
print("leases", len(acked))
`;
