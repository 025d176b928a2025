import { durationIn } from "../text.ts";

/** What stands on a sheet of `xdslctl info`, sorted by the kind of its lines but not yet understood. */
export interface BroadcomSheet {
  /** "Name: value" of the head. */
  readonly plain: ReadonlyMap<string, string>;
  /** "Name: down up" of the tables, those of other bearers left out. */
  readonly pairs: ReadonlyMap<string, Pair>;
  /** The same of the block of counters since the link came up; empty where there are no blocks. */
  readonly counters: ReadonlyMap<string, Pair>;
  /** Seconds since the link came up. */
  readonly linkSeconds?: number;
}

export type Pair = readonly [down: string, up: string];

/** Blocks of counters start with a line such as "Since Link time = 2 days 39 min 7 sec". */
const BLOCK = /^(.{1,40}?) time = (.*)$/;
const PAIR = /^([^:]{1,40}):\s+(-?[\d./]{1,24})\s+(-?[\d./]{1,24})\s*$/;
const PLAIN = /^([^:=]{1,60}?)\s*:\s*(\S.*?)\s*$/;

export function readSheet(lines: readonly string[]): BroadcomSheet {
  const plain = new Map<string, string>();
  const pairs = new Map<string, Pair>();
  const blocks = new Map<string, Map<string, Pair>>();
  let block: Map<string, Pair> | undefined;
  let linkSeconds: number | undefined;
  let bearer = 0;
  for (const line of lines) {
    const start = BLOCK.exec(line);
    if (start !== null) {
      block = new Map();
      blocks.set(start[1] ?? "", block);
      if (start[1] === "Since Link") linkSeconds = durationIn(start[2] ?? "");
      continue;
    }
    bearer = bearerOf(line) ?? bearer;
    if (readHead(line, plain)) continue;
    const pair = PAIR.exec(line);
    if (pair === null) readPlain(line, plain);
    else if (block !== undefined) {
      block.set(pair[1] ?? "", [pair[2] ?? "", pair[3] ?? ""]);
    } else if (bearer === 0) pairs.set(pair[1]?.trim() ?? "", [pair[2] ?? "", pair[3] ?? ""]);
  }
  const counters = blocks.get("Since Link") ?? blocks.get("Total") ?? new Map<string, Pair>();
  return { plain, pairs, counters, ...(linkSeconds === undefined ? {} : { linkSeconds }) };
}

/** A table's title, indented: "Bearer 1". */
function bearerOf(line: string): number | undefined {
  const match = /^\s+Bearer\s+(\d)\s*$/.exec(line);
  if (match !== null) return Number(match[1]);
  // A title of another kind ends the table of a bearer: its lines are of the line as a whole.
  return /^\s+\S/.test(line) && !/:/.test(line) ? 0 : undefined;
}

/** "Bearer: 0, Upstream rate = …" and "Max: Upstream rate = …". */
function readHead(line: string, plain: Map<string, string>): boolean {
  const bearer = /^Bearer:\s*(\d),(.*)$/.exec(line);
  if (bearer !== null) {
    plain.set(`Bearer ${bearer[1]}`, bearer[2] ?? "");
    return true;
  }
  if (!line.startsWith("Max:")) return false;
  plain.set("Max", line.slice(4));
  return true;
}

/** What was said first stays: tables below use names of the head again. */
function readPlain(line: string, plain: Map<string, string>): void {
  const match = PLAIN.exec(line);
  if (match === null || plain.has(match[1] ?? "")) return;
  plain.set(match[1] ?? "", match[2] ?? "");
}
