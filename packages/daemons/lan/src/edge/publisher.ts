import type { Clock } from "@passerelle/service";
import type { Duration } from "@passerelle/time";

/** Calls `publish` soon after a change, and not more often than once in `every`. */
export function createPublisher(
  clock: Clock,
  every: Duration,
  publish: () => void,
): { changed(): void; now(): void; stop(): void } {
  let timer: { cancel(): void } | undefined;
  let quietUntil = clock.now() as number;
  let stopped = false;
  const now = (): void => {
    timer?.cancel();
    timer = undefined;
    if (stopped) return;
    quietUntil = clock.now() + every;
    publish();
  };
  return {
    now,
    changed: () => {
      if (timer !== undefined || stopped) return;
      const wait = Math.max(SOON, quietUntil - clock.now());
      timer = clock.later(wait as Duration, now);
    },
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** Changes of one moment are told together. */
const SOON = 20;
