import type { ServerMessage } from "@passerelle/api";
import { answerOf, requestOf } from "@passerelle/api/client";
import { isJsonObject } from "@passerelle/json";
import type { Door, Opened } from "./door.ts";
import { Failure } from "./failure.ts";
import { EventStreamReader } from "./sse.ts";

/** One connection to the stream of events, until it ends. Rejects with what the box refused it for. */
export async function* eventsOf(
  door: Door,
  channels: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ServerMessage> {
  const query = { channels: channels.join(",") };
  const request = requestOf("GET /events/sse", { query });
  const opened = await door.open(
    { ...request, headers: { ...request.headers, accept: "text/event-stream" } },
    signal,
  );
  if (opened.status !== 200) throw await refusalOf(opened);
  const reader = new EventStreamReader();
  let last: number | undefined;
  for await (const bytes of opened.body)
    for (const data of reader.push(bytes)) {
      const message = messageOf(data);
      if (message === undefined) continue;
      // Something between was lost: a new connection begins with whole snapshots.
      if (last !== undefined && message.seq !== last + 1) return;
      last = message.seq;
      yield message;
    }
}

/** Undefined: a message of a later release, which an old client passes over. */
function messageOf(data: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(data);
    if (!isJsonObject(value) || typeof value.type !== "string" || typeof value.seq !== "number")
      return undefined;
    return value as ServerMessage;
  } catch {
    return undefined;
  }
}

/** The problem document of a refusal, or one that says that it is unreadable. */
export async function refusalOf({ status, body }: Opened): Promise<Failure> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > PROBLEM_MAX) break;
  }
  const answer = answerOf({ status: status >= 400 ? status : NOT_UNDERSTOOD, text });
  if (answer.ok) throw new Error("invariant: a refusal is no success");
  return new Failure(answer.problem);
}

const PROBLEM_MAX = 64 * 1024;
/** A redirection, for one: nothing that the box does. */
const NOT_UNDERSTOOD = 500;
