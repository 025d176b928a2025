import type { WanState } from "@passerelle/contract";

/** What the second screen of the first run shows. */
export type LineCheck =
  | { readonly kind: "checking" }
  | { readonly kind: "works" }
  /** `ask`: the operator is to be chosen; a cable that is not there has nothing to choose. */
  | {
      readonly kind: "broken";
      readonly cause: NonNullable<WanState["cause"]>;
      readonly ask: boolean;
    };

const NOT_THE_OPERATOR: readonly string[] = ["no_carrier", "no_interface", "connecting"];

export function checkLine(line: WanState | undefined): LineCheck {
  if (line === undefined) return { kind: "checking" };
  if (line.reach.kind === "online") return { kind: "works" };
  const cause = line.cause ?? ("fault" in line.reach ? line.reach.fault : undefined);
  if (cause === undefined || cause.code === "connecting") return { kind: "checking" };
  return { kind: "broken", cause, ask: !NOT_THE_OPERATOR.includes(cause.code) };
}
