import type { Bus } from "@passerelle/bus-client";
import { appliedState, configState } from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import type { ChangeView } from "../core/effect.ts";
import { toWall } from "./revision-store.ts";

/** Says on the bus what is in force. */
export function announce(bus: Bus, clock: Pick<Clock, "now" | "wall">, view: ChangeView): void {
  const { head, probation, lastRollback } = view;
  bus.publish(configState, {
    revision: head.revision,
    phase:
      probation === undefined
        ? { kind: "confirmed" }
        : {
            kind: "probation",
            remainingMs: Math.round(probation.remaining),
            previous: probation.previous,
            author: probation.author,
          },
    digests: head.digests,
    ...(lastRollback === undefined
      ? {}
      : { lastRollback: { ...lastRollback, at: toWall(lastRollback.at, clock) } }),
  });
  // Nobody hands config its own section: what is in force is what it runs.
  bus.publish(appliedState.config, {
    revision: head.revision,
    digest: head.digests.config ?? "",
    result: { kind: "running" },
  });
}
