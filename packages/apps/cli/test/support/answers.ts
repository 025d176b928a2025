import type { Host, Operation, PortMapping, ReplyOf, Routes } from "@passerelle/api";

/** What the box of the tests answers, by operation; the compiler and the schemas of the API see to its shape. */
export type Answers = { readonly [Key in Operation]?: ReplyOf<Routes[Key]> };

/** A name that would clear the screen, turn the line around and begin another one. */
export const HOSTILE = "\u001b[2J\u202eevil\nname\u009b31m";

const AT = Date.UTC(2026, 9, 12, 14, 2, 3);

const laptop: Host = {
  id: "d-1",
  name: "Laptop",
  nameSource: "person",
  macs: ["02:70:61:00:00:01"],
  privateMac: false,
  addresses: ["192.168.1.20", "fe80::1"],
  hostname: "laptop",
  vendor: "Maker",
  network: "lan",
  online: true,
  firstSeen: AT - 86_400_000,
  lastSeen: AT,
  evidence: ["dhcp"],
  downRate: 1_200_000,
  upRate: 30_000,
  downBytes: 1_234_567,
  upBytes: 4321,
  blocked: false,
  reservedAddress: "192.168.1.20",
  portMappings: ["web"],
};

const hostile: Host = {
  id: "d-2",
  name: HOSTILE,
  nameSource: "dhcp",
  macs: ["02:70:61:00:00:02"],
  privateMac: true,
  addresses: [],
  hostname: HOSTILE,
  online: false,
  firstSeen: AT,
  lastSeen: AT,
  evidence: ["arp"],
  blocked: true,
  portMappings: [],
};

const twins = ["d-3", "d-4"].map(
  (id, n): Host => ({
    ...hostile,
    id,
    name: "Twin",
    hostname: "twin",
    macs: [`02:70:61:00:00:0${n + 3}`],
    blocked: false,
  }),
);

const opening: PortMapping = {
  id: "web",
  name: "website",
  enabled: true,
  protocol: "tcp",
  port: 8080,
  to: "192.168.1.20",
  toPort: 80,
  host: "d-1",
  owner: "admin",
  createdAt: AT,
  active: true,
};

const plan: ReplyOf<Routes["POST /config/plan"]> = {
  differences: [{ section: "firewall", path: "/answerPing", before: true, after: false }],
  impacts: [
    {
      section: "firewall",
      severity: "short_interruption",
      text: { fr: "Une coupure brève.", en: "A short interruption." },
    },
  ],
  problems: [],
  needsConfirmation: false,
};

const session: ReplyOf<Routes["GET /sessions/current"]>["session"] = {
  id: "s-1",
  current: true,
  kind: "person",
  actor: "admin",
  capabilities: ["read", "admin"],
  source: "192.168.1.20",
  userAgent: HOSTILE,
  startedAt: AT,
  lastSeenAt: AT,
  expiresAt: AT + 3_600_000,
  stepUpUntil: AT + 3_600_000,
};

const app = { id: "a-1", name: "Home app", capabilities: ["read" as const], createdAt: AT };

const job: ReplyOf<Routes["GET /jobs/{id}"]> = {
  id: "j-1",
  request: { kind: "no_internet" },
  startedAt: AT,
  state: "done",
  progress: 1,
  steps: [
    { code: "cable", verdict: "ok", text: { fr: "Le câble est bon.", en: "The cable is good." } },
  ],
  lines: [{ number: 1, address: "192.0.2.1", name: HOSTILE, timeMs: 4.2, ttl: 64 }],
};

