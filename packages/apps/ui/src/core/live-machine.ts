import type { ChannelName, ClientMessage, ServerMessage } from "@passerelle/api";
import { mergePatch } from "@passerelle/json";

/**
 * The one connection for live values, as a pure machine: what was asked for, what is known, when to try again.
 * All times are milliseconds of one clock that only goes forward.
 */
export interface LiveState {
  readonly link: LiveLink;
  /** How many parts of the page follow a channel. */
  readonly wanted: Readonly<Partial<Record<ChannelName, number>>>;
  readonly values: Readonly<Partial<Record<ChannelName, unknown>>>;
  readonly refused: Readonly<Partial<Record<ChannelName, string>>>;
  /** When the box last said anything. */
  readonly heardAt: number;
  readonly failures: number;
}

export type LiveLink =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly since: number }
  | { readonly kind: "open"; readonly seq: number; readonly nextPingAt: number }
  | { readonly kind: "waiting"; readonly until: number };

export type LiveInput =
  | { readonly kind: "follow"; readonly channel: ChannelName }
  | { readonly kind: "unfollow"; readonly channel: ChannelName }
  | { readonly kind: "start" }
  | { readonly kind: "stop" }
  | { readonly kind: "opened" }
  | { readonly kind: "closed" }
  | { readonly kind: "message"; readonly message: ServerMessage }
  /** `dice` from 0 to 1 spreads the pages of one home. */
  | { readonly kind: "tick"; readonly dice: number };

export type LiveEffect =
  | { readonly kind: "connect" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "send"; readonly message: ClientMessage };

export interface LiveStep {
  readonly state: LiveState;
  readonly effects: readonly LiveEffect[];
}

export const PING_MS = 4_000;
/** After this much silence values are shown as old. */
export const STALE_MS = 10_000;
/** After this much the connection is taken for dead. */
const DEAD_MS = 15_000;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 30_000;

export const initialLive: LiveState = {
  link: { kind: "idle" },
  wanted: {},
  values: {},
  refused: {},
  heardAt: 0,
  failures: 0,
};

export function stepLive(state: LiveState, input: LiveInput, now: number): LiveStep {
  switch (input.kind) {
    case "follow":
      return follow(state, input.channel);
    case "unfollow":
      return unfollow(state, input.channel);
    case "start":
      if (state.link.kind !== "idle") return only(state);
      return connect({ ...state, failures: 0 }, now);
    case "stop":
      return {
        state: { ...initialLive, wanted: state.wanted, heardAt: state.heardAt },
        effects: state.link.kind === "idle" ? [] : [{ kind: "disconnect" }],
      };
    case "opened":
      return only(state);
    case "closed":
      return state.link.kind === "connecting" || state.link.kind === "open"
        ? only(waitAgain(state, now))
        : only(state);
    case "message":
      return hear(state, input.message, now);
    case "tick":
      return tick(state, now, input.dice);
  }
}

/** What the page says of the connection. */
export function livePhase(state: LiveState, now: number): "off" | "live" | "reconnecting" {
  if (state.link.kind === "idle") return "off";
  return state.link.kind === "open" && now - state.heardAt < STALE_MS ? "live" : "reconnecting";
}

export function isStale(state: LiveState, now: number): boolean {
  return state.link.kind !== "idle" && now - state.heardAt >= STALE_MS;
}

function follow(state: LiveState, channel: ChannelName): LiveStep {
  const count = state.wanted[channel] ?? 0;
  const next = { ...state, wanted: { ...state.wanted, [channel]: count + 1 } };
  if (count > 0 || state.link.kind !== "open") return only(next);
  return { state: next, effects: [say({ type: "subscribe", channels: [channel] })] };
}

function unfollow(state: LiveState, channel: ChannelName): LiveStep {
  const count = state.wanted[channel] ?? 0;
  if (count > 1) return only({ ...state, wanted: { ...state.wanted, [channel]: count - 1 } });
  const { [channel]: _gone, ...wanted } = state.wanted;
  const { [channel]: _refused, ...refused } = state.refused;
  // The last value stays: a page that comes back shows it until the snapshot is there.
  const next = { ...state, wanted, refused };
  if (count === 0 || state.link.kind !== "open") return only(next);
  return { state: next, effects: [say({ type: "unsubscribe", channels: [channel] })] };
}

function hear(state: LiveState, message: ServerMessage, now: number): LiveStep {
  if (state.link.kind === "connecting") {
    if (message.type !== "hello") return breakOff(state, now);
    const channels = Object.keys(state.wanted) as ChannelName[];
    return {
      state: {
        ...state,
        link: { kind: "open", seq: message.seq, nextPingAt: now + PING_MS },
        heardAt: now,
        failures: 0,
        refused: {},
      },
      effects: channels.length === 0 ? [] : [say({ type: "subscribe", channels })],
    };
  }
  if (state.link.kind !== "open") return only(state);
  // Something was lost on the way: only a new connection brings the whole truth.
  if (message.seq !== state.link.seq + 1) return breakOff(state, now);
  const heard: LiveState = {
    ...state,
    link: { ...state.link, seq: message.seq },
    heardAt: now,
  };
  switch (message.type) {
    case "hello":
    case "pong":
    case "error":
      return only(heard);
    case "snapshot":
      return only(withValue(heard, message.channel, message.value));
    case "patch":
      return only(
        withValue(heard, message.channel, mergePatch(heard.values[message.channel], message.patch)),
      );
    case "refused":
      return only({ ...heard, refused: { ...heard.refused, [message.channel]: message.code } });
  }
}

function tick(state: LiveState, now: number, dice: number): LiveStep {
  const { link } = state;
  if (link.kind === "waiting") {
    // The spread is drawn when the wait ends: up to half the wait again.
    const spread = dice * 0.5 * backOff(state.failures);
    return now >= link.until + spread ? connect(state, now) : only(state);
  }
  if (link.kind === "connecting" && now - link.since >= DEAD_MS) return breakOff(state, now);
  if (link.kind !== "open") return only(state);
  if (now - state.heardAt >= DEAD_MS) return breakOff(state, now);
  if (now < link.nextPingAt) return only(state);
  return {
    state: { ...state, link: { ...link, nextPingAt: now + PING_MS } },
    effects: [say({ type: "ping" })],
  };
}

function connect(state: LiveState, now: number): LiveStep {
  return {
    state: { ...state, link: { kind: "connecting", since: now } },
    effects: [{ kind: "connect" }],
  };
}

function breakOff(state: LiveState, now: number): LiveStep {
  return { state: waitAgain(state, now), effects: [{ kind: "disconnect" }] };
}

function waitAgain(state: LiveState, now: number): LiveState {
  const failures = state.failures + 1;
  return { ...state, failures, link: { kind: "waiting", until: now + backOff(failures) } };
}

function backOff(failures: number): number {
  return Math.min(BACK_OFF_FIRST_MS * 2 ** Math.min(failures - 1, 16), BACK_OFF_MAX_MS);
}

function withValue(state: LiveState, channel: ChannelName, value: unknown): LiveState {
  return { ...state, values: { ...state.values, [channel]: value } };
}

function say(message: ClientMessage): LiveEffect {
  return { kind: "send", message };
}

function only(state: LiveState): LiveStep {
  return { state, effects: [] };
}
