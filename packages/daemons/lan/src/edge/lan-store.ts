import { join } from "node:path";
import { ipv4, type Mac } from "@passerelle/net";
import type { Fault } from "@passerelle/result";
import type { Clock, Logger } from "@passerelle/service";
import {
  createGroupCommit,
  type GroupCommit,
  openStore,
  type Store,
  StoreError,
} from "@passerelle/store";
import { type Duration, type Instant, seconds, wallTime } from "@passerelle/time";
import type { StoredLease } from "../core/dhcp/index.ts";
import type { StoredPlaces } from "../core/former/index.ts";
import type { Device } from "../core/inventory/device.ts";
import { type StoredLease as StoredLease6, slotOfLease } from "../core/ipv6/dhcpv6/index.ts";
import type { StoredAnnouncements } from "../core/ipv6/ra/index.ts";
import type { Ipv6Store, StoredHome } from "./ipv6/ipv6-store.ts";

/** The daemon's memory on the disk: leases, and the inventory of devices. */
export interface LanStore extends Ipv6Store {
  leases(): readonly StoredLease[];
  devices(): readonly Device[];
  /** Where the networks are and were; undefined before the first start. */
  places(): StoredPlaces | undefined;
  /** `done` says whether it is on the disk. */
  putLease(lease: StoredLease, done: (durable: boolean) => void): void;
  putPlaces(places: StoredPlaces): void;
  putDevice(device: Device): void;
  removeDevice(id: string): void;
  /** Writes the changes of devices now; else they wait for each other. */
  flushDevices(): void;
  /** Present while the disk does not take what we write. */
  readonly fault: Fault | undefined;
  close(): void;
}

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE lease (
     address INTEGER PRIMARY KEY, network TEXT NOT NULL, key TEXT NOT NULL, mac TEXT NOT NULL,
     client_id TEXT, hostname TEXT, vendor_class TEXT,
     duration_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, boot_id TEXT NOT NULL,
     expires_wall INTEGER NOT NULL, ended INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE device (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;`,
  "CREATE TABLE places (one INTEGER PRIMARY KEY CHECK (one = 1), document TEXT NOT NULL) STRICT;",
  `CREATE TABLE lease6 (slot TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE announced (network TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE home6 (one INTEGER PRIMARY KEY CHECK (one = 1), document TEXT NOT NULL) STRICT;`,
];

interface LeaseRow {
  readonly address: number;
  readonly network: string;
  readonly key: string;
  readonly mac: string;
  readonly client_id: string | null;
  readonly hostname: string | null;
  readonly vendor_class: string | null;
  readonly duration_ms: number;
  readonly expires_ms: number;
  readonly boot_id: string;
  readonly ended: number;
}

/** A disk that can't be used at all does not keep the home off the network: everything is served from memory then. */
export function openLanStore(directory: string, clock: Clock, log: Logger): LanStore {
  try {
    const store = openStore({ path: join(directory, "lan.sqlite"), migrations: MIGRATIONS });
    if (store.opening.kind === "replaced") {
      log.error("lan_store_replaced", { movedTo: store.opening.movedTo });
    }
    return new SqliteLanStore(store, clock, log);
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    log.error("lan_store_unusable", { code: thrown.code, reason: thrown.message });
    return memoryOnly(thrown);
  }
}

class SqliteLanStore implements LanStore {
  fault: Fault | undefined;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #commit: GroupCommit;
  /** Devices to be written; undefined: to be deleted. */
  readonly #devices = new Map<string, Device | undefined>();
  #later: { cancel(): void } | undefined;

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#commit = createGroupCommit({
      store,
      later: (wait, callback) => clock.later(wait, callback),
    });
  }

  leases(): readonly StoredLease[] {
    return this.#store.all<LeaseRow>("SELECT * FROM lease").map((row) => ({
      network: row.network,
      address: ipv4(row.address),
      key: row.key,
      mac: row.mac as Mac,
      ...(row.client_id === null ? {} : { clientId: row.client_id }),
      ...(row.hostname === null ? {} : { hostname: row.hostname }),
      ...(row.vendor_class === null ? {} : { vendorClass: row.vendor_class }),
      duration: row.duration_ms as Duration,
      expires: row.expires_ms as Instant,
      bootId: row.boot_id,
      ended: row.ended !== 0,
    }));
  }

  devices(): readonly Device[] {
    const rows = this.#store.all<{ readonly document: string }>("SELECT document FROM device");
    return rows.map((row) => JSON.parse(row.document) as Device);
  }

  places(): StoredPlaces | undefined {
    const rows = this.#store.all<{ readonly document: string }>("SELECT document FROM places");
    const [row] = rows;
    return row === undefined ? undefined : (JSON.parse(row.document) as StoredPlaces);
  }

  putPlaces(places: StoredPlaces): void {
    const document = JSON.stringify(places);
    this.#enqueue(() => {
      this.#store.run("INSERT OR REPLACE INTO places VALUES (1, ?)", document);
    });
  }

  putLease(lease: StoredLease, done: (durable: boolean) => void): void {
    // For people who open the file; nothing is timed by it.
    const expiresWall = wallTime(
      Math.round(this.#clock.wall() + lease.expires - this.#clock.now()),
    );
    this.#enqueue(() => {
      this.#store.run(
        "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        lease.address,
        lease.network,
        lease.key,
        lease.mac,
        lease.clientId ?? null,
        lease.hostname ?? null,
        lease.vendorClass ?? null,
        Math.round(lease.duration),
        Math.ceil(lease.expires),
        lease.bootId,
        expiresWall,
        lease.ended ? 1 : 0,
      );
    }, done);
  }

  home(): StoredHome | undefined {
    return this.#documents<StoredHome>("SELECT document FROM home6")[0];
  }

  putHome(home: StoredHome): void {
    const document = JSON.stringify(home);
    this.#enqueue(() => this.#store.run("INSERT OR REPLACE INTO home6 VALUES (1, ?)", document));
  }

  announcements(network: string): StoredAnnouncements | undefined {
    const found = "SELECT document FROM announced WHERE network = ?";
    return this.#documents<StoredAnnouncements>(found, network)[0];
  }

  putAnnouncements(network: string, record: StoredAnnouncements): void {
    const document = JSON.stringify(record);
    this.#enqueue(() => {
      this.#store.run("INSERT OR REPLACE INTO announced VALUES (?, ?)", network, document);
    });
  }

  dhcpv6Leases(): readonly StoredLease6[] {
    return this.#documents<StoredLease6>("SELECT document FROM lease6");
  }

  putDhcpv6Leases(leases: readonly StoredLease6[], done: (durable: boolean) => void): void {
    const rows = leases.map((one) => [slotOfLease(one.lease), JSON.stringify(one)] as const);
    this.#enqueue(() => {
      for (const row of rows)
        this.#store.run("INSERT OR REPLACE INTO lease6 VALUES (?, ?)", ...row);
    }, done);
  }

  removeDhcpv6Leases(slots: readonly string[]): void {
    this.#enqueue(() => {
      for (const slot of slots) this.#store.run("DELETE FROM lease6 WHERE slot = ?", slot);
    });
  }

  putDevice(device: Device): void {
    this.#changeDevice(device.id, device);
  }

  removeDevice(id: string): void {
    this.#changeDevice(id, undefined);
  }

  flushDevices(): void {
    this.#later?.cancel();
    this.#later = undefined;
    const changes = [...this.#devices];
    if (changes.length === 0) return;
    this.#devices.clear();
    this.#enqueue(() => {
      for (const [id, device] of changes) {
        if (device === undefined) this.#store.run("DELETE FROM device WHERE id = ?", id);
        else {
          const document = JSON.stringify(device);
          this.#store.run("INSERT OR REPLACE INTO device VALUES (?, ?)", id, document);
        }
      }
    });
  }

  close(): void {
    this.flushDevices();
    this.#commit.flush();
    this.#store.close();
  }

  /** What was seen of devices may be lost in a crash: it waits, and never makes a lease wait. */
  #changeDevice(id: string, device: Device | undefined): void {
    this.#devices.set(id, device);
    this.#later ??= this.#clock.later(DEVICES_TOGETHER, () => this.flushDevices());
  }

  #documents<Document>(query: string, ...values: readonly string[]): readonly Document[] {
    const rows = this.#store.all<{ readonly document: string }>(query, ...values);
    return rows.map(({ document }) => JSON.parse(document) as Document);
  }

  #enqueue(write: () => void, done?: (durable: boolean) => void): void {
    this.#commit.enqueue(write, (result) => {
      if (!result.ok && this.fault === undefined) {
        this.#log.error("lan_store_refused", { code: result.error.code });
      }
      if (result.ok && this.fault !== undefined) this.#log.info("lan_store_recovered");
      this.fault = result.ok ? undefined : storeFault(result.error);
      done?.(result.ok);
    });
  }
}

function memoryOnly(error: StoreError): LanStore {
  return {
    leases: () => [],
    devices: () => [],
    places: () => undefined,
    putPlaces: () => undefined,
    putLease: (_, done) => done(false),
    home: () => undefined,
    putHome: () => undefined,
    announcements: () => undefined,
    putAnnouncements: () => undefined,
    dhcpv6Leases: () => [],
    putDhcpv6Leases: (_, done) => done(false),
    removeDhcpv6Leases: () => undefined,
    putDevice: () => undefined,
    removeDevice: () => undefined,
    flushDevices: () => undefined,
    fault: storeFault(error),
    close: () => undefined,
  };
}

function storeFault(error: StoreError): Fault {
  return {
    code: "leases_not_stored",
    text: {
      fr: "Les baux et la liste des appareils ne peuvent pas être enregistrés ; le réseau continue.",
      en: "Leases and the list of devices can't be stored; the network goes on.",
    },
    next: {
      fr: "Libérez de la place ou vérifiez la mémoire de la passerelle.",
      en: "Free some space, or check the gateway's storage.",
    },
    raw: `${error.code}: ${error.message}`.slice(0, 2000),
  };
}

/** As long as a crash may forget who was seen. */
const DEVICES_TOGETHER = seconds(1);
