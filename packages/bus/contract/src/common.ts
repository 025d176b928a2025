import * as v from "valibot";
import { aliveTopicName, DAEMONS, type DaemonName, type StateTopic, state } from "./define.ts";
import { count, fault, wallTime } from "./values.ts";

/** Published by each daemon when it is ready, and by the broker (last will) when it is gone. */
export const alive = v.strictObject({
  status: v.picklist(["online", "offline"]),
  pid: v.optional(count),
  /** When this process became ready. */
  since: v.optional(wallTime),
});
export type Alive = v.InferOutput<typeof alive>;

/** Which revision of its section a daemon runs, or why it refuses the newest. */
export const applied = v.strictObject({
  revision: count,
  /** That of `config/state` for this section: what `config` answered when the section was read. */
  digest: v.string(),
  result: v.variant("kind", [
    v.strictObject({ kind: v.literal("running") }),
    v.strictObject({ kind: v.literal("refused"), fault }),
  ]),
});
export type Applied = v.InferOutput<typeof applied>;

function forEachDaemon<T>(make: (daemon: DaemonName) => T): Readonly<Record<DaemonName, T>> {
  return Object.fromEntries(DAEMONS.map((daemon) => [daemon, make(daemon)])) as Record<
    DaemonName,
    T
  >;
}

export const aliveState: Readonly<Record<DaemonName, StateTopic<Alive>>> = forEachDaemon(
  (owner) => {
    const topic = state({
      name: "alive",
      owner,
      schema: alive,
      about: `Whether ${owner} runs; "offline" is its last will.`,
    });
    if (topic.name !== aliveTopicName(owner)) throw new Error("invariant: one name for alive");
    return topic;
  },
);

export const appliedState: Readonly<Record<DaemonName, StateTopic<Applied>>> = forEachDaemon(
  (owner) =>
    state({
      name: "applied",
      owner,
      schema: applied,
      about: `Which configuration ${owner} runs, or why it refuses the newest.`,
    }),
);
