import { visible } from "./json-value.ts";

/** One message of the bus as the box shows it; a value that is too long comes as its size. */
export interface BusMessage {
  readonly topic: string;
  readonly at: number;
  readonly value?: unknown;
  readonly bytes?: number;
}

export interface TopicEntry {
  readonly last: BusMessage;
  readonly count: number;
}

/** Topic → its last message; the one that spoke last stands at the end. */
export type BusLog = ReadonlyMap<string, TopicEntry>;

/** The contract has fewer topics than this; whoever sends more pushes the oldest out. */
export const TOPICS_MAX = 200;

export function heard(log: BusLog, message: BusMessage): BusLog {
  const next = new Map(log);
  const known = next.get(message.topic);
  next.delete(message.topic);
  next.set(message.topic, { last: message, count: (known?.count ?? 0) + 1 });
  const oldest = next.keys().next().value;
  if (next.size > TOPICS_MAX && oldest !== undefined) next.delete(oldest);
  return next;
}

/** Topics that hold every word of the filter, by name. */
export function filtered(log: BusLog, filter: string): readonly TopicEntry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return [...log.values()]
    .filter(({ last }) => words.every((word) => last.topic.toLowerCase().includes(word)))
    .sort((a, b) => (a.last.topic < b.last.topic ? -1 : 1));
}

const TEXT_MAX = 20_000;

/** A value as indented text; strangers' control characters and unseen marks show as escapes. */
export function prettyJson(value: unknown): string {
  const text = visible(JSON.stringify(value, undefined, 2) ?? "–");
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
