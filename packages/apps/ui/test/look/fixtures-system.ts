import type { ReplyOf, Routes } from "@passerelle/api";
import { NOW } from "./fixtures.ts";

type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function pool(first: string, last: string): object {
  return { enabled: true, first, last, leaseSeconds: 86_400, probe: true };
}

export const lanSection = {
  networks: [
    { name: "lan", address: "192.168.1.1/24", dhcp: pool("192.168.1.50", "192.168.1.250") },
    { name: "guest", address: "192.168.179.1/24", dhcp: pool("192.168.179.50", "192.168.179.250") },
  ],
  reservations: [{ address: "192.168.1.53", mac: "02:00:00:00:00:03" }],
  dns: {
    domain: "home.arpa",
    upstreams: [{ address: "9.9.9.9", protocol: "tls", serverName: "dns.quad9.net" }],
    blocklists: { enabled: true, names: ["ads.example.com"], allow: [] },
    rebinding: { enabled: true, exceptions: [] },
  },
};

export const revisions: Reply<"GET /config/history"> = {
  revisions: [
    {
      revision: 7,
      parent: 6,
      author: { name: "admin", origin: "lan" },
      at: NOW - 3 * HOUR,
      phase: "confirmed",
      note: "Jeu <b>",
      differences: [
        { section: "firewall", path: "/forwards/1", after: { id: "p2", port: 27015 } },
        {
          section: "lan",
          path: "/networks/0/address",
          before: "192.168.1.1/24",
          after: "10.0.0.1/24",
        },
      ],
    },
    {
      revision: 6,
      parent: 5,
      author: { name: "Domotique", origin: "lan" },
      at: NOW - DAY,
      phase: "rolled_back",
      differences: [],
    },
    {
      revision: 5,
      author: { name: "factory", origin: "box" },
      at: NOW - 9 * DAY,
      phase: "confirmed",
      differences: [],
    },
  ],
};

export const system: Reply<"GET /system"> = {
  model: "Passerelle One",
  version: "0.1.0",
  serial: "PA-0042",
  hostname: "passerelle",
  bootedAt: NOW - 9 * DAY,
  bootCause: "power",
  timezone: "Europe/Paris",
  clock: { kind: "synchronised", source: "pool.ntp.org", offsetMs: 0.4, stratum: 2, at: NOW },
  storage: [
    { name: "data", totalBytes: 2e9, usedBytes: 3e8 },
    { name: "system", totalBytes: 5e8, usedBytes: 4.7e8 },
  ],
  processes: ["config", "system", "web", "firewall", "wan", "lan", "broker", "other"].map(
    (name, n) => ({ name, pssBytes: 42e6 + n * 3_400_000, cpu: n * 0.004 }),
  ),
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
