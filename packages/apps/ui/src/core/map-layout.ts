import type { Host } from "@passerelle/api";
import { isNew } from "./host-view.ts";

/** Where everything stands in the picture of the home, in pixels of its width. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly internet: Point;
  readonly gateway: Point;
  readonly groups: readonly MapGroup[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface MapGroup {
  readonly zone: "lan" | "guest";
  readonly title: Point;
  readonly chips: readonly MapChip[];
  /** The frame of the guests, apart from the rest. */
  readonly frame: (Point & { readonly width: number; readonly height: number }) | undefined;
}

export interface MapChip extends Point {
  readonly width: number;
  readonly content:
    | { readonly kind: "device"; readonly host: Host; readonly fresh: boolean }
    /** So many online that have no place of their own. */
    | { readonly kind: "more"; readonly count: number }
    | { readonly kind: "asleep"; readonly count: number };
  /** From the gateway to the chip. */
  readonly path: string;
}

export const CHIP_HEIGHT = 48;
export const NODE_RADIUS = 30;
const GAP = 10;
/** Middle of the two ends of the line; their names stand above. */
const TOP = 62;
const RAIL = 140;
const TRUNK = 12;
const BRANCH = 16;
const COLUMN_MIN = 200;
const ROWS = 6;
/** On a phone the picture is one column, and shall not push the rest of Home out of sight. */
const ROWS_NARROW = 5;
const GUEST_ROWS_NARROW = 2;

export function layOut(
  hosts: readonly Host[],
  guestNetworks: readonly string[],
  width: number,
  now: number,
): MapLayout {
  const columns = Math.max(1, Math.floor(width / COLUMN_MIN));
  const columnWidth = Math.floor(width / columns);
  const isGuest = (host: Host): boolean =>
    host.network !== undefined && guestNetworks.includes(host.network);
  const guests = hosts.filter(isGuest);
  const home = hosts.filter((host) => !isGuest(host));
  // Above a trunk, so that its own line goes straight down.
  const middle = Math.round(columns / 2) * columnWidth + TRUNK;
  const gateway = { x: columns === 1 ? width - 60 : middle, y: TOP };
  const hasGuests = guests.some((host) => host.online);
  const isBeside = columns > 1 && hasGuests;
  const homeColumns = isBeside ? columns - 1 : columns;
  const rows = columns === 1 ? ROWS_NARROW : ROWS;
  const place = { gateway, columnWidth, now };
  const first = groupOf("lan", home, {
    ...place,
    column: 0,
    columns: homeColumns,
    rows,
    top: RAIL,
  });
  const second = hasGuests
    ? groupOf("guest", guests, {
        ...place,
        column: isBeside ? columns - 1 : 0,
        columns: 1,
        rows: columns === 1 ? GUEST_ROWS_NARROW : ROWS,
        top: isBeside ? RAIL : bottomOf(first) + 2 * GAP,
      })
    : undefined;
  const groups = second === undefined ? [first] : [first, second];
  return {
    width,
    height: Math.max(...groups.map(bottomOf)) + GAP + 2,
    internet: { x: columns === 1 ? 50 : Math.max(60, Math.round(width * 0.1)), y: TOP },
    gateway,
    groups,
  };
}

interface Place {
  readonly gateway: Point;
  readonly columnWidth: number;
  readonly now: number;
  readonly column: number;
  readonly columns: number;
  readonly rows: number;
  readonly top: number;
}

function groupOf(zone: "lan" | "guest", hosts: readonly Host[], place: Place): MapGroup {
  const contents = contentsOf(hosts, place.columns * place.rows, place.now);
  const rows = Math.ceil(contents.length / place.columns);
  const left = place.column * place.columnWidth;
  const chips = contents.map((content, index): MapChip => {
    const column = Math.floor(index / Math.max(1, rows));
    const x = left + column * place.columnWidth + TRUNK + BRANCH;
    const y = place.top + TITLE + (index % Math.max(1, rows)) * (CHIP_HEIGHT + GAP);
    return {
      content,
      x,
      y,
      width: place.columnWidth - TRUNK - BRANCH - GAP - 4,
      path: pathTo(place.gateway, x - BRANCH, y + CHIP_HEIGHT / 2, x),
    };
  });
  const height = TITLE + rows * (CHIP_HEIGHT + GAP);
  return {
    zone,
    title: { x: left + TRUNK + BRANCH, y: place.top + 14 },
    chips,
    frame:
      zone === "guest"
        ? {
            x: left + TRUNK + BRANCH - 8,
            y: place.top - 8,
            width: place.columnWidth - TRUNK - BRANCH + 2,
            height: height + 8,
          }
        : undefined,
  };
}

/** Down from the gateway to the rail, along it, down the column, to the chip; corners are round. */
function pathTo(gateway: Point, trunk: number, y: number, x: number): string {
  const rail = RAIL - 24;
  const turn = 10;
  const side = Math.sign(trunk - gateway.x);
  const along =
    trunk === gateway.x
      ? ""
      : `V${rail - turn}q0 ${turn} ${side * turn} ${turn}H${trunk - side * turn}q${side * turn} 0 ${side * turn} ${turn}`;
  return `M${gateway.x} ${gateway.y + NODE_RADIUS}${along}V${y - turn}q0 ${turn} ${turn} ${turn}H${x}`;
}

const TITLE = 26;

/** New ones first, then those that moved the most: a slow measure, so that nothing jumps about. */
function contentsOf(
  hosts: readonly Host[],
  places: number,
  now: number,
): readonly MapChip["content"][] {
  const online = hosts.filter((host) => host.online);
  const asleep = hosts.length - online.length;
  const chosen = [...online].sort(
    (a, b) => Number(isNew(b, now)) - Number(isNew(a, now)) || moved(b) - moved(a) || byName(a, b),
  );
  const room = places - (asleep > 0 ? 1 : 0);
  const shown = chosen.length <= room ? chosen : chosen.slice(0, Math.max(0, room - 1));
  const more = online.length - shown.length;
  return [
    ...shown
      .toSorted(byName)
      .map((host) => ({ kind: "device" as const, host, fresh: isNew(host, now) })),
    ...(more > 0 ? [{ kind: "more" as const, count: more }] : []),
    ...(asleep > 0 ? [{ kind: "asleep" as const, count: asleep }] : []),
  ];
}

function moved(host: Host): number {
  return (host.downBytes ?? 0) + (host.upBytes ?? 0);
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}

function bottomOf(group: MapGroup): number {
  return Math.max(group.title.y + TITLE, ...group.chips.map((chip) => chip.y + CHIP_HEIGHT));
}

/** How lively a line is drawn: 0 still, 4 the fastest. One step is a factor of ten. */
export function flowLevel(bitsPerSecond: number): 0 | 1 | 2 | 3 | 4 {
  if (!(bitsPerSecond >= 8_000)) return 0;
  if (bitsPerSecond < 200_000) return 1;
  if (bitsPerSecond < 2_000_000) return 2;
  return bitsPerSecond < 20_000_000 ? 3 : 4;
}
