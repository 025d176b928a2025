import { known, knownOrNone } from "../model/known.ts";
import type { DirectionStatus, ErrorCounters } from "../model/line.ts";
import { divided } from "../text.ts";
import type { SnmpQuirk } from "./quirks.ts";
import { type SnmpValues, snmpCount, snmpNumber } from "./values.ts";
import type { MibLine } from "./vdsl2.ts";

/** ADSL-LINE-MIB (RFC 2662): adslAtucPhysTable, adslAturPhysTable, adslAtucChanTable, adslAturChanTable, perf tables. */
const MIB = "1.3.6.1.2.1.10.94.1.1";
const ATU_C = { phys: `${MIB}.2.1`, channel: `${MIB}.4.1`, performance: `${MIB}.6.1` };
const ATU_R = { phys: `${MIB}.3.1`, channel: `${MIB}.5.1`, performance: `${MIB}.7.1` };

/**
 * What ADSL-LINE-MIB says of one interface. A unit measures what it receives (margin, attenuation) and knows what it sends
 * (power, rate): the downstream is received by the ATU-R and sent by the ATU-C.
 */
export function readAdslMib(values: SnmpValues, ifIndex: number, quirk?: SnmpQuirk): MibLine {
  const received = quirk?.tablesByDirection === true;
  return {
    mode: {},
    down: directionOf(values, ifIndex, ATU_C, received ? ATU_C : ATU_R, quirk),
    up: directionOf(values, ifIndex, ATU_R, received ? ATU_R : ATU_C, quirk),
    ...known<Pick<MibLine, "near" | "far">>({
      near: countersOf(values, ifIndex, ATU_R),
      far: countersOf(values, ifIndex, ATU_C),
    }),
  };
}

type Unit = typeof ATU_C;

function directionOf(
  values: SnmpValues,
  ifIndex: number,
  sender: Unit,
  receiver: Unit,
  quirk: SnmpQuirk | undefined,
): DirectionStatus {
  const decibels = (oid: string): number | undefined => {
    const value = snmpNumber(values, oid);
    return value === undefined || quirk?.wholeDecibels === true ? value : value / 10;
  };
  return known<DirectionStatus>({
    noiseMargin: decibels(`${receiver.phys}.4.${ifIndex}`),
    lineAttenuation: decibels(`${receiver.phys}.5.${ifIndex}`),
    power: decibels(`${sender.phys}.7.${ifIndex}`),
    maxRate: snmpCount(values, `${sender.phys}.8.${ifIndex}`),
    interleaveDelay: divided(snmpCount(values, `${sender.channel}.1.${ifIndex}`), 1000),
    currRate: snmpCount(values, `${sender.channel}.2.${ifIndex}`),
    previousRate: snmpCount(values, `${sender.channel}.3.${ifIndex}`),
  });
}

function countersOf(values: SnmpValues, ifIndex: number, unit: Unit): ErrorCounters | undefined {
  const of = (column: number): number | undefined =>
    snmpCount(values, `${unit.performance}.${column}.${ifIndex}`);
  return knownOrNone<ErrorCounters>({
    lossOfFraming: of(1),
    lossOfSignal: of(2),
    // adslAtucPerfESs is column 5, after Lols and Lprs; adslAturPerfESs is 4: an ATU-R cannot count a lost link.
    erroredSecs: of(unit === ATU_C ? 5 : 4),
  });
}
