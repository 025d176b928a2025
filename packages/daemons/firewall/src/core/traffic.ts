import { type Duration, elapsed, type Instant, minutes, type WallTime } from "@passerelle/time";

/** One reading of the kernel's counters: octets and packets since the element was made. */
export interface Reading {
  /** By hardware address. */
  readonly up: ReadonlyMap<string, Count>;
  /** By IPv4 or IPv6 address as text. */
  readonly down: ReadonlyMap<string, Count>;
}

export interface Count {
  readonly bytes: number;
  readonly packets: number;
}

export interface DeviceTraffic {
  readonly mac: string;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly upPackets: number;
  readonly downPackets: number;
  readonly upRate: number;
  readonly downRate: number;
}

/** Octets of one device in one period of 5 minutes. */
export interface Point {
  readonly at: WallTime;
  readonly up: number;
  readonly down: number;
}

export interface TrafficState {
  readonly readAt: Instant | undefined;
  readonly last: Reading;
  readonly devices: ReadonlyMap<string, DeviceTraffic>;
  /** Octets since the running period of the history began. */
  readonly period: { readonly startedAt: WallTime; readonly octets: ReadonlyMap<string, Octets> };
  readonly history: ReadonlyMap<string, readonly Point[]>;
}

interface Octets {
  readonly up: number;
  readonly down: number;
}

export const HISTORY_PERIOD: Duration = minutes(5);
/** 24 hours of periods. */
export const HISTORY_POINTS_MAX = 288;
/** More devices than a home has; those that moved least are left out. */
export const DEVICES_MAX = 256;

const NOTHING: Count = { bytes: 0, packets: 0 };

export function initialTraffic(wall: WallTime): TrafficState {
  return {
    readAt: undefined,
    last: { up: new Map(), down: new Map() },
    devices: new Map(),
    period: { startedAt: periodStart(wall), octets: new Map() },
    history: new Map(),
  };
}

/**
 * Takes one reading. `ownerOf` says whose address it is now; a counter of nobody known is kept for the day its
 * owner is. A counter that shrank began anew (element timed out, table rebuilt): all it shows is new.
 */
export function readTraffic(
  state: TrafficState,
  reading: Reading,
  ownerOf: (address: string) => string | undefined,
  now: Instant,
  wall: WallTime,
): TrafficState {
  const period = state.readAt === undefined ? 0 : elapsed(state.readAt, now);
  const deltas = new Map<string, { up: Count; down: Count }>();
  for (const [mac, count] of reading.up) {
    add(deltas, mac, "up", growth(state.last.up.get(mac), count));
  }
  const down = new Map(reading.down);
  for (const [address, count] of reading.down) {
    const mac = ownerOf(address);
    if (mac !== undefined) add(deltas, mac, "down", growth(state.last.down.get(address), count));
    else if (state.last.down.has(address)) down.set(address, state.last.down.get(address) ?? count);
    else down.delete(address);
  }
  return {
    readAt: now,
    last: { up: reading.up, down },
    devices: nextDevices(state, deltas, period),
    ...nextHistory(state, deltas, wall),
  };
}

function growth(before: Count | undefined, count: Count): Count {
  if (before === undefined || count.bytes < before.bytes || count.packets < before.packets) {
    return count;
  }
  return { bytes: count.bytes - before.bytes, packets: count.packets - before.packets };
}

function add(
  deltas: Map<string, { up: Count; down: Count }>,
  mac: string,
  way: "up" | "down",
  count: Count,
): void {
  const delta = deltas.get(mac) ?? { up: NOTHING, down: NOTHING };
  const sum = {
    bytes: delta[way].bytes + count.bytes,
    packets: delta[way].packets + count.packets,
  };
  deltas.set(mac, { ...delta, [way]: sum });
}

function nextDevices(
  state: TrafficState,
  deltas: ReadonlyMap<string, { up: Count; down: Count }>,
  periodMs: number,
): Map<string, DeviceTraffic> {
  const macs = new Set([...state.devices.keys(), ...deltas.keys()]);
  const all = [...macs].map((mac): DeviceTraffic => {
    const before = state.devices.get(mac);
    const { up, down } = deltas.get(mac) ?? { up: NOTHING, down: NOTHING };
    return {
      mac,
      upBytes: (before?.upBytes ?? 0) + up.bytes,
      downBytes: (before?.downBytes ?? 0) + down.bytes,
      upPackets: (before?.upPackets ?? 0) + up.packets,
      downPackets: (before?.downPackets ?? 0) + down.packets,
      upRate: rate(up.bytes, periodMs),
      downRate: rate(down.bytes, periodMs),
    };
  });
  const kept = all
    .sort((a, b) => b.upBytes + b.downBytes - (a.upBytes + a.downBytes))
    .slice(0, DEVICES_MAX)
    .sort((a, b) => (a.mac < b.mac ? -1 : 1));
  return new Map(kept.map((device) => [device.mac, device]));
}

/** Mean over the period in bit/s; the first reading has no period. */
function rate(bytes: number, periodMs: number): number {
  return periodMs === 0 ? 0 : Math.round((bytes * 8 * 1000) / periodMs);
}

function nextHistory(
  state: TrafficState,
  deltas: ReadonlyMap<string, { up: Count; down: Count }>,
  wall: WallTime,
): Pick<TrafficState, "period" | "history"> {
  const octets = new Map(state.period.octets);
  // The first reading after a start is what was counted before it: part of the totals, of no period.
  for (const [mac, delta] of state.readAt === undefined ? [] : deltas) {
    const before = octets.get(mac) ?? { up: 0, down: 0 };
    octets.set(mac, { up: before.up + delta.up.bytes, down: before.down + delta.down.bytes });
  }
  const startedAt = periodStart(wall);
  if (startedAt === state.period.startedAt) {
    return { period: { startedAt, octets }, history: state.history };
  }
  return {
    period: { startedAt, octets: new Map() },
    history: closePeriod(state.history, state.period.startedAt, octets, wall),
  };
}

function closePeriod(
  history: TrafficState["history"],
  at: WallTime,
  octets: ReadonlyMap<string, Octets>,
  wall: WallTime,
): TrafficState["history"] {
  const oldest = wall - HISTORY_POINTS_MAX * HISTORY_PERIOD;
  const next = new Map<string, readonly Point[]>();
  for (const mac of new Set([...history.keys(), ...octets.keys()])) {
    const closed = octets.get(mac);
    const moved = closed !== undefined && closed.up + closed.down > 0;
    const points = [
      ...(history.get(mac) ?? []),
      ...(moved ? [{ at, up: closed.up, down: closed.down }] : []),
    ].filter((point) => point.at >= oldest && point.at <= wall);
    if (points.length > 0 && next.size < DEVICES_MAX) {
      next.set(mac, points.slice(-HISTORY_POINTS_MAX));
    }
  }
  return next;
}

/** Periods begin at whole multiples of 5 minutes of the calendar, so that charts of devices line up. */
function periodStart(wall: WallTime): WallTime {
  return (wall - (wall % HISTORY_PERIOD)) as WallTime;
}
