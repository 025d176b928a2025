import { nextBelow, type Rng } from "@passerelle/machine";
import { type Duration, milliseconds } from "@passerelle/time";
import type { Retransmit } from "../profile.ts";

/**
 * RFC 2131 section 4.1: the wait doubles with each message up to a limit, and is randomized. The RFC's
 * plus or minus one second is a quarter of its shortest wait; where we start sooner, so is ours.
 *
 * @param sent messages sent so far, at least 1
 */
export function retransmitWait(
  schedule: Retransmit,
  sent: number,
  rng: Rng,
): { readonly wait: Duration; readonly rng: Rng } {
  const base = Math.min(schedule.capMs, schedule.firstMs * 2 ** Math.min(sent - 1, 30));
  const spread = Math.floor(Math.min(1000, base / 4));
  const drawn = nextBelow(rng, 2 * spread + 1);
  return { wait: milliseconds(base - spread + drawn.value), rng: drawn.rng };
}

/** How long INIT waits after setbacks in a row: not at all after the first. */
export function setbackWait(setbacks: number): Duration {
  if (setbacks <= 1) return milliseconds(0);
  return milliseconds(Math.min(64_000, 1000 * 2 ** Math.min(setbacks - 2, 16)));
}
