import type { ChannelName, ServerMessage } from "@passerelle/api";
import type { SystemLogEntry, SystemSample } from "@passerelle/contract";
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import {
  initialLive,
  isStale,
  type LiveEffect,
  type LiveInput,
  livePhase,
  stepLive,
} from "../core/live-machine.ts";
import type { Reply } from "./api.ts";

/** What each channel carries. */
export interface ChannelValues {
  wan: Reply<"GET /wan">;
  "wan-history": Reply<"GET /wan/history">;
  dsl: Reply<"GET /wan/dsl">;
  hosts: Reply<"GET /hosts">;
  "port-mappings": Reply<"GET /nat/port-mappings">;
  firewall: Reply<"GET /firewall">;
  lan: Reply<"GET /lan">;
  config: Reply<"GET /config/state">;
  system: Reply<"GET /system">;
  sample: SystemSample;
  upgrade: Reply<"GET /system/upgrade">;
  notifications: Reply<"GET /notifications">;
  log: SystemLogEntry;
  jobs: Reply<"GET /jobs">;
  apps: Reply<"GET /apps">;
  sessions: Reply<"GET /sessions">;
  bus: { readonly topic: string; readonly value: unknown; readonly at: number };
}

/** "off" before the log-in; else what the header says of the connection. */
export const livePhaseSignal = signal<"off" | "live" | "reconnecting">("off");
/** True after 10 seconds of silence: values on the page are old. */
export const stale = signal(false);

const signals = new Map<ChannelName, Signal<unknown>>();
const refusals = signal<Readonly<Partial<Record<ChannelName, string>>>>({});

/** The newest value of a channel; undefined before the first. Follow it with `useChannel`. */
export function channelValue<C extends ChannelName>(
  channel: C,
): ReadonlySignal<ChannelValues[C] | undefined> {
  return raw(channel) as ReadonlySignal<ChannelValues[C] | undefined>;
}

/** Follows a channel as long as the component stands; draws again with each new value. */
export function useChannel<C extends ChannelName>(channel: C): ChannelValues[C] | undefined {
  useEffect(() => {
    feed({ kind: "follow", channel });
    return () => feed({ kind: "unfollow", channel });
  }, [channel]);
  return channelValue(channel).value;
}

/** Why a channel can't be followed, where the box refused it: a code of docs/errors.md. */
export function channelRefusal(channel: ChannelName): string | undefined {
  return refusals.value[channel];
}

export function startLive(): void {
  feed({ kind: "start" });
  timer ??= setInterval(() => feed({ kind: "tick", dice: Math.random() }), TICK_MS);
}

export function stopLive(): void {
  clearInterval(timer);
  timer = undefined;
  feed({ kind: "stop" });
  batch(() => {
    for (const one of signals.values()) one.value = undefined;
  });
}

const TICK_MS = 500;
let timer: ReturnType<typeof setInterval> | undefined;
let state = initialLive;
let socket: WebSocket | undefined;

function raw(channel: ChannelName): Signal<unknown> {
  const known = signals.get(channel);
  if (known !== undefined) return known;
  const fresh = signal<unknown>(state.values[channel]);
  signals.set(channel, fresh);
  return fresh;
}

function feed(input: LiveInput): void {
  const now = performance.now();
  const step = stepLive(state, input, now);
  const before = state.values;
  state = step.state;
  batch(() => {
    livePhaseSignal.value = livePhase(state, now);
    stale.value = isStale(state, now);
    refusals.value = state.refused;
    if (state.values !== before) {
      for (const [name, value] of Object.entries(state.values)) {
        if (before[name as ChannelName] !== value) raw(name as ChannelName).value = value;
      }
    }
  });
  for (const effect of step.effects) run(effect);
}

function run(effect: LiveEffect): void {
  switch (effect.kind) {
    case "connect":
      connect();
      return;
    case "disconnect": {
      const old = socket;
      socket = undefined;
      old?.close();
      return;
    }
    case "send":
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(effect.message));
      return;
  }
}

function connect(): void {
  const url = new URL("/api/v1/events", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(url);
  socket = mine;
  // A connection that was given up has nothing more to say.
  const heard = (input: LiveInput): void => {
    if (socket === mine) feed(input);
  };
  mine.onopen = () => heard({ kind: "opened" });
  mine.onclose = () => heard({ kind: "closed" });
  mine.onmessage = (event) => {
    const message = parse(event.data);
    if (message !== undefined) heard({ kind: "message", message });
  };
}

function parse(data: unknown): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(String(data));
    const isMessage =
      typeof value === "object" && value !== null && "type" in value && "seq" in value;
    // The box is ours and typed; a gap or an unknown type makes a new connection.
    return isMessage ? (value as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}
