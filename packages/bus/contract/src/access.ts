import { type ClientName, DAEMONS, replyTopic } from "./define.ts";
import { allTopics } from "./registry.ts";

/** Everybody who may connect, in the order of start. */
export const CLIENTS: readonly ClientName[] = [...DAEMONS, "observer"];

/** What one client may do; whole topic names, no patterns. Everything else is denied. */
export interface AccessList {
  readonly publish: readonly string[];
  readonly read: readonly string[];
}

/**
 * Made from the contract alone. An owner publishes its states and events and reads its commands; a
 * caller publishes the commands it may call and reads its own replies; an owner answers on the reply
 * topics of those who may call it. `observer` reads what is public and publishes nothing.
 */
export function accessList(client: ClientName): AccessList {
  const publish = new Set<string>();
  const read = new Set<string>();
  for (const topic of allTopics) {
    const isOwner = topic.owner === client;
    if (topic.kind === "command") {
      if (isOwner) {
        read.add(topic.name);
        for (const caller of [topic.owner, ...topic.callers]) publish.add(replyTopic(caller));
      }
      if (isOwner || topic.callers.includes(client)) {
        publish.add(topic.name);
        read.add(replyTopic(client));
      }
    } else {
      if (isOwner) publish.add(topic.name);
      const readers = topic.kind === "state" ? topic.readers : undefined;
      if (isOwner || readers === undefined || readers.includes(client)) read.add(topic.name);
    }
  }
  if (client === "observer") publish.clear();
  return { publish: [...publish].sort(), read: [...read].sort() };
}
