import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import type { DirectionStatus, LineSnapshot, LineState } from "../model/line.ts";
import type { FieldPath, Quality } from "../model/quality.ts";
import { readAdslMib } from "./adsl.ts";
import { quirkOf, type SnmpQuirk } from "./quirks.ts";
import { type SnmpValues, snmpNumber } from "./values.ts";
import { type MibLine, readVdsl2Mib } from "./vdsl2.ts";

const SYS_DESCR = "1.3.6.1.2.1.1.1.0";
const IF_TYPE = "1.3.6.1.2.1.2.2.1.3";
const IF_OPER_STATUS = "1.3.6.1.2.1.2.2.1.8";

/** IANA ifType: adsl, vdsl, adsl2, adsl2plus, vdsl2, g.fast. */
const DSL_TYPES: readonly number[] = [94, 97, 230, 238, 251, 279];

/** Subtrees that a driver walks for `snapshotOfSnmp`. */
export const SNMP_SUBTREES = [
  SYS_DESCR,
  IF_TYPE,
  IF_OPER_STATUS,
  "1.3.6.1.2.1.10.94.1.1",
  "1.3.6.1.2.1.10.251.1.1",
  "1.3.6.1.2.1.10.251.1.2",
  "1.3.6.1.2.1.10.251.1.4.1.1",
] as const;

/**
 * The line of a modem by SNMP. Agents are incomplete and wrong in their own ways (`SNMP_QUIRKS`), so that VDSL2-LINE-MIB
 * counts where it answers, and ADSL-LINE-MIB fills what it leaves out. Codes: `no_dsl_interface`, `no_dsl_values`.
 */
export function snapshotOfSnmp(values: SnmpValues): Result<LineSnapshot, DecodeError> {
  const ifIndex = dslInterface(values);
  if (ifIndex === undefined) return err({ code: "no_dsl_interface", at: 0 });
  const description = values.get(SYS_DESCR);
  const quirk = quirkOf(typeof description === "string" ? description : "");
  const vdsl2 = readVdsl2Mib(values, ifIndex, quirk?.bitsReversed === true);
  const adsl = readAdslMib(values, ifIndex, quirk);
  const down: DirectionStatus = { ...adsl.down, ...vdsl2.down };
  const up: DirectionStatus = { ...adsl.up, ...vdsl2.up };
  if (Object.keys(down).length + Object.keys(up).length === 0) {
    return err({ code: "no_dsl_values", at: 0 });
  }
  const operStatus = snmpNumber(values, `${IF_OPER_STATUS}.${ifIndex}`) ?? 0;
  const state = OPER_STATES[operStatus] ?? "unknown";
  const isUp = state === "up";
  return ok({
    state,
    rawState: `ifOperStatus ${operStatus}`,
    ...known<Pick<LineSnapshot, "powerState" | "near" | "far">>({
      powerState: vdsl2.powerState,
      near: merged(adsl.near, vdsl2.near),
      far: merged(adsl.far, vdsl2.far),
    }),
    ...vdsl2.mode,
    down: isUp ? down : {},
    up: isUp ? up : {},
    inventory: {},
    quality: qualityOf(quirk, adsl, vdsl2),
    raw: { sysDescr: typeof description === "string" ? description : "", ifIndex },
  });
}

/** By type; an agent that gives its line another one is found by the rows of the MIBs themselves. */
function dslInterface(values: SnmpValues): number | undefined {
  for (const [oid, value] of values) {
    if (!oid.startsWith(`${IF_TYPE}.`) || typeof value !== "number") continue;
    if (DSL_TYPES.includes(value)) return Number(oid.slice(IF_TYPE.length + 1));
  }
  for (const oid of values.keys()) {
    const match = /^1\.3\.6\.1\.2\.1\.10\.(?:94\.1\.1\.4\.1\.2|251\.1\.2\.2\.1\.2)\.(\d{1,9})/.exec(
      oid,
    );
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

function merged<T extends object>(first: T | undefined, second: T | undefined): T | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return { ...first, ...second };
}

/** The attainable rate of RFC 2662 is that "by the ATU", which agents take for what it sends or for what it receives. */
function qualityOf(
  quirk: SnmpQuirk | undefined,
  adsl: MibLine,
  vdsl2: MibLine,
): Partial<Record<FieldPath, Quality>> {
  const quality: Partial<Record<FieldPath, Quality>> = {};
  for (const direction of ["down", "up"] as const) {
    const own = { ...adsl[direction], ...vdsl2[direction] };
    for (const field of Object.keys(own) as (keyof DirectionStatus)[]) {
      const isAmbiguous = field === "maxRate" && vdsl2[direction].maxRate === undefined;
      if (quirk?.suspect === true || isAmbiguous) quality[`${direction}.${field}`] = "suspect";
    }
  }
  return quality;
}

/** ifOperStatus (RFC 2863): up, down, testing, unknown, dormant, notPresent, lowerLayerDown. */
const OPER_STATES: readonly (LineState | undefined)[] = [
  undefined,
  "up",
  "no_signal",
  "training",
  undefined,
  "no_signal",
  "error",
  "no_signal",
];
