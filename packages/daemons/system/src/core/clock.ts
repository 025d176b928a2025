import { type WallTime, wallTime } from "@passerelle/time";

/** What chrony is told. Every value was checked where it came in: none holds a blank or a line's end. */
export interface ChronySettings {
  /** Addresses that are asked for the time. */
  readonly servers: readonly string[];
  /** Networks of the home that may ask us, as "192.168.1.0/24", and our address in each. */
  readonly networks: readonly { readonly prefix: string; readonly address: string }[];
  /** Its socket for commands, its own number, its memory of the crystal's drift. */
  readonly directory: string;
  readonly driftFile: string;
}

/**
 * chrony.conf(5). Nothing listens on UDP for commands; NTP listens only where somebody may ask. `bindaddress` takes one
 * address, so with several networks the access list alone keeps others out, and the firewall before it.
 */
export function renderChrony(settings: ChronySettings): string {
  const { servers, networks, directory, driftFile } = settings;
  const [only] = networks;
  const lines = [
    ...servers.map((server) => `server ${server} iburst`),
    `bindcmdaddress ${directory}/chronyd.sock`,
    "cmdport 0",
    `pidfile ${directory}/chronyd.pid`,
    `driftfile ${driftFile}`,
    // A board without a clock of its own starts anywhere: it is set at once, three times at most; later it is slewed.
    "makestep 1 3",
    ...(networks.length === 0 ? ["port 0"] : []),
    ...(only !== undefined && networks.length === 1 ? [`bindaddress ${only.address}`] : []),
    ...networks.map(({ prefix }) => `allow ${prefix}`),
    // A device that asks too often is answered less: 1 packet of 4 beyond 8 s between them.
    ...(networks.length === 0 ? [] : ["ratelimit interval 3 burst 16", "clientloglimit 524288"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The source that chrony follows, as `chronyc -c sources` tells it. */
export interface Synchronised {
  readonly source: string;
  /** Our clock minus theirs at the last answer. */
  readonly offsetMs: number;
  readonly stratum: number;
  readonly at: WallTime;
}

export interface Sources {
  readonly selected?: Synchronised;
  /** How many answered at least one of the last eight questions. */
  readonly reachable: number;
}

/** One line a source: mode, state, name, stratum, poll, reach (octal), seconds since, offset, measured offset, error. */
export function readSources(csv: string, now: WallTime): Sources {
  let selected: Synchronised | undefined;
  let reachable = 0;
  for (const line of csv.split("\n").slice(0, SOURCES_MAX)) {
    const fields = line.split(",");
    if (fields.length < 10) continue;
    const [, state, name = "", stratum, , reach, since, , measured] = fields;
    if (Number.parseInt(reach ?? "0", 8) > 0) reachable += 1;
    if (state !== "*") continue;
    const [level, age, offset] = [stratum, since, measured].map(Number);
    if (level === undefined || age === undefined || offset === undefined) continue;
    if (!Number.isFinite(level + age + offset)) continue;
    selected = {
      source: name.slice(0, 253),
      offsetMs: Math.round(offset * 1_000_000) / 1000,
      stratum: Math.max(0, Math.trunc(level)),
      at: wallTime(Math.max(0, Math.round(now - age * 1000))),
    };
  }
  return { ...(selected === undefined ? {} : { selected }), reachable };
}

const SOURCES_MAX = 64;

/**
 * What the calendar should be at least: a board without a battery starts in 1970, and then no certificate is valid
 * and no server of time may be found. Undefined where it is later already.
 */
export function restoredClock(
  now: WallTime,
  known: readonly (number | undefined)[],
): WallTime | undefined {
  const last = Math.max(0, ...known.flatMap((time) => (time === undefined ? [] : [time])));
  // A file of nonsense must not throw us into a century from where no server brings us back.
  return isCalendar(last) && now < last ? wallTime(last) : undefined;
}

/** A time that a box may be at. */
export function isCalendar(time: number): boolean {
  return Number.isFinite(time) && time < LATEST;
}

/** 2100-01-01. */
const LATEST = 4_102_444_800_000;
