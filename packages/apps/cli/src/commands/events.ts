import type { ServerMessage } from "@passerelle/api";
import { CHANNEL_NAMES, DEFAULT_CHANNELS } from "../channels.ts";
import { type Call, type Command, flag } from "../command.ts";
import { EXIT } from "../exit.ts";
import { Failure } from "../failure.ts";
import { eventsOf } from "../follow.ts";
import { messageLine } from "../message-line.ts";

export const eventCommands: readonly Command[] = [
  {
    path: ["events"],
    about: {
      fr: "ce qui se passe : l'état de chaque canal, puis ses changements avec -f",
      en: "what happens: the state of each channel, and its changes with -f",
    },
    args: [
      {
        name: "CHANNEL",
        isOptional: true,
        isRepeated: true,
        choices: CHANNEL_NAMES,
        about: { fr: "canaux à suivre", en: "channels to follow" },
      },
    ],
    options: {
      follow: {
        short: "f",
        about: { fr: "continue jusqu'à Ctrl-C", en: "goes on until Ctrl-C" },
      },
    },
    examples: [
      {
        words: "events -f wan notifications",
        about: { fr: "la ligne et les avis, en direct", en: "the line and the notices, live" },
      },
      {
        words: "events -f --json log",
        about: {
          fr: "le journal pour un programme, une ligne JSON chacun",
          en: "the log for a program, one line of JSON each",
        },
      },
    ],
    uses: ["GET /events/sse"],
    run: events,
  },
];

async function events(call: Call): Promise<number> {
  const { args } = call.words;
  const channels = args.length === 0 ? DEFAULT_CHANNELS : [...new Set(args)];
  return flag(call, "follow") ? followAlways(call, channels) : snapshots(call, channels);
}

/** Until every channel has said something, or long enough: one whose owner is away stays silent. */
async function snapshots(call: Call, channels: readonly string[]): Promise<number> {
  const waiting = new Set(channels);
  const ended = new AbortController();
  const signal = AbortSignal.any([call.world.stopped, ended.signal]);
  void call.world.wait(SNAPSHOT_WAIT_MS).then(() => ended.abort());
  let isRefused = false;
  try {
    for await (const message of eventsOf(call.door, channels, signal)) {
      if (!("channel" in message) || !waiting.delete(message.channel)) continue;
      isRefused ||= message.type === "refused";
      show(call, message);
      if (waiting.size === 0) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  ended.abort();
  return isRefused ? EXIT.denied : EXIT.ok;
}

const SNAPSHOT_WAIT_MS = 3000;

/** Connects again for as long as the person watches; only the first connection must stand, and rights must stay. */
async function followAlways(call: Call, channels: readonly string[]): Promise<number> {
  const { world, screen, door } = call;
  const { stopped } = world;
  let wait = RECONNECT_MIN_MS;
  let hasStood = false;
  while (!stopped.aborted) {
    try {
      for await (const message of eventsOf(door, channels, stopped)) {
        hasStood = true;
        wait = RECONNECT_MIN_MS;
        show(call, message);
      }
    } catch (error) {
      if (stopped.aborted) break;
      if (!(error instanceof Failure)) throw error;
      if (!hasStood || DENIED.has(error.exit)) throw error;
    }
    if (stopped.aborted) break;
    screen.note({
      text: screen.say({
        fr: `La connexion est coupée ; nouvel essai dans ${wait / 1000} s.`,
        en: `The connection ended; the next try is in ${wait / 1000} s.`,
      }),
      colour: "quiet",
    });
    await world.wait(wait);
    wait = Math.min(wait * 2, RECONNECT_MAX_MS);
  }
  return EXIT.ok;
}

const RECONNECT_MIN_MS = 1000;
const RECONNECT_MAX_MS = 30_000;
/** Trying again would not help. */
const DENIED: ReadonlySet<number> = new Set([EXIT.denied, EXIT.refused, EXIT.usage]);

function show({ screen, json, world }: Call, message: ServerMessage): void {
  if (json) screen.json(message);
  else messageLine(message, screen, world.now());
}
