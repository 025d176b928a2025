import type { ServerMessage } from "@passerelle/api";
import { isJsonObject } from "@passerelle/json";
import { timeText } from "./format.ts";
import type { Sentence } from "./language.ts";
import type { Screen } from "./screen.ts";
import { visibleJson } from "./visible.ts";

/** One message of the stream for a person: a sentence where the message has one, else what it says in JSON. */
export function messageLine(message: ServerMessage, screen: Screen, now: number): void {
  const time = { text: timeText(now), colour: "quiet" } as const;
  switch (message.type) {
    case "snapshot":
      screen.line(
        time,
        "  ",
        { text: message.channel, colour: "strong" },
        ` = ${text(message.value, screen)}`,
      );
      return;
    case "patch":
      screen.line(
        time,
        "  ",
        { text: message.channel, colour: "strong" },
        ` ← ${text(message.patch, screen)}`,
      );
      return;
    case "refused":
      screen.line(time, "  ", { text: `${message.channel}: ${message.code}`, colour: "fault" });
      return;
    default:
      // Hello and the rest are of the connection, not of the home.
      return;
  }
}

/** A line of the event log has its sentence; so does a fault alone. */
function text(value: unknown, screen: Screen): string {
  if (isJsonObject(value) && isSentence(value.text) && typeof value.code === "string")
    return `${screen.say(value.text)} [${value.code}]`;
  const json = visibleJson(value);
  return json.length > LINE_MAX ? `${json.slice(0, LINE_MAX)}…` : json;
}

function isSentence(value: unknown): value is Sentence {
  return isJsonObject(value) && typeof value.fr === "string" && typeof value.en === "string";
}

/** Whoever wants all of a long value takes --json. */
const LINE_MAX = 400;
