import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known, knownOrNone } from "../model/known.ts";
import type { DirectionStatus, ErrorCounters, LineSnapshot } from "../model/line.ts";
import { countIn, divided, linesOf, numberIn, tenths } from "../text.ts";

/** What `adsl status more` and `vdsl status more` add to a status. */
export interface DraytekMore {
  readonly down: DirectionStatus;
  readonly up: DirectionStatus;
  readonly near?: ErrorCounters;
  readonly far?: ErrorCounters;
  /** Both ends of every row, as the modem said them. */
  readonly raw: Readonly<Record<string, readonly [near: string, far: string]>>;
}

/** Reads the table: "Name : near far (unit)". What the near end receives is the downstream. */
export function decodeDraytekMore(text: string): Result<DraytekMore, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const rows = new Map<string, readonly [string, string]>();
  for (const line of lines.value.slice(0, ROWS_MAX)) {
    const match = /^\s*([A-Za-z0-9]{1,20})\s*:\s*(-?[\d.]{1,15}|-+)\s+(-?[\d.]{1,15}|-+)/.exec(
      line,
    );
    if (match !== null) rows.set(match[1] ?? "", [match[2] ?? "", match[3] ?? ""]);
  }
  if (rows.size === 0) return err({ code: "no_table", at: 0 });
  return ok({
    down: directionOf(rows, 0),
    up: directionOf(rows, 1),
    ...known<Pick<DraytekMore, "near" | "far">>({
      near: countersOf(rows, 0),
      far: countersOf(rows, 1),
    }),
    raw: Object.fromEntries(rows),
  });
}

/** A status with what the second command knows better; the tables of the first are the newer truth where both speak. */
export function withDraytekMore(status: LineSnapshot, more: DraytekMore): LineSnapshot {
  if (status.state !== "up") return status;
  return {
    ...status,
    down: { ...more.down, ...status.down },
    up: { ...more.up, ...status.up },
    ...known<Pick<LineSnapshot, "near" | "far">>({
      near: { ...more.near, ...status.near },
      far: { ...more.far, ...status.far },
    }),
    // Its INP is said to be in symbols, and is in tenths of them on the modems that we know of.
    quality: { ...status.quality, "down.actInp": "suspect", "up.actInp": "suspect" },
    raw: { status: status.raw, more: more.raw },
  };
}

const ROWS_MAX = 200;

type Rows = ReadonlyMap<string, readonly [string, string]>;

function directionOf(rows: Rows, end: 0 | 1): DirectionStatus {
  const flag = (name: string): boolean | undefined => {
    const value = countIn(rows.get(name)?.[end]);
    return value === undefined ? undefined : value === 1;
  };
  return known<DirectionStatus>({
    trellis: flag("Trellis"),
    bitswap: flag("Bitswap"),
    retransmission: flag("ReTxEnable"),
    actInp: tenths(countIn(rows.get("INP")?.[end])),
    // Hundredths of a millisecond.
    interleaveDelay: divided(numberIn(rows.get("InterleaveDelay")?.[end]), 1e5),
  });
}

function countersOf(rows: Rows, end: 0 | 1): ErrorCounters | undefined {
  const of = (name: string): number | undefined => countIn(rows.get(name)?.[end]);
  return knownOrNone<ErrorCounters>({
    fecSecs: of("FECS"),
    erroredSecs: of("ES"),
    severelyErroredSecs: of("SES"),
    lossOfSignalSecs: of("LOSS"),
    unavailableSecs: of("UAS"),
    lossOfSignal: of("LOS"),
    lossOfFraming: of("LOF"),
    crcErrors: of("CRC"),
    hecErrors: of("HECError"),
    fecErrors: of("RsCorrection"),
  });
}
