import type { Clock, Logger } from "@passerelle/service";
import { openStore, type Store, StoreError } from "@passerelle/store";
import { type Instant, instant } from "@passerelle/time";
import {
  addReading,
  type BootPoints,
  closePeriod,
  type Grid,
  gridOf,
  type Point,
  type Running,
  type SeriesPoint,
  seriesOf,
  slotOf,
} from "../core/ring.ts";
import {
  FIVES,
  SECONDS,
  SERIES,
  type SeriesName,
  TENS,
  type Tier,
  type Values,
} from "../core/series.ts";

export interface HistoryOptions {
  /** Survives a reboot: flash. */
  readonly stateDirectory: string;
  /** Survives a restart of the daemon, not a reboot: memory. */
  readonly runtimeDirectory: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Readings go to the file in memory as often as this. */
const RECENT_EVERY_READINGS = 10;
/** And to flash once a period of the coarsest ring: 288 transactions a day of some pages each. */
const FLUSH_EVERY_READINGS = 300;

/**
 * The three rings. The last 10 minutes by the second are a file in the runtime directory (memory): nobody wants them
 * after a reboot, and they would wear the flash. The other two are a file in the state directory, written every
 * 5 minutes and at the end. A daemon that is killed makes what it lost again from the seconds.
 */
export class History {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #recent: Store | undefined;
  readonly #store: Store | undefined;
  #seconds: Point[] = [];
  #secondsWaiting: Point[] = [];
  readonly #coarse: readonly Coarse[] = [
    { tier: TENS, running: undefined, waiting: [] },
    { tier: FIVES, running: undefined, waiting: [] },
  ];
  #readings = 0;
  #failing = false;

  constructor(options: HistoryOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#recent = this.#open(`${options.runtimeDirectory}/recent.db`);
    this.#store = this.#open(`${options.stateDirectory}/history.db`);
    this.#recover();
  }

