import { after, type Duration, type Instant, isDue, milliseconds, seconds } from "@passerelle/time";

/** What we know of one upstream resolver. */
export type UpstreamHealth =
  | { readonly kind: "untried" }
  | { readonly kind: "healthy"; readonly rttMs: number; readonly lost: number }
  /** Passed over; one question goes to it as well when `probeAt` has come. */
  | {
      readonly kind: "ailing";
      readonly rttMs: number | undefined;
      readonly wait: Duration;
      readonly probeAt: Instant;
    };

export const UNTRIED: UpstreamHealth = { kind: "untried" };

/** An answer came after `rttMs`. Smoothed as RFC 6298 section 2 does (1/8). */
export function afterAnswer(health: UpstreamHealth, rttMs: number): UpstreamHealth {
  // An old time of an upstream that was away says nothing about it now.
  const rtt = health.kind === "healthy" ? health.rttMs + (rttMs - health.rttMs) / 8 : rttMs;
  return { kind: "healthy", rttMs: rtt, lost: 0 };
}

/** No answer in time, or none to be had. */
export function afterLoss(health: UpstreamHealth, now: Instant): UpstreamHealth {
  switch (health.kind) {
    case "untried":
      return { kind: "healthy", rttMs: LOSS_RTT_MS, lost: 1 };
    case "healthy":
      if (health.lost + 1 < LOSSES_MAX) return { ...health, lost: health.lost + 1 };
      return {
        kind: "ailing",
        rttMs: health.rttMs,
        wait: FIRST_WAIT,
        probeAt: after(now, FIRST_WAIT),
      };
    case "ailing": {
      // Losses of questions sent before the last decision change nothing.
      if (!isDue(health.probeAt, now)) return health;
      const wait = milliseconds(Math.min(health.wait * 2, LAST_WAIT));
      return { ...health, wait, probeAt: after(now, wait) };
    }
  }
}

/** A probe was sent: the next one waits, so that one question, not each, goes to it. */
export function afterProbe(health: UpstreamHealth, now: Instant): UpstreamHealth {
  return health.kind === "ailing" ? { ...health, probeAt: after(now, health.wait) } : health;
}

/**
 * Whom to ask, best first: healthy by time to answer, those never tried before all (they may be better),
 * ailing ones last. `probe` is an ailing one that deserves a question beside the first.
 */
export function rank(
  all: readonly UpstreamHealth[],
  now: Instant,
): { readonly order: readonly number[]; readonly probe: number | undefined } {
  const order = all.map((_, i) => i).sort((a, b) => weight(all[a]) - weight(all[b]) || a - b);
  const probe = order.find((i) => {
    const health = all[i];
    return i !== order[0] && health?.kind === "ailing" && isDue(health.probeAt, now);
  });
  return { order, probe };
}

/** How long to wait for this one before another is asked too. */
export function patience(health: UpstreamHealth | undefined): Duration {
  const rtt = health?.kind === "healthy" ? health.rttMs : PATIENCE_MAX_MS / 3;
  return milliseconds(Math.min(Math.max(rtt * 3, PATIENCE_MIN_MS), PATIENCE_MAX_MS));
}

function weight(health: UpstreamHealth | undefined): number {
  if (health === undefined || health.kind === "untried") return -1;
  return health.kind === "healthy"
    ? health.rttMs + health.lost * LOSS_RTT_MS
    : 1e9 + (health.rttMs ?? 0);
}

const LOSSES_MAX = 3;
const LOSS_RTT_MS = 400;
const FIRST_WAIT = seconds(2);
const LAST_WAIT = seconds(60);
const PATIENCE_MIN_MS = 80;
const PATIENCE_MAX_MS = 600;
