import type { Bus, Subscription } from "@passerelle/bus-client";
import { aliveState, type DaemonName } from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import { elapsed, type Instant } from "@passerelle/time";
import type { ChangeInput } from "../core/input.ts";

/** Tells when a daemon goes or comes back. What went before we listened, or is said twice, is no news. */
export function watchLiveness(
  bus: Bus,
  clock: Pick<Clock, "now">,
  daemon: DaemonName,
  told: (input: Extract<ChangeInput, { kind: "went_offline" | "came_online" }>) => void,
): Subscription {
  let upSince: Instant | undefined;
  return bus.subscribe(aliveState[daemon], ({ status }) => {
    const now = clock.now();
    if (status === "online") {
      if (upSince === undefined) told({ kind: "came_online", daemon });
      upSince ??= now;
    } else if (upSince !== undefined) {
      const upFor = elapsed(upSince, now);
      upSince = undefined;
      told({ kind: "went_offline", daemon, upFor });
    }
  });
}
