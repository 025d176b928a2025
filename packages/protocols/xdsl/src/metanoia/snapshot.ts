import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Equipment } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type { DirectionStatus, ErrorCounters, LineSnapshot, LineState } from "../model/line.ts";
import { PROFILES } from "../model/standard.ts";
import { divided, scaled, tenths } from "../text.ts";
import { REGISTER, TOTALS, VERSION_REGISTERS } from "./registers.ts";

/** Values of 24 bits by the number of their register. */
export type MetanoiaRegisters = ReadonlyMap<number, number>;

/** The line of a Metanoia SFP, from `METANOIA_SNAPSHOT_REGISTERS`. */
export function snapshotOfMetanoia(
  registers: MetanoiaRegisters,
): Result<LineSnapshot, DecodeError> {
  const status = registers.get(REGISTER.phyStatus);
  if (status === undefined) return err({ code: "no_state", at: 0 });
  const phase = (status >> 8) & 0xff;
  const state = STATES[phase] ?? "unknown";
  const isUp = state === "up";
  const profile = PROFILES[lowestBit(registers.get(REGISTER.actProfile) ?? 0)];
  return ok({
    state,
    rawState: `0x${status.toString(16).padStart(6, "0")}`,
    ...known<Pick<LineSnapshot, "uptime" | "standard" | "profile" | "tc" | "near" | "far">>({
      // When the line is down the register keeps how long it was up.
      uptime: isUp ? registers.get(REGISTER.linkTime) : undefined,
      standard: profile === undefined ? undefined : "G.993.2",
      profile,
      tc: "ptm",
      near: countersOf(registers, registers.get(REGISTER.nearFec), REGISTER.nearTotals),
      far: countersOf(registers, registers.get(REGISTER.farTotals), REGISTER.farTotals + 1),
    }),
    down: isUp ? directionOf(registers, "Ds") : {},
    up: isUp ? directionOf(registers, "Us") : {},
    inventory: inventoryOf(registers),
    // Only what showtime looks like was ever seen in captures; the other phases are taken by their order.
    quality: { tc: "derived", ...(isUp ? {} : { state: "suspect" as const }) },
    raw: Object.fromEntries(registers),
  });
}

const STATES: readonly (LineState | undefined)[] = ["no_signal", "handshake", "training", "up"];

/** The register has the profiles of RFC 5650 with the lowest bit first. -1 for none. */
function lowestBit(value: number): number {
  for (let bit = 0; bit < 24; bit += 1) if ((value >> bit) & 1) return bit;
  return -1;
}

function directionOf(registers: MetanoiaRegisters, end: "Ds" | "Us"): DirectionStatus {
  const of = (name: RegisterOfDirection): number | undefined => {
    const value = registers.get(REGISTER[`${name}${end}`]);
    return value === undefined || value === NOT_KNOWN || value === OUT_OF_RANGE ? undefined : value;
  };
  const trellis = of("trellis");
  return known<DirectionStatus>({
    currRate: scaled(of("rate"), 1000),
    previousRate: scaled(of("previousRate"), 1000),
    maxRate: scaled(of("attainableRate"), 1000),
    noiseMargin: tenths(signed(of("noiseMargin"))),
    lineAttenuation: tenths(of("lineAttenuation")),
    signalAttenuation: tenths(of("signalAttenuation")),
    power: tenths(signed(of("actAtp"))),
    interleaveDelay: divided(of("delay"), 1000),
    interleaveDepth: of("depth"),
    actInp: tenths(of("inp")),
    trellis: trellis === undefined ? undefined : trellis === 1,
  });
}

type RegisterOfDirection =
  | "rate"
  | "previousRate"
  | "attainableRate"
  | "noiseMargin"
  | "lineAttenuation"
  | "signalAttenuation"
  | "actAtp"
  | "delay"
  | "depth"
  | "inp"
  | "trellis";

/** RFC 5650's 0x7ffffffe and 0x7fffffff, cut to 24 bits. */
const OUT_OF_RANGE = 0x7f_fffe;
const NOT_KNOWN = 0x7f_ffff;

function signed(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0x80_0000 ? value - 0x100_0000 : value;
}

function countersOf(
  registers: MetanoiaRegisters,
  fecErrors: number | undefined,
  first: number,
): ErrorCounters | undefined {
  const [crcErrors, fecSecs, erroredSecs, severelyErroredSecs, lossOfSignalSecs, unavailableSecs] =
    Array.from({ length: TOTALS }, (_, index) => registers.get(first + index));
  return knownOrNone<ErrorCounters>({
    fecErrors,
    crcErrors,
    fecSecs,
    erroredSecs,
    severelyErroredSecs,
    lossOfSignalSecs,
    unavailableSecs,
  });
}

function inventoryOf(registers: MetanoiaRegisters): LineSnapshot["inventory"] {
  const letters = (register: number): readonly string[] => {
    const value = registers.get(register) ?? 0;
    return [value >> 16, (value >> 8) & 0xff, value & 0xff].map((octet) =>
      String.fromCharCode(octet),
    );
  };
  const [, , nearFirst = ""] = letters(REGISTER.nearVendorFirst);
  // The far end's come turned round: third, first and second letter, and the fourth with other things.
  const [third = "", first = "", second = ""] = letters(REGISTER.farVendorFirst);
  const [, , fourth = ""] = letters(REGISTER.farVendorRest);
  const equipment = (vendor: string, version: number): Equipment | undefined => {
    const all = Array.from({ length: VERSION_REGISTERS }, (_, index) => letters(version + index));
    return knownOrNone<Equipment>({
      vendor: printable(vendor),
      version: printable(all.flat().join("")),
    });
  };
  return known<LineSnapshot["inventory"]>({
    near: equipment(
      `${nearFirst}${letters(REGISTER.nearVendorRest).join("")}`,
      REGISTER.nearVersion,
    ),
    far: equipment(`${first}${second}${third}${fourth}`, REGISTER.farVersion),
  });
}

function printable(text: string): string | undefined {
  const kept = text.replace(/[^\x20-\x7e]/g, "").trim();
  return kept === "" ? undefined : kept;
}
