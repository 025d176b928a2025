import type { Clock } from "@passerelle/service";
import { type Duration, elapsed } from "@passerelle/time";

export interface Publisher {
  /** Something is different: it is told soon. */
  changed(): void;
  now(): void;
  stop(): void;
}

/**
 * Calls `publish` soon after a change, not more often than once in `every`, and so seldom that it takes
 * less than one part in two hundred of the time: a long list never keeps the answers to clients waiting.
 */
export function createPublisher(clock: Clock, every: Duration, publish: () => void): Publisher {
  let timer: { cancel(): void } | undefined;
  let quietUntil = clock.now() as number;
  let stopped = false;
  const now = (): void => {
    timer?.cancel();
    timer = undefined;
    if (stopped) return;
    const started = clock.now();
    publish();
    const ended = clock.now();
    quietUntil = ended + Math.max(every, elapsed(started, ended) * SHARE);
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
const SHARE = 200;
