import * as v from "valibot";
import { type Capability, route } from "./define.ts";

/**
 * What can be followed live. A channel's value is what its GET answers: a snapshot first, then merge patches
 * (RFC 7396; a list that changed comes whole) with a sequence number each. Until its owner has spoken a channel is silent.
 * A channel without a GET has no memory: each of its values comes as a snapshot, whole.
 */
export const CHANNELS = {
  wan: { get: "GET /wan", capability: "read" },
  "wan-history": { get: "GET /wan/history", capability: "read" },
  dsl: { get: "GET /wan/dsl", capability: "read" },
  hosts: { get: "GET /hosts", capability: "read" },
  "port-mappings": { get: "GET /nat/port-mappings", capability: "read" },
  firewall: { get: "GET /firewall", capability: "read" },
  lan: { get: "GET /lan", capability: "read" },
  config: { get: "GET /config/state", capability: "read" },
  system: { get: "GET /system", capability: "read" },
  /** The newest reading of the machine, once a second. */
  sample: { get: undefined, capability: "read" },
  upgrade: { get: "GET /system/upgrade", capability: "read" },
  notifications: { get: "GET /notifications", capability: "read" },
  /** The newest line of the event log. */
  log: { get: undefined, capability: "read" },
  jobs: { get: "GET /jobs", capability: "settings" },
  apps: { get: "GET /apps", capability: "admin" },
  sessions: { get: "GET /sessions", capability: "admin" },
  /** Every topic of the bus that is public: { topic, at, value }; { topic, at, bytes } where the value is too long. */
  bus: { get: undefined, capability: "admin" },
} as const satisfies Readonly<
  Record<string, { readonly get: string | undefined; readonly capability: Capability }>
>;
export type ChannelName = keyof typeof CHANNELS;
export const CHANNEL_NAMES = Object.keys(CHANNELS) as readonly ChannelName[];

const channel = v.picklist(CHANNEL_NAMES);

/** What a client of the WebSocket may say. */
export const clientMessage = v.variant("type", [
  v.strictObject({
    type: v.literal("subscribe"),
    channels: v.pipe(v.array(channel), v.maxLength(CHANNEL_NAMES.length)),
  }),
  v.strictObject({
    type: v.literal("unsubscribe"),
    channels: v.pipe(v.array(channel), v.maxLength(CHANNEL_NAMES.length)),
  }),
  v.strictObject({ type: v.literal("ping") }),
]);
export type ClientMessage = v.InferOutput<typeof clientMessage>;

/** What the box says. `seq` counts by one over all messages of a connection: a gap means "connect again". */
export type ServerMessage =
  | { readonly type: "hello"; readonly seq: number; readonly boot: string }
  | {
      readonly type: "snapshot";
      readonly seq: number;
      readonly channel: ChannelName;
      readonly value: unknown;
    }
  | {
      readonly type: "patch";
      readonly seq: number;
      readonly channel: ChannelName;
      readonly patch: unknown;
    }
  | {
      readonly type: "refused";
      readonly seq: number;
      readonly channel: ChannelName;
      readonly code: string;
    }
  | { readonly type: "pong"; readonly seq: number }
  /** What the client said made no sense; the connection goes on. */
  | { readonly type: "error"; readonly seq: number; readonly code: string };

export const eventRoutes = {
  "GET /events": route({
    tag: "Events",
    access: "read",
    about:
      'A WebSocket. Say {"type":"subscribe","channels":["wan","hosts"]}; snapshots come, then patches.',
    status: 200,
  }),
  "GET /events/sse": route({
    tag: "Events",
    access: "read",
    media: "text/event-stream",
    about: "The same as server-sent events, for curl: ?channels=wan,hosts.",
    query: v.strictObject({
      channels: v.pipe(v.string(), v.regex(/^[a-z-]+(,[a-z-]+)*$/), v.maxLength(300)),
    }),
    reply: v.string(),
    errors: ["unknown_channel", "too_many_clients"],
  }),
  "GET /openapi.json": route({
    tag: "Events",
    access: "public",
    about: "This document.",
    reply: v.record(v.string(), v.unknown()),
  }),
};
