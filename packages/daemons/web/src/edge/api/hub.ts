import { CHANNELS, type ChannelName, CLOSE_CODES } from "@passerelle/api";
import type { Clock } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { differenceOf } from "../../core/events/merge-patch.ts";
import { type Pace, spoke, unhurried, waitOf } from "../../core/events/pace.ts";
import type { ChannelSource } from "./channels.ts";
import { type Outlet, type Said, said } from "./outlet.ts";
import type { Caller } from "./port.ts";

export interface HubOptions {
  readonly clock: Clock;
  readonly sources: ReadonlyMap<ChannelName, ChannelSource>;
  readonly recheck: (caller: Caller) => Caller | undefined;
  /** Somebody began to follow a channel that passes on what happens; the answer stops it. */
  readonly tap: (channel: ChannelName, outlet: Outlet) => (() => void) | undefined;
}

/** Everybody who follows something. A value is looked at, compared and written once, however many follow it. */
export class Hub {
  readonly #options: HubOptions;
  readonly #outlets = new Set<Outlet>();
  readonly #followed = new Map<ChannelName, Followed>();
  readonly #taps = new Map<Outlet, Map<ChannelName, () => void>>();
  #ticks = 0;
  #ticking: { cancel(): void } | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#outlets.size;
  }

  get isFull(): boolean {
    return this.#outlets.size >= OUTLETS_MAX;
  }

  add(outlet: Outlet): void {
    this.#outlets.add(outlet);
    outlet.onEnd = () => this.#remove(outlet);
    outlet.say(said("hello", { boot: this.#options.clock.bootId }));
    this.#ticking ??= this.#options.clock.later(TICK, () => this.#tick());
  }

  follow(outlet: Outlet, channel: ChannelName): void {
    if (outlet.isOver) return;
    if (!outlet.caller.capabilities.has(CHANNELS[channel].capability)) {
      outlet.say(said("refused", { channel, code: "not_allowed" }));
      return;
    }
    const isNew = !outlet.channels.has(channel);
    outlet.channels.add(channel);
    const source = this.#options.sources.get(channel);
    if (source === undefined) {
      if (isNew) this.#tapInto(outlet, channel);
      return;
    }
    const followed = this.#followed.get(channel) ?? { value: undefined, pace: unhurried };
    this.#followed.set(channel, followed);
    // Asked for again, it is told again: that is how a client heals.
    if (followed.value === undefined) followed.value = source.look();
    if (followed.value !== undefined) outlet.say(snapshot(channel, source, followed.value, outlet));
  }

  unfollow(outlet: Outlet, channel: ChannelName): void {
    outlet.channels.delete(channel);
    this.#taps.get(outlet)?.get(channel)?.();
    this.#taps.get(outlet)?.delete(channel);
    const isFollowed = [...this.#outlets].some((other) => other.channels.has(channel));
    if (isFollowed) return;
    this.#followed.get(channel)?.waiting?.cancel();
    this.#followed.delete(channel);
  }

  /** Something that the channel is made of changed. */
  changed(channel: ChannelName): void {
    const followed = this.#followed.get(channel);
    if (followed === undefined || followed.waiting !== undefined) return;
    const { clock } = this.#options;
    const wait = waitOf(followed.pace, clock.now());
    if (wait === undefined) this.#publish(channel, followed);
    else
      followed.waiting = clock.later(wait, () => {
        delete followed.waiting;
        this.#publish(channel, followed);
      });
  }

  /** Whether each caller is still who it was, and may still follow what it follows. */
  recheck(): void {
    for (const outlet of [...this.#outlets]) {
      const caller = this.#options.recheck(outlet.caller);
      if (caller === undefined || !caller.capabilities.has("read")) {
        outlet.end(CLOSE_CODES.loggedOut, "not_logged_in");
        continue;
      }
      outlet.caller = caller;
      for (const channel of [...outlet.channels]) {
        if (caller.capabilities.has(CHANNELS[channel].capability)) continue;
        this.unfollow(outlet, channel);
        outlet.say(said("refused", { channel, code: "not_allowed" }));
      }
    }
  }

  close(): void {
    for (const outlet of [...this.#outlets]) outlet.end(CLOSE_CODES.goingAway, "going_away");
    this.#ticking?.cancel();
    this.#ticking = undefined;
  }

  #publish(channel: ChannelName, followed: Followed): void {
    const source = this.#options.sources.get(channel);
    const fresh = source?.look();
    if (source === undefined || fresh === undefined) return;
    const difference =
      followed.value === undefined
        ? ({ kind: "whole" } as const)
        : differenceOf(followed.value, fresh);
    if (difference.kind === "same") return;
    followed.value = fresh;
    const { personal } = source;
    const news = difference.kind === "patch" ? difference.patch : fresh;
    const member = difference.kind === "patch" ? "patch" : "value";
    const type = difference.kind === "patch" ? "patch" : "snapshot";
    const shared = said(type, { channel, [member]: news });
    followed.pace = spoke(this.#options.clock.now(), shared.rest.length);
    for (const outlet of [...this.#outlets]) {
      if (!outlet.channels.has(channel)) continue;
      const own =
        personal === undefined
          ? shared
          : said(type, { channel, [member]: personal(news, outlet.caller) });
      outlet.say(own);
    }
  }

  #tapInto(outlet: Outlet, channel: ChannelName): void {
    const stop = this.#options.tap(channel, outlet);
    if (stop === undefined) return;
    const taps = this.#taps.get(outlet) ?? new Map<ChannelName, () => void>();
    taps.set(channel, stop);
    this.#taps.set(outlet, taps);
  }

  #remove(outlet: Outlet): void {
    this.#outlets.delete(outlet);
    for (const channel of [...outlet.channels]) this.unfollow(outlet, channel);
    this.#taps.delete(outlet);
    if (this.#outlets.size > 0) return;
    this.#ticking?.cancel();
    this.#ticking = undefined;
  }

  #tick(): void {
    this.#ticks += 1;
    this.#ticking = this.#options.clock.later(TICK, () => this.#tick());
    this.recheck();
    if (this.#ticks % TICKS_A_BEAT === 0) for (const outlet of [...this.#outlets]) outlet.beat();
  }
}

interface Followed {
  /** What everybody who follows was told last; undefined while its owners are silent. */
  value: unknown;
  pace: Pace;
  waiting?: { cancel(): void };
}

function snapshot(
  channel: ChannelName,
  { personal }: ChannelSource,
  value: unknown,
  { caller }: Outlet,
): Said {
  return said("snapshot", {
    channel,
    value: personal === undefined ? value : personal(value, caller),
  });
}

const OUTLETS_MAX = 16;
/** S-11: a session that was ended ends its connections within a second. */
const TICK = seconds(1);
const TICKS_A_BEAT = 20;
