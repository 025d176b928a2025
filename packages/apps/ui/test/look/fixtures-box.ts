import type { ReplyOf, Routes } from "@passerelle/api";
import { openApiDocument } from "@passerelle/api/openapi";
import type { Fixture } from "./box.ts";
import { NOW, session, wanDown, well } from "./fixtures.ts";
import { lanSection, revisions, system } from "./fixtures-system.ts";

type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const noAnswer = wanDown.line.cause;

type Transition = Reply<"GET /wan/history">["transitions"][number];

function outage(from: number, ms: number): readonly Transition[] {
  return [
    {
      at: from,
      layer: "reach",
      from: "online",
      to: "offline",
      ...(noAnswer === undefined ? {} : { cause: noAnswer }),
    },
    { at: from + 100, layer: "session", from: "bound", to: "selecting" },
    { at: from + ms - 100, layer: "session", from: "selecting", to: "bound" },
    { at: from + ms, layer: "reach", from: "offline", to: "online" },
  ];
}

const wanHistory: Reply<"GET /wan/history"> = {
  transitions: [
    { at: NOW - 9 * DAY, layer: "access", from: "no_carrier", to: "up" },
    { at: NOW - 9 * DAY + 900, layer: "session", from: "selecting", to: "bound" },
    { at: NOW - 9 * DAY + 1200, layer: "reach", from: "unknown", to: "online" },
    ...outage(NOW - 4 * DAY, 14 * MINUTE),
    ...outage(NOW - DAY - HOUR, 40_000),
    { at: NOW - 6 * HOUR, layer: "session", from: "bound", to: "renewing" },
    { at: NOW - 6 * HOUR + 50, layer: "session", from: "renewing", to: "bound" },
    ...outage(NOW - 2 * HOUR, 3 * MINUTE),
  ],
};

const history: Reply<"GET /system/history"> = {
  series: "wan_down",
  periodMs: 1000,
  from: NOW - 599_000,
  mean: Array.from({ length: 600 }, (_, n) =>
    n > 200 && n < 230 ? null : 3e7 * (1.2 + Math.sin(n / 40)) + (n % 17) * 1e6,
  ),
  peak: Array.from({ length: 600 }, (_, n) => 4e7 * (1.2 + Math.sin(n / 40)) + (n % 17) * 1e6),
};

const wanSection = {
  interface: "wan",
  profile: "orange-fr",
  link: "untagged",
  mac: "02:70:61:00:00:01",
  credentials: { login: "fti/abc123", password: "•••" },
  health: { names: ["example.com"] },
};

const config: Reply<"GET /config"> = {
  revision: 7,
  sections: {
    wan: wanSection,
    web: { https: "offered" },
    firewall: { forwards: [] },
    config: { device: { name: "Passerelle" } },
    system: {
      timezone: "Europe/Paris",
      ntp: { enabled: true, servers: ["pool.ntp.org"], serveLan: true },
      notifications: { newDevice: true, internet: true, configuration: false, health: true },
    },
    lan: lanSection,
  },
};

const mappings: Reply<"GET /nat/port-mappings"> = {
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
    {
      id: "p2",
      name: "Jeu",
      enabled: false,
      protocol: "both",
      port: 27015,
      portLast: 27030,
      to: "192.168.1.57",
      host: "d7",
      owner: "Domotique \u202E<b>",
      createdAt: NOW - 3 * HOUR,
      active: false,
    },
    {
      id: "p3",
      enabled: true,
      protocol: "udp",
      port: 51820,
      to: "192.168.1.99",
      source: "203.0.113.0/24",
      active: true,
    },
  ],
};

const sessions: Reply<"GET /sessions"> = {
  sessions: [
    {
      ...session,
      userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/148.0 Safari/537.36",
    },
    {
      ...session,
      id: "s2",
      current: false,
      source: "192.168.1.51",
      userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
      startedAt: NOW - 5 * DAY,
      lastSeenAt: NOW - 3 * HOUR,
    },
    {
      ...session,
      id: "s3",
      current: false,
      kind: "app",
      actor: "Domotique",
      source: "192.168.1.58",
      startedAt: NOW - 40 * MINUTE,
      lastSeenAt: NOW - MINUTE,
    },
  ],
};

const apps: Reply<"GET /apps"> = {
  apps: [
    {
      id: "a1",
      name: "Domotique",
      capabilities: ["read", "devices"],
      createdAt: NOW - 90 * DAY,
      lastSeenAt: NOW - MINUTE,
    },
  ],
  requests: [
    {
      id: "r1",
      name: "<b>Télécommande</b>",
      wanted: ["read", "settings"],
      source: "192.168.1.51",
      at: NOW - 50_000,
      state: "pending",
    },
  ],
};

const texts: readonly (readonly [string, string])[] = [
  ["Connexion de admin.", "admin logged in."],
  ["Mot de passe refusé.", "A password was refused."],
  ["Port 8443 ouvert vers « portable-paul ».", 'Port 8443 opened to "portable-paul".'],
];
const log: Reply<"GET /event-log"> = {
  entries: Array.from({ length: 9 }, (_, n) => ({
    id: 90 - n,
    at: NOW - n * 7 * HOUR,
    category: "security" as const,
    severity: n % 3 === 1 ? ("warning" as const) : ("info" as const),
    code: "login",
    text: { fr: texts[n % 3]?.[0] ?? "", en: texts[n % 3]?.[1] ?? "" },
    actor: n === 4 ? '<img src=x onerror="alert(1)">' : "admin",
    source: "192.168.1.51",
  })),
  more: true,
};

