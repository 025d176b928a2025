import type { Host, ReplyOf, Routes } from "@passerelle/api";
import type { SystemNotification } from "@passerelle/contract";
import type { Fixture } from "./box.ts";

/** A home in which all is well; the others differ from it. */
export const NOW = Date.parse("2026-11-25T19:30:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;

export const welcome: Reply<"GET /welcome"> = {
  name: "Passerelle",
  firstRunDone: true,
  languages: ["fr", "en"],
  probation: false,
  secure: true,
  fingerprint:
    "3F:9A:10:BC:77:02:E1:5D:88:4B:6C:0E:91:A7:33:D0:5F:21:C8:9B:44:EE:17:06:B2:7A:D9:60:8C:F3:15:4E",
};

export const session: Reply<"GET /sessions/current">["session"] = {
  id: "s1",
  current: true,
  kind: "person",
  actor: "admin",
  capabilities: ["read", "devices", "settings", "admin"],
  source: "192.168.1.50",
  startedAt: NOW - HOUR,
  lastSeenAt: NOW,
  expiresAt: NOW + HOUR / 2,
};

const wan: Reply<"GET /wan"> = {
  line: {
    interface: "wan",
    port: "wan",
    link: { kind: "untagged" },
    ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
    profile: "orange-fr",
    access: { kind: "up", since: NOW - 9 * DAY },
    session: {
      kind: "bound",
      address: "198.51.100.23/24",
      gateway: "198.51.100.1",
      server: "198.51.100.1",
      resolvers: ["198.51.100.53"],
      routes: [],
      obtainedAt: NOW - 9 * DAY,
      renewsAt: NOW + DAY,
      expiresAt: NOW + 3 * DAY,
    },
    reach: { kind: "online", since: NOW - 9 * DAY, rttMs: 7.4 },
    since: NOW - 9 * DAY,
  },
  resolvers: ["198.51.100.53"],
};

export const wanDown: Reply<"GET /wan"> = {
  line: {
    ...wan.line,
    session: { kind: "selecting", attempts: 14 },
    reach: {
      kind: "offline",
      since: NOW - 25 * 60_000,
      fault: {
        code: "no_answer",
        text: {
          fr: "L’opérateur ne répond pas aux demandes d’adresse.",
          en: "The operator does not answer the requests for an address.",
        },
      },
    },
    cause: {
      code: "no_answer",
      text: {
        fr: "L’opérateur ne répond pas aux demandes d’adresse.",
        en: "The operator does not answer the requests for an address.",
      },
      next: {
        fr: "Vérifiez que le boîtier optique est allumé, puis l’opérateur choisi.",
        en: "Check that the fibre box is on, then the operator that was chosen.",
      },
    },
  },
  resolvers: [],
};

export function host(n: number, more: Partial<Host> = {}): Host {
  const hex = n.toString(16).padStart(2, "0");
  return {
    id: `d${n}`,
    name: `device-${n}`,
    nameSource: "dhcp",
    macs: [`02:00:00:00:00:${hex}`],
    privateMac: false,
    addresses: [`192.168.1.${50 + (n % 200)}`],
    network: "lan",
    online: true,
    firstSeen: NOW - 90 * DAY,
    lastSeen: NOW - 4_000,
    evidence: ["dhcp", "arp"],
    blocked: false,
    portMappings: [],
    downRate: 0,
    upRate: 0,
    ...more,
  };
}

export const hosts: readonly Host[] = [
  host(1, {
    name: "Télé du salon",
    nameSource: "person",
    vendor: "Samsung",
    downRate: 8_200_000,
    upRate: 120_000,
  }),
  host(2, {
    name: "iphone-de-lea",
    privateMac: true,
    vendor: "Apple",
    downRate: 640_000,
    upRate: 82_000,
  }),
  host(3, {
    name: "portable-paul",
    downRate: 34_500_000,
    upRate: 2_400_000,
    portMappings: ["p1"],
    reservedAddress: "192.168.1.53",
  }),
  host(4, { name: "imprimante", vendor: "Brother", online: false, lastSeen: NOW - 3 * HOUR }),
  host(5, { name: "Thermostat", downRate: 400, upRate: 900 }),
  host(6, { name: "esp-3f21", firstSeen: NOW - 2 * HOUR, downRate: 1_200, upRate: 300 }),
  host(7, { name: "console", blocked: true }),
  host(8, {
    name: "galaxy-a54",
    network: "guest",
    addresses: ["192.168.179.51"],
    downRate: 2_100_000,
    upRate: 90_000,
  }),
  host(9, { name: "nas", vendor: "Synology", downRate: 12_000, upRate: 5_600_000 }),
  host(10, { name: "vieux-pc", online: false, lastSeen: NOW - 40 * DAY }),
];

export const hostileHosts: readonly Host[] = [
  host(1, { name: '<img src=x onerror="alert(1)">' }),
  host(2, { name: "\u202Egpj.exe \u2066evil\u2069\n\n<script>alert(2)</script>" }),
  host(3, { name: `W${"\u0301".repeat(80)}${"W".repeat(160)}` }),
  host(4, { name: "بيت العائلة ١٢٣" }),
  host(5, { name: "a\u0000b\u001b[31mc" }),
  host(6, { name: "        " }),
];

export function manyHosts(count: number): readonly Host[] {
  return Array.from({ length: count }, (_, n) =>
    host(n + 1, {
      name: `appareil-numero-${n + 1}`,
      online: n % 5 !== 4,
      network: n % 9 === 0 ? "guest" : "lan",
      downRate: n % 7 === 0 ? 1000 * n * n : 0,
      upRate: n % 11 === 0 ? 500 * n : 0,
      ...(n % 40 === 3 ? { firstSeen: NOW - HOUR } : {}),
    }),
  );
}

const lan: Reply<"GET /lan"> = {
  kind: "serving",
  since: NOW - 9 * DAY,
  networks: [
    { name: "lan", zone: "lan", bridge: "br-lan", ports: ["eth1"], address: "192.168.1.1/24" },
    { name: "guest", zone: "guest", bridge: "br-guest", ports: [], address: "192.168.179.1/24" },
  ],
  dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
  faults: [],
};

const system: Reply<"GET /system"> = {
  model: "Passerelle One",
  version: "0.1.0",
  hostname: "passerelle",
  bootedAt: NOW - 9 * DAY,
  bootCause: "power",
  timezone: "Europe/Paris",
  clock: {
    kind: "synchronised",
    source: "pool.ntp.org",
    offsetMs: 0.4,
    stratum: 2,
    at: NOW - 60_000,
  },
  storage: [{ name: "data", totalBytes: 2e9, usedBytes: 3e8 }],
  processes: [],
  latest: {
    at: NOW,
    cpu: 0.07,
    memoryTotalBytes: 1e9,
    memoryAvailableBytes: 6e8,
    temperatureCelsius: 48,
    wanDownRate: 46_000_000,
    wanUpRate: 8_300_000,
    latencyMs: 7.4,
  },
  faults: [],
};

const newDevice: SystemNotification = {
  id: "device:d6",
  at: NOW - 2 * HOUR,
  severity: "info",
  code: "new_device",
  text: {
    fr: "Un nouvel appareil s’est connecté : « esp-3f21 ».",
    en: 'A new device has connected: "esp-3f21".',
  },
  next: {
    fr: "Si vous ne le connaissez pas, bloquez-le.",
    en: "If you do not know it, block it.",
  },
  subject: "esp-3f21",
};

const traffic: Reply<"GET /hosts/{id}/traffic"> = {
  periodMs: 300_000,
  points: Array.from({ length: 288 }, (_, n) => ({
    at: NOW - (288 - n) * 300_000,
    down: Math.round(4e7 * (1 + Math.sin(n / 20)) * (n % 13 === 0 ? 3 : 1)),
    up: Math.round(6e6 * (1 + Math.cos(n / 15))),
  })),
};

const plan: Reply<"POST /config/plan"> = {
  differences: [{ section: "firewall", path: "/blocked/0", after: "02:00:00:00:00:03" }],
  impacts: [
    {
      section: "firewall",
      severity: "short_interruption",
      text: {
        fr: "Cet appareil perd Internet tout de suite.",
        en: "This device loses the Internet at once.",
      },
    },
  ],
  problems: [],
  needsConfirmation: false,
};

/** A change that moves the box to another address. */
export const moves: Reply<"POST /config/plan"> = {
  ...plan,
  differences: [{ section: "lan", path: "/networks/0/address", after: "192.168.2.1/24" }],
  impacts: [
    {
      section: "lan",
      severity: "may_cut_you_off",
      text: {
        fr: "La passerelle change d’adresse : cette page doit la retrouver.",
        en: "The gateway gets another address: this page has to find it again.",
      },
    },
    ...plan.impacts,
  ],
  needsConfirmation: true,
};

export const well: Fixture = {
  replies: {
    "GET /welcome": welcome,
    "GET /sessions/current": { session },
    "POST /sessions": { session },
    "POST /sessions/current/step-up": { session },
    "GET /hosts/{id}/traffic": traffic,
    "GET /config": {
      revision: 7,
      sections: {
        firewall: { blocked: [] },
        lan: { reservations: [] },
        wan: { profile: "generic-dhcp" },
      },
    },
    "GET /config/state": { revision: 7, phase: { kind: "confirmed" } },
    "POST /config/plan": plan,
    "PATCH /hosts/{id}": host(3),
    "POST /config/apply": { revision: 8, plan, probation: { token: "t", seconds: 120 } },
  },
  channels: {
    wan,
    hosts: { hosts },
    lan,
    system,
    sample: system.latest,
    notifications: { notifications: [newDevice] },
    "port-mappings": {
      portMappings: [
        {
          id: "p1",
          name: "Web de Paul",
          enabled: true,
          protocol: "tcp",
          port: 8443,
          to: "192.168.1.53",
          host: "d3",
          owner: "admin",
          createdAt: NOW - 30 * DAY,
          active: true,
        },
      ],
    },
  },
};

export function but(
  channels: Fixture["channels"],
  replies: Fixture["replies"] = {},
  refusals: NonNullable<Fixture["refusals"]> = {},
): Fixture {
  return {
    replies: { ...well.replies, ...replies },
    channels: { ...well.channels, ...channels },
    refusals,
  };
}
