import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A DHCP server of the bench: all serve the same network, without a ping or ARP before an address. */
export interface DhcpServer {
  readonly name: string;
  /** What of a lease is safe when its answer leaves. */
  readonly durability: string;
  /** Writes what it needs into a directory of its own and says how it is started. */
  readonly prepare: (directory: string) => Program & {
    /** Started before it, on the core of the clients; not counted as the server. */
    readonly helpers?: readonly Program[];
  };
}

export interface Program {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const SERVER = { address: "10.77.0.1", prefixLength: 16, port: "lan0" } as const;
const POOL = { first: "10.77.1.0", last: "10.77.250.250" } as const;
const LEASE_SECONDS = 3600;

const PROGRAM = join(import.meta.dirname, "../../packages/apps/passerelle/src/main.ts");

const passerelle: DhcpServer = {
  name: "Passerelle (`lan` in its own process)",
  durability: "in the database, synced",
  prepare(directory) {
    const defaults = join(directory, "defaults.json");
    const state = join(directory, "state");
    const runtime = join(directory, "run");
    mkdirSync(state, { recursive: true });
    mkdirSync(runtime, { recursive: true });
    const network = {
      name: "lan",
      zone: "lan",
      bridge: "br-lan",
      ports: [SERVER.port],
      address: `${SERVER.address}/${SERVER.prefixLength}`,
      dhcp: {
        ...{ enabled: true, ...POOL, leaseSeconds: LEASE_SECONDS, probe: false },
        ...{ newLeasesPerSecond: 100_000, resolvers: [], timeServers: [] },
      },
    };
    writeFileSync(defaults, JSON.stringify({ lan: { networks: [network] } }));
    const env = {
      NODE_ENV: "production",
      PASSERELLE_STATE_DIR: state,
      PASSERELLE_RUNTIME_DIR: runtime,
      PASSERELLE_DEFAULTS: defaults,
      PASSERELLE_LOG: "error",
    };
    const run = [process.execPath, PROGRAM, "run"];
    // As on a board: each daemon a process, here with the embedded broker beside `config`.
    return {
      argv: [...run, "lan"],
      env,
      helpers: [{ argv: [...run, "config", "--embedded-broker"], env }],
    };
  },
};

const dnsmasq: DhcpServer = {
  name: "dnsmasq",
  durability: "whole file written, not synced",
  prepare: (directory) => ({
    argv: [
      ...["dnsmasq", "--conf-file=/dev/null", "--keep-in-foreground", "--port=0", "--user=root"],
      ...["--pid-file=", `--interface=${SERVER.port}`, "--no-ping", "--dhcp-authoritative"],
      ...[`--dhcp-range=${POOL.first},${POOL.last},${LEASE_SECONDS}`, "--dhcp-lease-max=70000"],
      ...[`--dhcp-leasefile=${join(directory, "leases")}`, "--quiet-dhcp"],
      `--log-facility=${join(directory, "log")}`,
    ],
  }),
};

const kea: DhcpServer = {
  name: "kea-dhcp4, memfile",
  durability: "appended to a file, not synced",
  prepare(directory) {
    const path = join(directory, "kea.json");
    const configuration = {
      Dhcp4: {
        "interfaces-config": { interfaces: [SERVER.port] },
        "lease-database": {
          ...{ type: "memfile", persist: true, "lfc-interval": 0 },
          name: join(directory, "leases.csv"),
        },
        "valid-lifetime": LEASE_SECONDS,
        subnet4: [{ subnet: "10.77.0.0/16", pools: [{ pool: `${POOL.first} - ${POOL.last}` }] }],
        loggers: [
          {
            ...{ name: "kea-dhcp4", severity: "ERROR" },
            output_options: [{ output: join(directory, "log") }],
          },
        ],
      },
    };
    writeFileSync(path, JSON.stringify(configuration));
    return {
      argv: ["kea-dhcp4", "-c", path],
      env: { KEA_PIDFILE_DIR: directory, KEA_LOCKFILE_DIR: "none" },
    };
  },
};

export const SERVERS: readonly DhcpServer[] = [passerelle, dnsmasq, kea];