const firewall: Reply<"GET /firewall"> = {
  kind: "protecting",
  since: NOW - 9 * DAY,
  openings: [],
  blockedDevices: ["02:00:00:00:00:07", "02:00:00:00:00:77"],
};

/** A home whose box was asked everything. */
export const whole: Fixture = {
  replies: {
    ...well.replies,
    "GET /system/history": history,
    "GET /event-log": log,
    "GET /config/history": revisions,
    "GET /openapi.json": openApiDocument(),
    "GET /config": config,
  },
  channels: {
    ...well.channels,
    "wan-history": wanHistory,
    "port-mappings": mappings,
    sessions,
    apps,
    firewall,
    system,
    bus: {
      topic: "lan/device",
      at: NOW,
      value: { kind: "new", device: { hostname: "<script>alert(1)</script>\u202E" } },
    },
    config: { revision: 7, phase: { kind: "confirmed" } },
  },
};

type Job = Reply<"GET /jobs">["jobs"][number];

const assistant: Job = {
  id: "j1",
  request: { kind: "no_internet" },
  startedAt: NOW - 9_000,
  state: "done",
  progress: 1,
  steps: [
    {
      code: "cable",
      verdict: "ok",
      text: { fr: "Le câble a un signal.", en: "The cable has a signal." },
    },
    {
      code: "address",
      verdict: "fault",
      text: {
        fr: "L’opérateur ne répond pas aux demandes d’adresse.",
        en: "The operator does not answer the requests for an address.",
      },
      next: {
        fr: "Vérifiez que le boîtier optique est allumé.",
        en: "Check that the fibre box is on.",
      },
    },
    {
      code: "names",
      verdict: "skipped",
      text: { fr: "Sans adresse, pas de noms.", en: "No names without an address." },
    },
  ],
  lines: [],
};

const ping: Job = {
  id: "j1",
  request: { kind: "ping", target: "web.internet.test", count: 5 },
  startedAt: NOW - 4_000,
  state: "running",
  progress: 0.6,
  steps: [],
  lines: [
    { number: 1, address: "93.184.216.34", timeMs: 7.41, ttl: 57 },
    { number: 2, address: "93.184.216.34", timeMs: 123.4, ttl: 57 },
    { number: 3, text: "no answer" },
  ],
};

const capture: Job = {
  ...ping,
  request: { kind: "capture", network: "lan", seconds: 20 },
  state: "done",
  lines: [],
  steps: [
    {
      code: "result",
      verdict: "ok",
      text: { fr: "La capture fait 45 Ko.", en: "The capture has 45 KB." },
    },
  ],
  fileBytes: 46_080,
};

const report = JSON.stringify({
  madeAt: NOW,
  version: "0.1.0",
  states: { "wan/state": { kind: "<script>" } },
});

function diagnosed(job: Job): Fixture {
  return {
    ...whole,
    replies: {
      ...whole.replies,
      "POST /diagnostics": { id: "j1" },
      "POST /system/support-bundle": { document: report },
    },
    channels: { ...whole.channels, jobs: { jobs: [job] } },
  };
}
export const asked = {
  assistant: diagnosed(assistant),
  ping: diagnosed(ping),
  capture: diagnosed(capture),
};

export const closed: Fixture = {
  ...whole,
  channels: {
    ...whole.channels,
    "port-mappings": { portMappings: [] },
    apps: { apps: [], requests: [] },
    firewall: { ...firewall, blockedDevices: [] },
    hosts: { hosts: [] },
    sessions: { sessions: sessions.sessions.slice(0, 1) },
  },
};

export const lineDown: Fixture = {
  ...whole,
  channels: {
    ...whole.channels,
    wan: wanDown,
    "wan-history": {
      transitions: [
        ...wanHistory.transitions,
        {
          at: NOW - 25 * MINUTE,
          layer: "reach",
          from: "online",
          to: "offline",
          ...(noAnswer === undefined ? {} : { cause: noAnswer }),
        },
      ],
    },
  },
};

const bundle = {
  board: "passerelle-test",
  version: "0.2.0",
  built: "2026-11-25",
  notes: "Un réseau invité plus <b>rapide</b>.",
};
const refused = {
  code: "upgrade_not_newer",
  text: {
    fr: "Cette mise à jour n’est pas plus récente que la version installée.",
    en: "This update is not newer than the version that runs.",
  },
};
const PHASES: readonly Reply<"GET /system/upgrade">["phase"][] = [
  { kind: "unsupported" },
  { kind: "idle" },
  { kind: "ready", bundle },
  { kind: "refused", fault: refused, bundle },
  { kind: "installing", bundle, percent: 40 },
  { kind: "installed", version: "0.2.0" },
  { kind: "trial", version: "0.2.0", secondsLeft: 120 },
];

/** What a person sees of an update, phase by phase. */
export const upgrades: Readonly<Record<string, Fixture>> = Object.fromEntries(
  PHASES.map((phase): [string, Fixture] => [
    phase.kind,
    {
      ...whole,
      channels: {
        ...whole.channels,
        upgrade: {
          phase,
          running: { version: "0.1.0", board: "test", slot: "A", builtAt: "2026-10-01" },
          other: { slot: "B", version: "0.0.9", bootable: true },
          proven: phase.kind !== "trial",
          missing: phase.kind === "trial" ? ["page"] : [],
          last: {
            kind: "fell_back",
            version: "0.1.5",
            from: "0.1.0",
            at: NOW - 5 * MINUTE,
            missing: ["page"],
          },
        },
      },
    },
  ]),
);
