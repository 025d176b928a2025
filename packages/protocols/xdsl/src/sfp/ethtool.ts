import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import { divided, linesOf, numberIn, switchIn } from "../text.ts";
import type { SfpAlarm, SfpDiagnostics, SfpQuantity } from "./diagnostics.ts";

/** Reads what `ethtool -m` prints of a module with diagnostics. Code `sfp_no_diagnostics` where it prints none. */
export function decodeEthtoolModule(text: string): Result<SfpDiagnostics, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const said = new Map<string, string>();
  for (const line of lines.value) {
    const match = /^\s*([A-Za-z][^:]{0,60}?)\s{0,60}:\s(.*)$/.exec(line);
    if (match !== null && said.size < FIELDS_MAX) said.set(match[1] ?? "", match[2]?.trim() ?? "");
  }
  if (!said.has("Receiver signal average optical power") && !said.has("Module temperature")) {
    return err({ code: "sfp_no_diagnostics", at: 0 });
  }
  return ok({
    ...known<Omit<SfpDiagnostics, "alarms">>({
      vendor: said.get("Vendor name") || undefined,
      partNumber: said.get("Vendor PN") || undefined,
      serial: said.get("Vendor SN") || undefined,
      temperature: numberIn(said.get("Module temperature")),
      voltage: numberIn(said.get("Module voltage")),
      // Milliamperes.
      biasCurrent: divided(numberIn(said.get("Laser bias current")), 1000),
      txPower: powerIn(said.get("Laser output power")),
      rxPower: powerIn(said.get("Receiver signal average optical power")),
      lossOfSignal: switchIn(said.get("Rx loss of signal")),
      txFault: switchIn(said.get("Tx fault")),
    }),
    alarms: alarmsOf(said),
  });
}

const FIELDS_MAX = 256;

/** "0.0079 mW / -21.05 dBm"; "-inf dBm" is no light. */
function powerIn(text: string | undefined): number | undefined {
  return numberIn(/\/\s{0,4}(-?\d{1,4}\.\d{1,4}) dBm/.exec(text ?? "")?.[1]);
}

function alarmsOf(said: ReadonlyMap<string, string>): readonly SfpAlarm[] {
  return QUANTITIES.flatMap(([quantity, name]) =>
    (["high", "low"] as const).flatMap((side) =>
      (["alarm", "warning"] as const).flatMap((level): readonly SfpAlarm[] =>
        switchIn(said.get(`${name} ${side} ${level}`)) === true ? [{ quantity, side, level }] : [],
      ),
    ),
  );
}

const QUANTITIES: readonly (readonly [SfpQuantity, string])[] = [
  ["temperature", "Module temperature"],
  ["voltage", "Module voltage"],
  ["biasCurrent", "Laser bias current"],
  ["txPower", "Laser output power"],
  ["rxPower", "Laser rx power"],
];
