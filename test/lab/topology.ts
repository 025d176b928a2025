/** Who lives in the neighbourhood, how they are wired, and their addresses. The picture is in README.md. */

export const HOSTS = [
  "isp",
  "internet",
  "gw",
  "lan1",
  "lan2",
  "stb",
  "phone1",
  "phone2",
  "guest",
  "attacker-wan",
  "attacker-lan",
  "desk",
] as const;
export type HostName = (typeof HOSTS)[number];

/** A namespace that no person is: the switch of the access segment, and where cables hang during a power cut. */
export const WIRES = "wires";
/** A mount namespace that holds the gateway's disk, so that the disk outlives a power cut. */
export const DISK = "disk";
/** Where QEMU runs that carries the whole lab (`--kernel vm`), and the way to it ends. */
export const MACHINE = "machine";
export type HolderName = HostName | typeof WIRES | typeof DISK | typeof MACHINE;

export function isHost(name: string): name is HostName {
  return (HOSTS as readonly string[]).includes(name);
}

/** Hosts whose address comes from the gateway: they are wired and have nothing configured. */
export const HOME_HOSTS: readonly HostName[] = [
  "lan1",
  "lan2",
  "stb",
  "phone1",
  "phone2",
  "attacker-lan",
  "guest",
  "desk",
];

export interface End {
  readonly host: HolderName;
  readonly interface: string;
  readonly mac: string;
}

/** One cable: a veth pair made directly inside the two namespaces. */
export interface Link {
  readonly a: End;
  readonly b: End;
}

/** Locally administered hardware addresses, the same at every start: logs can be compared. */
function mac(segment: number, end: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `02:70:61:00:${hex(segment)}:${hex(end)}`;
}

export const ACCESS_BRIDGE = "access";
/** The switch port of the gateway's WAN: taking it down is a carrier loss, seen by the gateway. */
export const WAN_PORT = "to-gw";

export const WAN_MAC = mac(0, 1);
/** Of the operator's router. */
export const ACCESS_MAC = mac(0, 2);

export const LINKS: readonly Link[] = [
  {
    a: { host: "gw", interface: "wan0", mac: WAN_MAC },
    b: { host: WIRES, interface: WAN_PORT, mac: mac(0xf0, 1) },
  },
  {
    a: { host: "isp", interface: "access", mac: ACCESS_MAC },
    b: { host: WIRES, interface: "to-isp", mac: mac(0xf0, 2) },
  },
  {
    a: { host: "attacker-wan", interface: "eth0", mac: mac(0, 3) },
    b: { host: WIRES, interface: "to-attacker", mac: mac(0xf0, 3) },
  },
  {
    a: { host: "isp", interface: "core", mac: mac(1, 1) },
    b: { host: "internet", interface: "eth0", mac: mac(1, 2) },
  },
  home("lan1", "lan0", 0x10),
  home("lan2", "lan1", 0x11),
  home("stb", "lan2", 0x12),
  home("phone1", "lan3", 0x13),
  home("phone2", "lan4", 0x14),
  home("attacker-lan", "lan5", 0x15),
  // The machine's own place at home: through it a browser of the machine reaches the gateway (forward.ts).
  home("desk", "lan6", 0x16),
  home("guest", "guest0", 0x20),
];

function home(host: HostName, port: string, segment: number): Link {
  return {
    a: { host: "gw", interface: port, mac: mac(segment, 1) },
    b: { host, interface: "eth0", mac: mac(segment, 2) },
  };
}

/** Hardware address of a home host's only interface. */
export function homeMac(host: HostName): string {
  const link = LINKS.find(({ b }) => b.host === host && b.interface === "eth0");
  if (link === undefined) throw new Error(`${host} is no host of the home`);
  return link.b.mac;
}

/** Where packets are led that a fault answers itself. */
export const SPOILER_PORT = 5300;

export const GATEWAY_WAN = "wan0";
/** The factory's LAN, where `up` looks for a gateway that is ready. */
export const LAN_BRIDGE = "br-lan";

/**
 * Addresses that look public: a good gateway drops documentation ranges and other bogons from its WAN, and
 * inside the namespaces nothing of the real owners is reachable.
 */
export const ADDRESSES = {
  accessNetwork: "81.250.0.0/24",
  accessGateway: "81.250.0.1",
  /** A second router on the access segment, for the fault `gateway-change`. */
  accessGatewayOther: "81.250.0.254",
  pool: { first: "81.250.0.100", last: "81.250.0.149" },
  /** Where `renumber` moves people to. */
  otherPool: { first: "81.251.0.100", last: "81.251.0.149" },
  otherGateway: "81.251.0.1",
  /** 172.19.0.0/16: what Orange gives to those whose identifiers it refuses (operators.md 3.1). */
  parkingGateway: "172.19.0.1",
  parkingPool: { first: "172.19.10.100", last: "172.19.10.149" },
  resolver: "81.253.149.10",
  dhcpServer: "81.253.149.20",
  core: "93.184.216.1",
  internet: "93.184.216.34",
  authority: "93.184.216.53",
  attackerWan: "81.250.0.66",
} as const;

