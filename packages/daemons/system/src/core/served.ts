import type { lanState, StateTopic } from "@passerelle/contract";

type LanState = typeof lanState extends StateTopic<infer T> ? T : never;

/** Whether `lan` serves the home. A full disk is no fault of a version, and the home is served all the same. */
export function servesHome({ kind, faults }: Pick<LanState, "kind" | "faults">): boolean {
  if (kind === "serving") return true;
  return kind === "degraded" && faults.every(({ code }) => code === "leases_not_stored");
}
