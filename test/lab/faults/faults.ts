import { callThere, isCarried } from "../vm/channel.ts";
import { ACCESS_FAULTS } from "./access.ts";
import { BOX_FAULTS } from "./box.ts";
import type { Fault } from "./fault.ts";

export const FAULTS: Readonly<Record<string, Fault>> = { ...ACCESS_FAULTS, ...BOX_FAULTS };

/** Resolves when the fault is on (or over), with a sentence where there is something to say. */
export function applyFault(
  lab: string,
  name: string,
  words: readonly string[],
): Promise<string | undefined> {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`"${name}" is no fault of the lab`);
  if (isCarried(lab)) return callThere(lab, "fault", [name, ...words]);
  return fault.apply(lab, words);
}

export function listFaults(): string {
  const lines = Object.entries(FAULTS).map(
    ([name, fault]) => `  ${`${name} ${fault.usage}`.padEnd(32)} ${fault.about}`,
  );
  return ["faults:", ...lines].join("\n");
}
