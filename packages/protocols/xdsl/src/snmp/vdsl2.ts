import { modeOfXtse } from "../lantiq/xtse.ts";
import { known, knownOrNone } from "../model/known.ts";
import type { BandStatus, DirectionStatus, ErrorCounters, PowerState } from "../model/line.ts";
import { type Mode, PROFILES } from "../model/standard.ts";
import { divided } from "../text.ts";
import { type SnmpValues, snmpBits, snmpCount, snmpNumber, snmpTenths } from "./values.ts";

/** VDSL2-LINE-MIB (RFC 5650): xdsl2LineTable, xdsl2LineBandTable, xdsl2ChannelStatusTable, xdsl2PMLineCurrTable. */
const MIB = "1.3.6.1.2.1.10.251.1";
const LINE = `${MIB}.1.1.1`;
const BAND = `${MIB}.1.2.1`;
const CHANNEL = `${MIB}.2.2.1`;
const PM_LINE = `${MIB}.4.1.1.1`;

/** xdsl2LineBand (RFC 5650): 1 and 2 are the whole directions, then us0, ds1, us1, ds2, … */
const BAND_UP = 1;
const BAND_DOWN = 2;
const BANDS: readonly (readonly [number, string])[] = [
  [3, "U0"],
  [4, "D1"],
  [5, "U1"],
  [6, "D2"],
  [7, "U2"],
  [8, "D3"],
  [9, "U3"],
  [10, "D4"],
  [11, "U4"],
];

/** Units: 1 is the operator's end (sends the downstream), 2 ours. */
const XTU_C = 1;
const XTU_R = 2;

export interface MibLine {
  readonly mode: Mode;
  readonly down: DirectionStatus;
  readonly up: DirectionStatus;
  readonly powerState?: PowerState;
  readonly near?: ErrorCounters;
  readonly far?: ErrorCounters;
}

/** What VDSL2-LINE-MIB says of one interface; every field on its own may be missing. */
export function readVdsl2Mib(values: SnmpValues, ifIndex: number, bitsReversed: boolean): MibLine {
  const line = (column: number): string => `${LINE}.${column}.${ifIndex}`;
  return {
    mode: modeOf(values, ifIndex, bitsReversed),
    down: directionOf(values, ifIndex, "down", line(20), line(24), line(36)),
    up: directionOf(values, ifIndex, "up", line(21), line(25), line(37)),
    ...known<Pick<MibLine, "powerState" | "near" | "far">>({
      powerState: POWER_STATES[(snmpNumber(values, line(14)) ?? 0) - 1],
      near: countersOf(values, ifIndex, XTU_R),
      far: countersOf(values, ifIndex, XTU_C),
    }),
  };
}

const POWER_STATES: readonly PowerState[] = ["L0", "L1", "L2", "L3"];

function modeOf(values: SnmpValues, ifIndex: number, bitsReversed: boolean): Mode {
  const oid = `${LINE}.13.${ifIndex}`;
  const octets = Array.from({ length: 8 }, () => 0);
  for (const bit of snmpBits(values, oid)) {
    if (bit < 64) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  const profileBit = snmpBits(values, `${LINE}.26.${ifIndex}`)[0];
  const profile =
    profileBit === undefined ? undefined : PROFILES[bitsReversed ? 7 - profileBit : profileBit];
  const mode = modeOfXtse(octets);
  return profile === undefined ? mode : { ...mode, standard: "G.993.2", profile };
}

function directionOf(
  values: SnmpValues,
  ifIndex: number,
  direction: "down" | "up",
  attainable: string,
  power: string,
  trellis: string,
): DirectionStatus {
  // Data flows away from the unit: the downstream is the channel of the xTU-C.
  const unit = direction === "down" ? XTU_C : XTU_R;
  const channel = (column: number): string => `${CHANNEL}.${column}.${ifIndex}.${unit}`;
  const whole = direction === "down" ? BAND_DOWN : BAND_UP;
  const band = (column: number): string => `${BAND}.${column}.${ifIndex}.${whole}`;
  const bands = bandsOf(values, ifIndex, direction === "down" ? "D" : "U");
  const trellisOn = snmpNumber(values, trellis);
  return known<DirectionStatus>({
    currRate: snmpCount(values, channel(2)),
    previousRate: snmpCount(values, channel(3)),
    maxRate: snmpCount(values, attainable),
    interleaveDelay: divided(snmpCount(values, channel(4)), 1000),
    actInp: snmpTenths(values, channel(5)),
    lineAttenuation: snmpTenths(values, band(2)),
    signalAttenuation: snmpTenths(values, band(3)),
    noiseMargin: snmpTenths(values, band(4)),
    power: snmpTenths(values, power),
    trellis: trellisOn === undefined ? undefined : trellisOn === 1,
    bands: bands.length === 0 ? undefined : bands,
  });
}

function bandsOf(values: SnmpValues, ifIndex: number, letter: string): readonly BandStatus[] {
  return BANDS.flatMap(([number, name]): readonly BandStatus[] => {
    if (!name.startsWith(letter)) return [];
    const of = (column: number): number | undefined =>
      snmpTenths(values, `${BAND}.${column}.${ifIndex}.${number}`);
    const band = knownOrNone<Omit<BandStatus, "band">>({
      lineAttenuation: of(2),
      signalAttenuation: of(3),
      noiseMargin: of(4),
    });
    return band === undefined ? [] : [{ band: name, ...band }];
  });
}

/** The MIB has no totals: those of the current day, which restart with it. */
function countersOf(values: SnmpValues, ifIndex: number, unit: number): ErrorCounters | undefined {
  const of = (column: number): number | undefined =>
    snmpCount(values, `${PM_LINE}.${column}.${ifIndex}.${unit}`);
  return knownOrNone<ErrorCounters>({
    fecSecs: of(13),
    erroredSecs: of(14),
    severelyErroredSecs: of(15),
    lossOfSignalSecs: of(16),
    unavailableSecs: of(17),
  });
}