/** As `ADDRESSES`: global, no documentation prefix. 2a01:cb00:93::/48 is routed nowhere. */
export const ADDRESSES6 = {
  /** The operator's router on each of its segments; the one of Orange has another name on the access. */
  accessRouter: "fe80::1",
  orangeRouter: "fe80::ba0:bab",
  accessPrefix: "2a01:cb08:ff00:1::/64",
  access: "2a01:cb08:ff00:1::1",
  attackerWan: "2a01:cb08:ff00:1::66",
  resolver: "2a01:cb08:ff00:53::10",
  /** A /56 of the first for each home; of the second after the fault `prefix-change`. */
  prefixes: { address: "2a01:cb08:1000::", length: 40 },
  otherPrefixes: { address: "2a01:cb0c:2000::", length: 40 },
  core: "2606:2800:220:1::1",
  internet: "2606:2800:220:1::34",
} as const;

/** Answers the address from which it is asked, as text: what a NAT made of the asker. */
export const WEB_ADDRESS = `http://${ADDRESSES.internet}/address`;

/** `ip -batch` lines for each host that has a configuration of its own; the home is configured by DHCP. */
export const NETWORK: Readonly<Partial<Record<HolderName, readonly string[]>>> = {
  [WIRES]: [
    `link add ${ACCESS_BRIDGE} type bridge stp_state 0 mcast_snooping 0`,
    `link set ${WAN_PORT} master ${ACCESS_BRIDGE}`,
    `link set to-isp master ${ACCESS_BRIDGE}`,
    `link set to-attacker master ${ACCESS_BRIDGE}`,
    `link set ${ACCESS_BRIDGE} addrgenmode none up`,
    `link set ${WAN_PORT} addrgenmode none up`,
    "link set to-isp addrgenmode none up",
    "link set to-attacker addrgenmode none up",
  ],
  isp: [
    // Addresses of IPv6 are its own and usable at once: nobody else is on the segment yet.
    "link set access addrgenmode none up",
    "link set core addrgenmode none up",
    `address add ${ADDRESSES.accessGateway}/24 dev access`,
    `address add ${ADDRESSES.otherGateway}/24 dev access`,
    `address add ${ADDRESSES.parkingGateway}/16 dev access`,
    `address add ${ADDRESSES.core}/24 dev core`,
    `address add ${ADDRESSES.resolver}/32 dev lo`,
    `address add ${ADDRESSES.dhcpServer}/32 dev lo`,
    `address add ${ADDRESSES6.accessRouter}/64 dev access nodad`,
    `address add ${ADDRESSES6.accessRouter}/64 dev core nodad`,
    `address add ${ADDRESSES6.core}/64 dev core nodad`,
    `address add ${ADDRESSES6.resolver}/128 dev lo nodad`,
    // Answers to clients without an address are broadcast, on the access side only.
    "route add 255.255.255.255/32 dev access",
    // The parking reaches the concentrator and nothing behind it.
    "rule add from 172.19.0.0/16 iif access prohibit",
  ],
  internet: [
    "link set eth0 up",
    `address add ${ADDRESSES.internet}/24 dev eth0`,
    `address add ${ADDRESSES.authority}/24 dev eth0`,
    `route add default via ${ADDRESSES.core}`,
    `address add ${ADDRESSES6.internet}/64 dev eth0 nodad`,
    `route add default via ${ADDRESSES6.core}`,
  ],
  "attacker-wan": [
    "link set eth0 up",
    `address add ${ADDRESSES.attackerWan}/24 dev eth0`,
    `route add default via ${ADDRESSES.accessGateway}`,
    // A neighbour by IPv6, no customer: it has no way to the Internet.
    `address add ${ADDRESSES6.attackerWan}/64 dev eth0 nodad`,
  ],
};

/** The cable under an access that is a VLAN on it. */
export const TRUNK = "trunk";

/** Lines before those of NETWORK that make what they call the access a VLAN of the cable; none where a host has none. */
export function taggedAccess(holder: HolderName, vlan: number): readonly string[] {
  const device = ACCESS_DEVICES[holder];
  if (device === undefined) return [];
  return [
    `link set ${device} name ${TRUNK}`,
    `link set ${TRUNK} up`,
    `link add link ${TRUNK} name ${device} type vlan id ${vlan}`,
  ];
}

const ACCESS_DEVICES: Readonly<Partial<Record<HolderName, string>>> = {
  isp: "access",
  "attacker-wan": "eth0",
};

export const SYSCTL: Readonly<Partial<Record<HolderName, readonly string[]>>> = {
  isp: [
    "net.ipv4.ip_forward=1",
    "net.ipv6.conf.all.forwarding=1",
    // BCP 38: an operator drops sources it never gave out.
    "net.ipv4.conf.all.rp_filter=1",
    "net.ipv4.conf.access.rp_filter=1",
    // The fault gateway-change removes the first address of a network and keeps the second.
    "net.ipv4.conf.access.promote_secondaries=1",
  ],
  "attacker-wan": ["net.ipv6.conf.eth0.accept_ra=0"],
};
