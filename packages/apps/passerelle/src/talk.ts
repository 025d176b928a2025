import { busSocketPath } from "@passerelle/bus-broker";
import { type CountedBus, connectBus } from "@passerelle/bus-client";
import { chooseLanguage } from "@passerelle/cli/language";
import {
  type AnyTopic,
  allTopics,
  type ClientName,
  type CommandTopic,
  type StateTopic,
  TOPIC_ROOT,
} from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import { createLogger, readEnvironment } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { EXIT_UNREACHABLE, parseWords, UsageError } from "./usage.ts";

/** Until the broker has taken us: it may just be starting, on a slow box. */
const REACH_TIMEOUT = seconds(10);
/** From the broker's word that it took the subscription. */
const GET_WAIT = seconds(2);
const CALL_TIMEOUT = seconds(10);

type Spoken = Exclude<AnyTopic, CommandTopic<unknown, unknown>>;

/**
 * `passerelle watch`: everything that the observer may read, as it comes. Ends with SIGINT or SIGTERM: where the bus is
 * not reached it says so and waits on, because whoever watches wants to see it come.
 */
export async function watch(words: readonly string[]): Promise<number> {
  const { positionals } = parseWords(words, {});
  const wanted = positionals.map(fullName);
  const topics = allTopics.filter(isSpoken).filter((topic) => isReadable(topic, "observer"));
  const chosen = topics.filter(
    ({ name }) =>
      wanted.length === 0 || wanted.some((word) => name === word || name.startsWith(`${word}/`)),
  );
  if (chosen.length === 0) throw new UsageError("no public topic has this name");
  const bus = join("observer");
  for (const topic of chosen)
    bus.subscribe(topic, (value) => {
      const line = { at: new Date().toISOString(), topic: topic.name, value };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    });
  void bus.reached(REACH_TIMEOUT).then((fault) => {
    if (fault !== undefined) complain(fault);
  });
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    // The reader of a pipe went away.
    process.stdout.once("error", resolve);
  });
  await bus.close();
  return 0;
}

/** `passerelle get`: one state; exit 1 where nobody published it, 69 where the bus is not reached. */
export async function get(words: readonly string[]): Promise<number> {
  const { positionals } = parseWords(words, {});
  const topic = only(positionals, allTopics.filter(isState), () => true);
  const bus = join(isReadable(topic, "observer") ? "observer" : topic.owner);
  const read = await bus.read(topic, { reach: REACH_TIMEOUT, value: GET_WAIT });
  await bus.close();
  if (!read.ok) return complain(read.error);
  if (read.value === undefined) {
    process.stderr.write(`passerelle: nothing is published on ${topic.name}\n`);
    return 1;
  }
  process.stdout.write(`${JSON.stringify(read.value)}\n`);
  return 0;
}

/** `passerelle call`: as `web`, or where web may not call it, as one who may. Exit 1 on a fault, 69 where the bus is not reached. */
export async function call(words: readonly string[]): Promise<number> {
  const { positionals } = parseWords(words, {});
  const [name, json = "{}", ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError("call COMMAND [JSON]");
  const command = only([name], allTopics.filter(isCommand), () => true);
  let request: unknown;
  try {
    request = JSON.parse(json);
  } catch {
    throw new UsageError("the request is not JSON");
  }
  const bus = join(command.callers.includes("web") ? "web" : (command.callers[0] ?? command.owner));
  const fault = await bus.reached(REACH_TIMEOUT);
  if (fault !== undefined) {
    await bus.close();
    return complain(fault);
  }
  const reply = await bus.request(command, request, { timeout: CALL_TIMEOUT });
  await bus.close();
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  return reply.ok ? 0 : 1;
}

/** In the form and the language of the commands of people: the sentence with its code, what exactly, what to do next. */
function complain({ code, text, next, raw }: Fault): number {
  const language = chooseLanguage(undefined, process.env);
  const lines = [
    `passerelle: ${text[language]} [${code}]`,
    ...(raw === undefined ? [] : [`  ${raw}`]),
    ...(next === undefined ? [] : [`→ ${next[language]}`]),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  return EXIT_UNREACHABLE;
}

function join(client: ClientName): CountedBus {
  const { runtimeDirectory, busSocket } = readEnvironment(process.env, process.pid);
  const socketPath = busSocket ?? busSocketPath(runtimeDirectory, client);
  const log = createLogger({ service: client, level: "warn" });
  return connectBus({ client, socketPath, log, guest: true });
}

function only<T extends AnyTopic>(
  words: readonly string[],
  topics: readonly T[],
  fits: (topic: T) => boolean,
): T {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0)
    throw new UsageError("one name of docs/bus.md, please");
  const names = [fullName(word), fullName(word.replace("/", "/cmd/"))];
  const found = topics.find((topic) => names.includes(topic.name) && fits(topic));
  if (found === undefined) throw new UsageError(`docs/bus.md has no "${word}" of this kind`);
  return found;
}

function fullName(word: string): string {
  return word.startsWith(`${TOPIC_ROOT}/`) ? word : `${TOPIC_ROOT}/${word}`;
}

function isSpoken(topic: AnyTopic): topic is Spoken {
  return topic.kind !== "command";
}

function isState(topic: AnyTopic): topic is StateTopic<unknown> {
  return topic.kind === "state";
}

function isCommand(topic: AnyTopic): topic is CommandTopic<unknown, unknown> {
  return topic.kind === "command";
}

function isReadable(topic: Spoken, client: ClientName): boolean {
  return topic.kind === "event" || topic.readers === undefined || topic.readers.includes(client);
}
