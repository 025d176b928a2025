import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import type { LineState, TransmissionConvergence } from "../model/line.ts";
import { countIn } from "../text.ts";
import { stateOfNotice } from "./states.ts";

/** What the control daemon tells its notify script: no poll is needed to see a line fall. */
export interface LantiqNotice {
  readonly type: "interface" | "status" | "data_rate";
  readonly state?: LineState;
  readonly tc?: TransmissionConvergence;
  readonly family?: "adsl" | "vdsl";
  /** bit/s. */
  readonly downRate?: number;
  /** bit/s. */
  readonly upRate?: number;
  /** Which line of a bonded pair, from 1 on; absent for the only one. */
  readonly line?: number;
  readonly bonded?: boolean;
}

/** Reads the environment that the script was started with. Variables that are not of DSL are ignored. */
export function decodeLantiqNotice(
  environment: Readonly<Record<string, string | undefined>>,
): Result<LantiqNotice, DecodeError> {
  const type = TYPES.get(environment.DSL_NOTIFICATION_TYPE ?? "");
  if (type === undefined) return err({ code: "notice_type", at: 0 });
  const line = countIn(environment.DSL_LINE_NUMBER);
  return ok({
    type,
    ...known<Omit<LantiqNotice, "type">>({
      state: stateOfNotice(environment.DSL_INTERFACE_STATUS ?? ""),
      tc: TC.get(environment.DSL_TC_LAYER_STATUS ?? ""),
      family: FAMILIES.get(environment.DSL_XTU_STATUS ?? ""),
      downRate: countIn(environment.DSL_DATARATE_DS_BC0),
      upRate: countIn(environment.DSL_DATARATE_US_BC0),
      line: line === 0 ? undefined : line,
      bonded: BONDED.get(environment.DSL_BONDING_STATUS ?? ""),
    }),
  });
}

const TYPES: ReadonlyMap<string, LantiqNotice["type"]> = new Map([
  ["DSL_INTERFACE_STATUS", "interface"],
  ["DSL_STATUS", "status"],
  ["DSL_DATARATE_STATUS", "data_rate"],
  ["DSL_DATARATE_STATUS_US", "data_rate"],
]);
/** EFM, "Ethernet in the first mile", is the daemon's older name of PTM. */
const TC: ReadonlyMap<string, TransmissionConvergence> = new Map([
  ["ATM", "atm"],
  ["PTM", "ptm"],
  ["EFM", "ptm"],
]);
const FAMILIES: ReadonlyMap<string, "adsl" | "vdsl"> = new Map([
  ["ADSL", "adsl"],
  ["VDSL", "vdsl"],
]);
const BONDED: ReadonlyMap<string, boolean> = new Map([
  ["ACTIVE", true],
  ["INACTIVE", false],
]);
