import type { GenericSchema, InferOutput } from "valibot";

/** Everything of ours that owns something on the bus. The order is the order of start. */
export const DAEMONS = [
  "config",
  "system",
  "firewall",
  "wan",
  "lan",
  "wifi",
  "iptv",
  "voice",
  "web",
] as const;
export type DaemonName = (typeof DAEMONS)[number];

/** Who may connect: the daemons, and `observer`, which reads everything that is public and commands nothing. */
export type ClientName = DaemonName | "observer";

/** Root of every topic; the version of the contract is part of it. */
export const TOPIC_ROOT = "gw/v1";

/** The whole truth about one thing: retained, QoS 1, published by its owner alone. */
export interface StateTopic<T> {
  readonly kind: "state";
  readonly name: string;
  readonly owner: DaemonName;
  readonly schema: GenericSchema<unknown, T>;
  /** One sentence for docs/bus.md. */
  readonly about: string;
  /** Who may read it; absent: every client. */
  readonly readers?: readonly ClientName[];
}

/** Something that happened: not retained, QoS 0, may be lost. */
export interface EventTopic<T> {
  readonly kind: "event";
  readonly name: string;
  readonly owner: DaemonName;
  readonly schema: GenericSchema<unknown, T>;
  readonly about: string;
}

/** One request to the owner and exactly one reply: data, or a stable error code with its sentence. */
export interface CommandTopic<Request, Reply> {
  readonly kind: "command";
  readonly name: string;
  readonly owner: DaemonName;
  readonly request: GenericSchema<unknown, Request>;
  readonly reply: GenericSchema<unknown, Reply>;
  readonly about: string;
  /** Who may call it besides the owner. */
  readonly callers: readonly ClientName[];
}

// The registry holds topics of any payload: each knows its own schema.
export type AnyTopic = StateTopic<unknown> | EventTopic<unknown> | CommandTopic<unknown, unknown>;

/* Each topic keeps the type of its schema, so that the web API is made of the same pieces. */

export function state<S extends GenericSchema>(definition: {
  readonly name: string;
  readonly owner: DaemonName;
  readonly schema: S;
  readonly about: string;
  readonly readers?: readonly ClientName[];
}): StateTopic<InferOutput<S>> & { readonly schema: S } {
  return {
    ...definition,
    kind: "state",
    name: `${TOPIC_ROOT}/${definition.owner}/${definition.name}`,
    schema: definition.schema as S & GenericSchema<unknown, InferOutput<S>>,
  };
}

export function event<S extends GenericSchema>(definition: {
  readonly name: string;
  readonly owner: DaemonName;
  readonly schema: S;
  readonly about: string;
}): EventTopic<InferOutput<S>> & { readonly schema: S } {
  return {
    ...definition,
    kind: "event",
    name: `${TOPIC_ROOT}/${definition.owner}/event/${definition.name}`,
    schema: definition.schema as S & GenericSchema<unknown, InferOutput<S>>,
  };
}

export function command<Q extends GenericSchema, R extends GenericSchema>(definition: {
  readonly name: string;
  readonly owner: DaemonName;
  readonly request: Q;
  readonly reply: R;
  readonly about: string;
  readonly callers: readonly ClientName[];
}): CommandTopic<InferOutput<Q>, InferOutput<R>> & { readonly request: Q; readonly reply: R } {
  return {
    ...definition,
    kind: "command",
    name: `${TOPIC_ROOT}/${definition.owner}/cmd/${definition.name}`,
    request: definition.request as Q & GenericSchema<unknown, InferOutput<Q>>,
    reply: definition.reply as R & GenericSchema<unknown, InferOutput<R>>,
  };
}

/** Where `client` waits for the replies to its requests. */
export function replyTopic(client: ClientName): string {
  return `${TOPIC_ROOT}/reply/${client}`;
}

/** Where the broker or the daemon itself says whether it is there. */
export function aliveTopicName(daemon: DaemonName): string {
  return `${TOPIC_ROOT}/${daemon}/alive`;
}
