import { after, type Instant, seconds } from "@passerelle/time";
import { VALID_MAX_SECONDS } from "../lifetimes.ts";
import { type Announced, type Former, keyOf } from "./announced.ts";
import type { StoredAnnouncements } from "./input.ts";
import { type Announcing, FORMER_MAX } from "./state.ts";

/** What was told and is of today no more is told the end of, as long as hosts may keep it (RFC 9096 section 3.5). */
export function afterNews(
  former: readonly Former[],
  before: readonly Announced[],
  today: readonly Announced[],
  now: Instant,
): readonly Former[] {
  const isOfToday = keysOf(today);
  const until = after(now, HELD_AT_MOST);
  const gone = before
    .filter((what) => !isOfToday.has(keyOf(what)))
    .map((what): Former => ({ what, until }));
  const isGone = keysOf(gone.map(({ what }) => what));
  const still = former.filter(
    ({ what, until: end }) => end > now && !isOfToday.has(keyOf(what)) && !isGone.has(keyOf(what)),
  );
  return [...still, ...gone].slice(-FORMER_MAX);
}

/** After a reboot nobody knows how long the box was off: the whole time once more. */
export function restoredFormer(
  stored: StoredAnnouncements | undefined,
  bootId: string,
  now: Instant,
): readonly Former[] {
  if (stored === undefined) return [];
  if (stored.bootId === bootId) return stored.former;
  return stored.former.map(({ what }) => ({ what, until: after(now, HELD_AT_MOST) }));
}

export function recordOf({ told, former, bootId }: Announcing): StoredAnnouncements {
  return { told, former, bootId };
}

export function sameRecord(a: StoredAnnouncements | undefined, b: StoredAnnouncements): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function keysOf(list: readonly Announced[]): ReadonlySet<string> {
  return new Set(list.map(keyOf));
}

/** The longest valid lifetime that hosts were ever told. */
const HELD_AT_MOST = seconds(VALID_MAX_SECONDS);
