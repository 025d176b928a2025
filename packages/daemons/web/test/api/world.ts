import type {
  FirewallTraffic,
  LanDevice,
  LanLease,
  RevisionInfo,
  SystemJob,
  SystemState,
  SystemUpgrade,
  WanState,
} from "@passerelle/contract";

/** A small home, as the other daemons tell it. */

export const AT = 1_800_000_000_000;

export const laptop: LanDevice = {
  id: "dev-laptop",
  name: "Laptop of Ada",
  nameSource: "person",
  macs: ["02:00:00:00:00:01", "02:00:00:00:00:02"],
  privateMac: false,
  addresses: ["192.168.1.50"],
  network: "lan",
  online: true,
  firstSeen: AT,
  lastSeen: AT,
  evidence: ["dhcp"],
};

export const printer: LanDevice = {
  id: "dev-printer",
  name: '<script>alert("printer")</script>',
  nameSource: "dhcp",
  macs: ["02:00:00:00:00:09"],
  privateMac: false,
  addresses: [],
  online: false,
  firstSeen: AT,
  lastSeen: AT,
  evidence: ["arp"],
};

export const lease: LanLease = {
  address: "192.168.1.50",
  mac: "02:00:00:00:00:02",
  network: "lan",
  kind: "dynamic",
  expiresAt: AT + 3_600_000,
};

export const traffic: FirewallTraffic[] = ["02:00:00:00:00:01", "02:00:00:00:00:02"].map((mac) => ({
  mac,
  upBytes: 10,
  downBytes: 100,
  upPackets: 1,
  downPackets: 1,
  upRate: 1000,
  downRate: 2000,
}));

export const firstForward = {
  id: "web",
  name: "Web server",
  enabled: true,
  protocol: "tcp" as const,
  port: 8080,
  to: "192.168.1.60",
  toPort: 80,
  /** A member that this release of web does not know is not lost. */
  later: "kept",
};

export const sections = {
  firewall: { forwards: [firstForward], blocked: [] as string[], answerPing: true },
  lan: {
    networks: [{ name: "lan", zone: "lan", address: "192.168.1.1/24" }],
    reservations: [{ address: "192.168.1.60", mac: "02:00:00:00:00:09", name: "printer" }],
  },
  wan: { profile: "ethernet", password: "•••" },
};

export const history: RevisionInfo[] = [
  {
    revision: 2,
    parent: 1,
    author: { name: "admin", origin: "lan" },
    at: AT,
    phase: "confirmed",
    differences: [{ section: "firewall", path: "/forwards/0", after: firstForward }],
  },
  {
    revision: 1,
    author: { name: "factory", origin: "box" },
    at: AT - 1000,
    phase: "confirmed",
    differences: [],
  },
];

export const line: WanState = {
  interface: "eth0",
  port: "eth0",
  link: { kind: "untagged" },
  ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
  profile: "ethernet",
  access: { kind: "up", since: AT },
  session: { kind: "selecting", attempts: 1 },
  reach: { kind: "unknown" },
  since: AT,
};

export const job: SystemJob = {
  id: "job-1",
  request: { kind: "ping", target: "example.org", count: 3 },
  startedAt: AT,
  state: "running",
  progress: 0.5,
  steps: [],
  lines: [],
};

export const machine: SystemState = {
  model: "lab",
  version: "0.1.0",
  hostname: "box",
  bootedAt: AT,
  bootCause: "power",
  timezone: "Europe/Paris",
  clock: { kind: "unsynchronised" },
  storage: [],
  processes: [],
  latest: {
    at: AT,
    cpu: 0.1,
    memoryTotalBytes: 1000,
    memoryAvailableBytes: 500,
    wanDownRate: 0,
    wanUpRate: 0,
  },
  faults: [],
};

export const upgrade: SystemUpgrade = {
  phase: { kind: "idle" },
  running: { version: "0.1.0", board: "test", slot: "A" },
  other: { slot: "B", bootable: true },
  proven: true,
  missing: [],
};