export const answers: Answers = {
  "GET /system": {
    model: "lab",
    version: "0.1.0",
    hostname: "box",
    bootedAt: AT - 3_600_000,
    bootCause: "power",
    timezone: "Europe/Paris",
    clock: { kind: "synchronised", source: "ntp.test", offsetMs: 1.2, stratum: 2, at: AT },
    storage: [{ name: "data", totalBytes: 1000, usedBytes: 100 }],
    processes: [],
    latest: {
      at: AT,
      cpu: 0.03,
      memoryTotalBytes: 512_000_000,
      memoryAvailableBytes: 300_000_000,
      temperatureCelsius: 48,
      wanDownRate: 12_000_000,
      wanUpRate: 500,
    },
    faults: [],
  },
  "GET /wan": {
    line: {
      interface: "wan0",
      port: "wan0",
      link: { kind: "untagged" },
      ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
      profile: "ethernet",
      access: { kind: "up", since: AT },
      session: {
        kind: "bound",
        address: "81.250.0.101/24",
        server: "81.250.0.1",
        resolvers: ["81.253.149.10"],
        routes: [],
        obtainedAt: AT,
        renewsAt: AT,
        expiresAt: AT,
      },
      reach: { kind: "online", since: AT, rttMs: 4.4 },
      since: AT,
    },
    resolvers: ["81.253.149.10"],
  },
  "GET /hosts": { hosts: [laptop, hostile, ...twins] },
  "GET /hosts/{id}": laptop,
  "PATCH /hosts/{id}": laptop,
  "GET /nat/port-mappings": { portMappings: [opening] },
  "POST /nat/port-mappings": opening,
  "PATCH /nat/port-mappings/{id}": opening,
  "GET /firewall": { kind: "protecting", since: AT, openings: [], blockedDevices: [] },
  "GET /lan": {
    kind: "serving",
    since: AT,
    networks: [
      { name: "lan", zone: "lan", bridge: "br-lan", ports: ["lan0"], address: "192.168.1.1/24" },
    ],
    dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
    faults: [],
  },
  "GET /config/state": { revision: 7, phase: { kind: "confirmed" } },
  "GET /notifications": {
    notifications: [
      {
        id: "n-1",
        at: AT,
        severity: "warning",
        code: "new_device",
        text: { fr: "Un nouvel appareil.", en: "A new device." },
        subject: HOSTILE,
      },
    ],
  },
  "GET /config": {
    revision: 7,
    sections: {
      firewall: { answerPing: true, blocked: ["02:70:61:00:00:02"], forwards: [] },
      wan: { credentials: { login: "fti/labtest", password: "•••" } },
      lan: { networks: [{ name: "lan", address: "192.168.1.1/24" }] },
    },
  },
  "GET /config/history": {
    revisions: [
      {
        revision: 7,
        parent: 6,
        author: { name: HOSTILE, origin: "lan" },
        at: AT,
        phase: "confirmed",
        note: HOSTILE,
        differences: plan.differences,
      },
    ],
  },
  "POST /config/plan": plan,
  "POST /config/apply": { revision: 8, plan, probation: { token: "tok-1", seconds: 90 } },
  "POST /config/confirm": { revision: 8 },
  "POST /config/rollback": { revision: 9 },
  "POST /config/export": { document: '{"format":"passerelle"}' },
  "POST /config/import": { revision: 10, plan, probation: { token: "tok-2", seconds: 90 } },
  "GET /event-log": {
    entries: [
      {
        id: 41,
        at: AT,
        category: "security",
        severity: "warning",
        code: "login_failed",
        text: { fr: "Un mauvais mot de passe.", en: "A wrong password." },
        actor: HOSTILE,
        source: "192.168.1.66",
      },
    ],
    more: true,
  },
  "POST /diagnostics": { id: "j-1" },
  "GET /jobs": { jobs: [job] },
  "GET /jobs/{id}": job,
  "GET /jobs/{id}/file": "PCAP",
  "POST /system/support-bundle": { document: '{"system":{},"log":[]}' },
  "GET /system/upgrade": {
    phase: { kind: "ready", bundle: { board: "passerelle-test", version: "0.2.0" } },
    running: { version: "0.1.0", board: "test", slot: "A" },
    other: { slot: "B", version: "0.0.9", bootable: true },
    proven: true,
    missing: [],
    last: { kind: "kept", version: "0.1.0", from: "0.0.9", at: 1_800_000_000_000 },
  },
  "POST /system/upgrade": {},
  "POST /system/upgrade/install": {},
  "POST /system/upgrade/rollback": {},
  "POST /system/reboot": {},
  "POST /system/factory-reset": {},
  "GET /sessions": { sessions: [session] },
  "POST /sessions": { session, token: "bearer-1" },
  "POST /sessions/current/step-up": { session },
  "GET /apps": {
    apps: [app],
    requests: [
      {
        id: "r-1",
        name: HOSTILE,
        wanted: ["read"],
        source: "192.168.1.9",
        at: AT,
        state: "pending",
      },
    ],
  },
  "POST /apps/requests/{id}/answer": { app },
  "PATCH /apps/{id}": { app },
};
