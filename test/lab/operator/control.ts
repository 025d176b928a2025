import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../state.ts";
import { ADDRESSES } from "../topology.ts";

/** How the operator behaves just now. Faults change this file; the operators obey it at once. */
export interface OperatorControl {
  /** Hears everything, answers nothing. */
  readonly silent: boolean;
  /** Everybody goes to the parking, as if the identifiers were wrong. */
  readonly parked: boolean;
  /** Grows by one for each REQUEST to be refused with a NAK. */
  readonly nakSerial: number;
  /** Grows by one for each offer of an address that `attacker-wan` already uses. */
  readonly duplicateSerial: number;
  readonly leaseSeconds: number;
  /** Options 58 and 59; absent: a half and seven eighths of the lease (RFC 2131 section 4.4.5). */
  readonly t1Seconds?: number;
  readonly t2Seconds?: number;
  readonly gateway: string;
  readonly pool: "main" | "other";
  /** Nobody who asks anew gets an address (ethernet). */
  readonly poolEmpty: boolean;
  /** Grows by one each time another prefix of IPv6 is delegated from now on; the old ones are forgotten. */
  readonly prefixSerial: number;
  /** Of what is delegated (ethernet). */
  readonly prefixLength: number;
  /** Router advertisements say that this is no default router. */
  readonly routerStopped: boolean;
}

export const INITIAL_CONTROL: OperatorControl = {
  silent: false,
  parked: false,
  nakSerial: 0,
  duplicateSerial: 0,
  leaseSeconds: 3600,
  gateway: ADDRESSES.accessGateway,
  pool: "main",
  poolEmpty: false,
  prefixSerial: 0,
  prefixLength: 56,
  routerStopped: false,
};

export function controlPath(lab: string): string {
  return join(pathsOf(lab).config, "operator.json");
}

export function readControl(path: string): OperatorControl {
  return JSON.parse(readFileSync(path, "utf8")) as OperatorControl;
}

export function writeControl(lab: string, control: OperatorControl): void {
  const path = controlPath(lab);
  writeFileSync(`${path}.new`, JSON.stringify(control));
  renameSync(`${path}.new`, path);
}
