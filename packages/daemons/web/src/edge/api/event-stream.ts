import { CHANNEL_NAMES, type ChannelName } from "@passerelle/api";
import { apiFault } from "./faults.ts";
import type { Hub } from "./hub.ts";
import { type Line, Outlet } from "./outlet.ts";
import type { Caller, Outcome } from "./port.ts";

/** The event hub as server-sent events: for curl, and for programs without WebSocket. */
export function openEventStream(
  hub: Hub,
  caller: Caller,
  query: unknown,
): Outcome<unknown> | Response {
  const names = namesIn(query);
  const channels = CHANNEL_NAMES.filter((name) => names.includes(name));
  if (new Set(names).size !== channels.length) {
    return { ok: false, fault: apiFault("unknown_channel") };
  }
  if (hub.isFull) return { ok: false, fault: apiFault("too_many_clients") };
  return new Response(streamOf(hub, caller, channels), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** The query was read by its schema. */
function namesIn(query: unknown): readonly string[] {
  const isRead = typeof query === "object" && query !== null && "channels" in query;
  return isRead && typeof query.channels === "string" ? query.channels.split(",") : [];
}

function streamOf(
  hub: Hub,
  caller: Caller,
  channels: readonly ChannelName[],
): ReadableStream<Uint8Array> {
  let outlet: Outlet | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const mine = new Outlet(caller, lineOf(controller));
        outlet = mine;
        controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
        hub.add(mine);
        for (const channel of channels) hub.follow(mine, channel);
      },
      // The other side hung up.
      cancel: () => outlet?.over(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
  );
}

function lineOf(controller: ReadableStreamDefaultController<Uint8Array>): Line {
  return {
    get waiting() {
      return QUEUE_BYTES - (controller.desiredSize ?? QUEUE_BYTES);
    },
    send: (text, seq) => controller.enqueue(encoder.encode(`id: ${seq}\ndata: ${text}\n\n`)),
    // A comment: a connection that is gone shows when it is written to.
    beat() {
      controller.enqueue(encoder.encode(": still here\n\n"));
      return true;
    },
    end(_, reason) {
      try {
        controller.enqueue(encoder.encode(`event: end\ndata: ${JSON.stringify(reason)}\n\n`));
        controller.close();
      } catch {
        // It was closed from the other side in the same moment.
      }
    },
  };
}

const encoder = new TextEncoder();
const QUEUE_BYTES = 262_144;
/** What a browser waits before it connects again. */
const RETRY_MS = 3000;