  /** One reading, made now. */
  add(values: Values): void {
    const now = this.#clock.now();
    const point = { slot: slotOf(SECONDS, now), mean: values, peak: values };
    // A timer that rang twice in one second: the newer reading stands.
    if (this.#seconds.at(-1)?.slot === point.slot) this.#seconds.pop();
    else this.#feed(now, values);
    this.#seconds.push(point);
    if (this.#seconds.length > SECONDS.capacity) this.#seconds.shift();
    this.#secondsWaiting.push(point);
    this.#readings += 1;
    if (this.#readings % RECENT_EVERY_READINGS === 0) this.#writeRecent();
    if (this.#readings % FLUSH_EVERY_READINGS === 0) this.flush();
  }

  grid(series: SeriesName, tier: Tier): Grid {
    const now = { instant: this.#clock.now(), wall: this.#clock.wall() };
    const index = SERIES.indexOf(series);
    const current = (points: readonly Point[]): BootPoints => ({
      offsetMs: now.wall - now.instant,
      points: seriesOf(points, index),
    });
    if (tier === SECONDS) return gridOf(tier, [current(this.#seconds)], now);
    const { waiting, running } = this.#coarse.find((each) => each.tier === tier) ?? NOTHING;
    // A period that is over but was followed by no reading yet.
    const over = running !== undefined && running.slot < slotOf(tier, now.instant);
    const closed = over ? [closePeriod(running)] : [];
    return gridOf(tier, [...this.#stored(tier, index), current([...waiting, ...closed])], now);
  }

  /** For the support report: each series in a few figures. */
  summary(): unknown {
    return SERIES.map((series) => {
      const { from, mean, peak } = this.grid(series, TENS);
      const values = mean.filter((value) => value !== null);
      const sum = values.reduce((total, value) => total + value, 0);
      const peaks = peak.filter((value) => value !== null);
      return {
        series,
        from,
        points: mean.length,
        gaps: mean.length - values.length,
        mean: values.length === 0 ? null : sum / values.length,
        peak: peaks.length === 0 ? null : peaks.reduce((a, b) => Math.max(a, b)),
        last: mean.at(-1) ?? null,
      };
    });
  }

  /** Writes what waits to flash. */
  flush(): void {
    if (this.#store === undefined) return;
    const store = this.#store;
    const offset = this.#clock.wall() - this.#clock.now();
    const done = store.attempt(() => {
      store.run(
        "INSERT INTO boots (boot, offset) VALUES (?, ?) ON CONFLICT (boot) DO UPDATE SET offset = excluded.offset",
        this.#clock.bootId,
        offset,
      );
      const boot = store.get<{ id: number }>(
        "SELECT id FROM boots WHERE boot = ?",
        this.#clock.bootId,
      );
      for (const { tier, waiting } of this.#coarse) {
        for (const point of waiting) {
          // A period that an earlier life of this boot wrote whole stands.
          store.run(
            "INSERT OR IGNORE INTO points (tier, boot, slot, data) VALUES (?, ?, ?, ?)",
            ...[tier.name, boot?.id ?? 0, point.slot, encode(point)],
          );
        }
        if (waiting.length > 0) trim(store, tier);
      }
      store.run(
        "DELETE FROM boots WHERE boot <> ? AND id NOT IN (SELECT boot FROM points)",
        this.#clock.bootId,
      );
    });
    this.#complain(done.ok ? undefined : done.error);
    if (done.ok) for (const each of this.#coarse) each.waiting = [];
  }

  close(): void {
    this.#writeRecent();
    // Parts of a period go as well: after a reboot there is nothing else of them.
    for (const { running, waiting } of this.#coarse) {
      if (running !== undefined) waiting.push(closePeriod(running));
    }
    this.flush();
    this.#recent?.close();
    this.#store?.close();
  }

  dump(): unknown {
    const waiting = this.#coarse.map((each) => each.waiting.length);
    return { seconds: this.#seconds.length, waiting, failing: this.#failing };
  }

  #feed(now: Instant, values: Values): void {
    for (const each of this.#coarse) {
      const { running, closed } = addReading(each.running, slotOf(each.tier, now), values);
      each.running = running;
      if (closed === undefined) continue;
      each.waiting.push(closed);
      // A full disk: the newest are kept in memory as long as a ring of them.
      if (each.waiting.length > WAITING_MAX) each.waiting.shift();
    }
  }

  #writeRecent(): void {
    const { bootId } = this.#clock;
    const recent = this.#recent;
    const points = this.#secondsWaiting;
    this.#secondsWaiting = [];
    if (recent === undefined) return;
    const done = recent.attempt(() => {
      for (const point of points) {
        recent.run(
          "INSERT OR REPLACE INTO seconds (boot, slot, data) VALUES (?, ?, ?)",
          ...[bootId, point.slot, encode(point)],
        );
      }
      const oldest = (points.at(-1)?.slot ?? 0) - SECONDS.capacity;
      recent.run("DELETE FROM seconds WHERE boot <> ? OR slot <= ?", bootId, oldest);
    });
    this.#complain(done.ok ? undefined : done.error);
  }

  /** What an earlier life of this boot saw: its seconds, and the longer periods made again from them. */
  #recover(): void {
    const rows = this.#rows<{ slot: number; data: Uint8Array }>(
      this.#recent,
      "SELECT slot, data FROM seconds WHERE boot = ? ORDER BY slot",
      this.#clock.bootId,
    );
    this.#forgetParts();
    const now = slotOf(SECONDS, this.#clock.now());
    for (const row of rows) {
      // A slot that is still to come was written by a boot with the same id and another clock: a test's.
      if (row.slot >= now || row.slot < now - SECONDS.capacity) continue;
      const point = decode(row.slot, row.data);
      this.#seconds.push(point);
      this.#feed(instant(row.slot * SECONDS.periodMs), point.mean);
    }
  }

  /** The periods that run now were written in part when the last life of this boot ended. */
  #forgetParts(): void {
    const store = this.#store;
    const done = store?.attempt(() => {
      for (const { tier } of this.#coarse) {
        store.run(
          "DELETE FROM points WHERE tier = ? AND slot >= ? AND boot = (SELECT id FROM boots WHERE boot = ?)",
          ...[tier.name, slotOf(tier, this.#clock.now()), this.#clock.bootId],
        );
      }
    });
    if (done?.ok === false) this.#complain(done.error);
  }

  #stored(tier: Tier, series: number): readonly BootPoints[] {
    const rows = this.#rows<{ boot: string; offset: number; slot: number; data: Uint8Array }>(
      this.#store,
      `SELECT boots.boot, offset, slot, data FROM points JOIN boots ON boots.id = points.boot
       WHERE tier = ? ORDER BY boots.id, slot`,
      tier.name,
    );
    const boots = new Map<string, { offsetMs: number; points: SeriesPoint[] }>();
    for (const { boot, offset, slot, data } of rows) {
      const offsetMs =
        boot === this.#clock.bootId ? this.#clock.wall() - this.#clock.now() : offset;
      const known = boots.get(boot) ?? { offsetMs, points: [] };
      known.points.push(decodeOne(slot, data, series));
      boots.set(boot, known);
    }
    return [...boots.values()];
  }

  #rows<Row>(store: Store | undefined, sql: string, ...values: readonly string[]): readonly Row[] {
    try {
      return store?.all<Row>(sql, ...values) ?? [];
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#complain(error);
      return [];
    }
  }

  /** Statistics never stop anybody: a file that can't be opened leaves that ring in memory. */
  #open(path: string): Store | undefined {
    try {
      return openStore({ path, migrations: MIGRATIONS, durable: false });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#complain(error);
      return undefined;
    }
  }

  #complain(error: StoreError | undefined): void {
    if (this.#failing === (error !== undefined)) return;
    this.#failing = error !== undefined;
    if (error === undefined) this.#log.info("history_written");
    else this.#log.warn("history_not_written", { code: error.code });
  }
}

interface Coarse {
  readonly tier: Tier;
  running: Running | undefined;
  waiting: Point[];
}

const NOTHING: Pick<Coarse, "running" | "waiting"> = { running: undefined, waiting: [] };
const WAITING_MAX = 8640;

/** Both files have the same tables; each uses its own. A table that stays empty is one page. */
const MIGRATIONS = [
  `CREATE TABLE boots (id INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL UNIQUE, offset REAL NOT NULL) STRICT;
   CREATE TABLE points (
     id INTEGER PRIMARY KEY AUTOINCREMENT, tier TEXT NOT NULL, boot INTEGER NOT NULL REFERENCES boots (id),
     slot INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (tier, boot, slot)
   ) STRICT;
   CREATE TABLE seconds (
     boot TEXT NOT NULL, slot INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (boot, slot)
   ) STRICT, WITHOUT ROWID;`,
];

/** The newest of a tier stay, by the order in which they were written: a wrong calendar can't make it more. */
function trim(store: Store, tier: Tier): void {
  store.run(
    `DELETE FROM points WHERE tier = ? AND id <=
       (SELECT id FROM points WHERE tier = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    ...[tier.name, tier.name, tier.capacity],
  );
}

/** 4-byte floats, means and then peaks; what was not measured is NaN. */
function encode({ mean, peak }: Point): Uint8Array {
  const floats = Float32Array.from([...mean, ...peak], (value) => value ?? Number.NaN);
  return new Uint8Array(floats.buffer);
}

function decode(slot: number, data: Uint8Array): Point {
  const each = SERIES.map((_, series) => decodeOne(slot, data, series));
  return { slot, mean: each.map(({ mean }) => mean), peak: each.map(({ peak }) => peak) };
}

/**
 * One series alone: a chart of a month is 8640 rows. A row of an earlier release has fewer series than we count, and
 * half of whatever it has is means.
 */
function decodeOne(slot: number, data: Uint8Array, series: number): SeriesPoint {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const stored = Math.floor(data.byteLength / (2 * FLOAT_BYTES));
  const at = (index: number): number | null => {
    if (series >= stored) return null;
    const value = view.getFloat32(index * FLOAT_BYTES, LITTLE_ENDIAN);
    return Number.isFinite(value) ? value : null;
  };
  return { slot, mean: at(series), peak: at(stored + series) };
}

const FLOAT_BYTES = 4;

/** As Float32Array writes it on every processor that we run on. */
const LITTLE_ENDIAN = true;
