import { busSocketPath } from "@passerelle/bus-broker";
import { type CountedBus, connectBus } from "@passerelle/bus-client";
import {
  type AnyTopic,
  allTopics,
  type ClientName,
  type CommandTopic,
  TOPIC_ROOT,
} from "@passerelle/contract";
import { createLogger, readEnvironment } from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { parseWords, UsageError } from "./usage.ts";

/** A retained state comes with its subscription: what is not there by then is not there. */
const GET_WAIT = milliseconds(2000);
const CALL_TIMEOUT = seconds(10);

type Spoken = Exclude<AnyTopic, CommandTopic<unknown, unknown>>;

/** `passerelle watch`: everything that the observer may read, as it comes. Ends with SIGINT or SIGTERM. */
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
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    // The reader of a pipe went away.
    process.stdout.once("error", resolve);
  });
  await bus.close();
  return 0;
}

/** `passerelle get`: one state, or exit 1 where nobody published it. */
export async function get(words: readonly string[]): Promise<number> {
  const { positionals } = parseWords(words, {});
  const topic = only(positionals, allTopics.filter(isSpoken), (t) => t.kind === "state");
  const bus = join(isReadable(topic, "observer") ? "observer" : topic.owner);
  const value = await new Promise<unknown>((resolve) => {
    bus.subscribe(topic, resolve);
    setTimeout(() => resolve(undefined), GET_WAIT);
  });
  await bus.close();
  if (value === undefined) {
    process.stderr.write(`passerelle: nothing is published on ${topic.name}\n`);
    return 1;
  }
  process.stdout.write(`${JSON.stringify(value)}\n`);
  return 0;
}

/** `passerelle call`: as `web`, or where web may not call it, as one who may. */
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
  const reply = await bus.request(command, request, { timeout: CALL_TIMEOUT });
  await bus.close();
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  return reply.ok ? 0 : 1;
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

function isCommand(topic: AnyTopic): topic is CommandTopic<unknown, unknown> {
  return topic.kind === "command";
}

function isReadable(topic: Spoken, client: ClientName): boolean {
  return topic.kind === "event" || topic.readers === undefined || topic.readers.includes(client);
}
