import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ChannelName, doorRoutes, Operation } from "@passerelle/api";
import type { Bus } from "@passerelle/bus-client";
import type { WebSecurityEvent } from "@passerelle/contract";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import { captureFileHandler } from "./capture-file.ts";
import { type ChannelSource, channelSources } from "./channels.ts";
import { createConfiguration } from "./configuration.ts";
import { createDoorSources, type DoorChannel } from "./door-channels.ts";
import { openEventStream } from "./event-stream.ts";
import { apiFault } from "./faults.ts";
import { configHandlers } from "./handlers-config.ts";
import { hostHandlers } from "./handlers-hosts.ts";
import { lineHandlers } from "./handlers-line.ts";
import { natHandlers } from "./handlers-nat.ts";
import { systemHandlers } from "./handlers-system.ts";
import { upgradeHandlers, uploadHandler } from "./handlers-upgrade.ts";
import type { Handling } from "./handling.ts";
import { Hub } from "./hub.ts";
import { createMirror } from "./mirror.ts";
import { openApiHandler } from "./open-api.ts";
import type { Caller, Handlers } from "./port.ts";
import { createRouter, type LooseHandler } from "./router.ts";
import { tapBus } from "./taps.ts";
import { createUploads } from "./uploads.ts";
import { createSockets } from "./web-socket.ts";

/** Operations that the door itself answers: who may come in. */
export type DoorOperation = keyof typeof doorRoutes;

export interface ApiOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  /** Where an uploaded file lies until the box is done with it. */
  readonly directory: string;
  readonly doorHandlers: Handlers<DoorOperation>;
  /** Tells `system` (web/event/security) who did something dangerous; the API fills in all but the time. */
  readonly audit: (event: Omit<WebSecurityEvent, "at">) => void;
  /** Wrong confirmation tokens count as failures of the address they came from, together with wrong passwords. */
  readonly attempts: Attempts;
  /**
   * The caller as it is now (its rights may have changed), or undefined where its session is over.
   * Asked every second for each live connection, and at once after `changed`.
   */
  readonly recheck: (caller: Caller) => Caller | undefined;
}

export interface Attempts {
  /** Seconds to wait before this address may try again; undefined: now. */
  check(source: string): number | undefined;
  fail(source: string): void;
}

/** What the door calls once its guard let a request through. */
export interface Api {
  /** Anything below /api/v1. Never rejects; limits what it reads of the body. */
  fetch(request: Request, caller: Caller): Promise<Response>;
  /** An upgrade on /api/v1/events; any other is refused and the socket closed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, caller: Caller): void;
  /** Sessions or apps changed: who follows them is told, who lost a right loses its connection. */
  changed(channel: DoorChannel): void;
  /** Sizes for the dump of the service. */
  dump(): unknown;
  /** Ends every live connection (1001) and subscription. */
  close(): void;
}

export function createApi(options: ApiOptions): Api {
  const { bus, clock, log, entropy, audit, attempts, doorHandlers } = options;
  const mirror = createMirror(bus, clock);
  const configuration = createConfiguration(bus, mirror);
  const handling: Handling = {
    bus,
    clock,
    entropy,
    log,
    mirror,
    configuration,
    audit,
    attempts,
  };
  const door = createDoorSources(doorHandlers, (channel) => hub.changed(channel));
  const sources = new Map<ChannelName, ChannelSource>([
    ...(Object.entries(channelSources(handling)) as [ChannelName, ChannelSource][]),
    ...door.sources,
  ]);
  const hub = new Hub({ clock, sources, recheck: options.recheck, tap: tapBus(bus, clock) });
  wakeOnChange(hub, sources, handling);
  const sockets = createSockets(hub, clock);
  const handlers: Handlers<Exclude<Operation, RawOperation>> = {
    ...doorHandlers,
    ...hostHandlers(handling),
    ...natHandlers(handling),
    ...lineHandlers(handling),
    ...configHandlers(handling),
    ...systemHandlers(handling),
    ...upgradeHandlers(handling),
  };
  const raw: Readonly<Record<RawOperation, LooseHandler>> = {
    "GET /jobs/{id}/file": captureFileHandler(bus),
    "POST /system/upgrade": uploadHandler(handling, createUploads(options)),
    "GET /events": async () => ({ ok: false, fault: apiFault("upgrade_required") }),
    "GET /events/sse": async ({ input, caller }) => openEventStream(hub, caller, input.query),
    "GET /openapi.json": openApiHandler(),
  };
  const router = createRouter({
    clock,
    entropy,
    log,
    // The compiler proved above that each operation has the handler of its types.
    handlers: { ...(handlers as unknown as Readonly<Record<string, LooseHandler>>), ...raw },
  });
  return {
    fetch: router.fetch,
    upgrade: sockets.upgrade,
    changed(channel) {
      hub.recheck();
      door.refresh(channel);
    },
    dump: () => ({ clients: hub.size, keptAnswers: router.kept }),
    close() {
      hub.close();
      sockets.close();
      mirror.close();
    },
  };
}

/** Operations that take or answer a stream, a file or a ready text. */
type RawOperation =
  | "GET /jobs/{id}/file"
  | "POST /system/upgrade"
  | "GET /events"
  | "GET /events/sse"
  | "GET /openapi.json";

/** Each channel looks again when something that it is made of changed. */
function wakeOnChange(
  hub: Hub,
  sources: ReadonlyMap<ChannelName, ChannelSource>,
  { mirror, configuration }: Handling,
): void {
  const channels = [...sources];
  mirror.onChange((name) => {
    for (const [channel, { of }] of channels) if (of.includes(name)) hub.changed(channel);
  });
  configuration.onChange(() => {
    for (const [channel, { decided }] of channels) if (decided === true) hub.changed(channel);
  });
}
