import { ignored, type Machine, type Step } from "@passerelle/machine";
import type { Cidr4 } from "@passerelle/net";
import { invariant, unreachable } from "@passerelle/result";
import { after, earliest, elapsed, type Instant, instant } from "@passerelle/time";
import {
  afterMove,
  type Circumstances,
  FORMER_MAX,
  type Former,
  type HeldLease,
  type Kept,
  keptOf,
  type Place,
  type Placed,
  remaining,
  sameCidr,
} from "./former.ts";

export type FormerState = { readonly kind: "idle" } | Following;

interface Following extends Circumstances {
  readonly kind: "following";
  readonly places: readonly Placed[];
  readonly bootId: string;
  readonly former: readonly Former[];
  /** What follows from all the rest. */
  readonly kept: readonly Kept[];
}

/** As the store keeps it: where each network is, and where it was. */
export interface StoredPlaces {
  readonly places: readonly Pick<Placed, "name" | "address" | "since">[];
  readonly former: readonly Former[];
  /** The boot whose monotonic clock the instants are of. */
  readonly bootId: string;
}

export type FormerInput =
  | {
      readonly kind: "start";
      readonly places: readonly Place[];
      readonly stored: StoredPlaces | undefined;
      readonly leases: readonly HeldLease[];
      readonly bootId: string;
    }
  /** The networks are about to be these. Whoever says so makes the kernel follow. */
  | {
      readonly kind: "configured";
      readonly places: readonly Place[];
      readonly leases: readonly HeldLease[];
    }
  /** The kernel would not have them: it is as if they had never been wanted. */
  | { readonly kind: "refused"; readonly before: FormerState }
  | { readonly kind: "leases"; readonly leases: readonly HeldLease[] }
  | { readonly kind: "probation"; readonly until: Instant | undefined }
  | { readonly kind: "line"; readonly network: Cidr4 | undefined }
  | { readonly kind: "timeout" };

export type FormerEffect =
  | { readonly kind: "store"; readonly record: StoredPlaces }
  /** Other addresses are kept: the kernel, DHCP and DNS follow. */
  | { readonly kind: "follow" };

/**
 * The addresses that the box had before its networks moved. They stay while the move may be undone and while devices
 * live by them, so that nobody is cut off.
 */
export const formerAddresses: Machine<FormerState, FormerInput, FormerEffect> = {
  initial: { kind: "idle" },
  step,
  deadline: (state) =>
    state.kind === "idle" ? undefined : earliest(...state.kept.map(({ until }) => until)),
  check,
};

function step(
  state: FormerState,
  input: FormerInput,
  now: Instant,
): Step<FormerState, FormerEffect> {
  if (state.kind === "idle") return input.kind === "start" ? started(input, now) : ignored(state);
  switch (input.kind) {
    case "start":
      return ignored(state);
    case "configured": {
      const { places, leases } = input;
      const former = afterMove(state.former, state.places, places, leases, now);
      const placed = placedAt(state.places, places, now);
      return settled(state, { ...state, places: placed, leases, former }, now, false);
    }
    case "refused": {
      if (input.before.kind === "idle") return ignored(state);
      const { places, former } = input.before;
      return settled(state, { ...state, places, former }, now, false);
    }
    case "leases":
      return settled(state, { ...state, leases: input.leases }, now);
    case "probation":
      // It ends with a confirmation, or with the old networks that are about to come: their addresses stay until then.
      return settled(
        state,
        {
          ...state,
          probationUntil:
            input.until ?? (state.probationUntil && earliest(state.probationUntil, now)),
        },
        now,
      );
    case "line":
      return settled(state, { ...state, line: input.network }, now);
    case "timeout":
      return settled(state, state, now);
    default:
      return unreachable(input);
  }
}

function started(
  { places, stored, leases, bootId }: FormerInput & { readonly kind: "start" },
  now: Instant,
): Step<FormerState, FormerEffect> {
  const isSameBoot = stored?.bootId === bootId;
  const known = (stored?.former ?? []).map((one) => (isSameBoot ? one : anew(one, now)));
  const before = (stored?.places ?? []).map((one) => ({
    ...one,
    since: isSameBoot ? one.since : BOOT,
    served: true,
  }));
  const state: Following = {
    kind: "following",
    bootId,
    places: placedAt(before, places, now),
    leases,
    former: afterMove(known, before, places, leases, now),
    probationUntil: undefined,
    line: undefined,
    kept: [],
  };
  const next = settled(state, state, now, false).state;
  const record = recordOf(next);
  const isStored = JSON.stringify(record) === JSON.stringify(stored);
  return { state: next, effects: isStored ? [] : [{ kind: "store", record }] };
}

/** After a reboot nobody knows how long the box was off: the whole time once more, as for leases. */
function anew(one: Former, now: Instant): Former {
  const { network, address, since, leasesUntil } = one;
  return { network, address, since: now, leasesUntil: after(now, elapsed(since, leasesUntil)) };
}

function placedAt(
  before: readonly Placed[],
  places: readonly Place[],
  now: Instant,
): readonly Placed[] {
  return places.map((place) => {
    const old = before.find(({ name }) => name === place.name);
    const stays = old !== undefined && sameCidr(old.address, place.address);
    return { ...place, since: stays ? old.since : now };
  });
}

function settled(
  before: Following,
  state: Following,
  now: Instant,
  follows = true,
): { readonly state: Following; readonly effects: readonly FormerEffect[] } {
  const kept = keptOf(state.former, state, now);
  const former = remaining(state.former, state, now);
  const next = { ...state, kept, former };
  const effects: FormerEffect[] = [];
  if (!sameRecord(before, next)) effects.push({ kind: "store", record: recordOf(next) });
  if (follows && !sameAddresses(before.kept, kept)) effects.push({ kind: "follow" });
  return { state: next, effects };
}

function recordOf({ places, former, bootId }: Following): StoredPlaces {
  return {
    places: places.map(({ name, address, since }) => ({ name, address, since })),
    former,
    bootId,
  };
}

function sameRecord(a: Following, b: Following): boolean {
  return JSON.stringify(recordOf(a)) === JSON.stringify(recordOf(b));
}

function sameAddresses(a: readonly Kept[], b: readonly Kept[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, n) => {
      const other = b[n];
      return (
        other !== undefined && one.network === other.network && sameCidr(one.address, other.address)
      );
    })
  );
}

function check(state: FormerState): void {
  if (state.kind === "idle") return;
  for (const { name, address } of state.places) {
    const mine = state.former.filter(({ network }) => network === name);
    invariant(mine.length <= FORMER_MAX, "former addresses are limited");
    invariant(
      mine.every((one) => !sameCidr(one.address, address)),
      "the address of today is not a former one",
    );
  }
}

const BOOT = instant(0);
