import { formatCidr6 } from "@passerelle/net";
import { after, earliest, type Instant, seconds } from "@passerelle/time";
import {
  isPreferred,
  type Lifetimes,
  PREFERRED_MAX_SECONDS,
  VALID_MAX_SECONDS,
} from "../lifetimes.ts";
import { type Announced, isDefaultRouter } from "./announced.ts";
import type { Home, RaConfig } from "./config.ts";

/** Everything that is told but the lifetimes that run. */
export function tenorOf(
  config: RaConfig,
  home: Home,
  told: readonly Announced[],
  now: Instant,
): string {
  const { addressing, mtuBytes, searchDomains } = config;
  const preferred = home.subnets.map((subnet) => isPreferred(subnet, now));
  const isRouter = isDefaultRouter(home, now);
  return JSON.stringify([addressing, mtuBytes, searchDomains, home.mac, told, preferred, isRouter]);
}

/** Hosts were told of more time than there is now: they hear of it at once (RFC 9096, L-15). */
export function isShortened(before: Home, home: Home, now: Instant): boolean {
  const known = new Map(
    [...before.subnets, ...before.routes].map((one) => [formatCidr6(one.prefix), one]),
  );
  return [...home.subnets, ...home.routes].some((one) => {
    const old = known.get(formatCidr6(one.prefix));
    return (
      old !== undefined &&
      (isSooner(one.validUntil, old.validUntil, VALID_MAX_SECONDS, now) ||
        isSooner(one.preferredUntil, old.preferredUntil, PREFERRED_MAX_SECONDS, now))
    );
  });
}

/** When something that is told ends by itself next. */
export function nextChange({ subnets, routes }: Home, now: Instant): Instant | undefined {
  const ends = [...subnets, ...routes].flatMap(
    ({ preferredUntil, validUntil }: Lifetimes): (Instant | undefined)[] => [
      preferredUntil,
      validUntil,
    ],
  );
  return earliest(...ends.filter((end) => end !== undefined && end > now));
}

function isSooner(
  until: Instant | undefined,
  before: Instant | undefined,
  mostSeconds: number,
  now: Instant,
): boolean {
  const told = earliest(before, after(now, seconds(mostSeconds)));
  return until !== undefined && told !== undefined && until < told;
}
