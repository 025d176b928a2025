import type { ChannelName } from "@passerelle/api";
import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  allTopics,
  type EventTopic,
  type StateTopic,
  systemLogged,
  systemSample,
} from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import { type BucketRate, fullBucket, take } from "../../core/events/bucket.ts";
import { type Outlet, said } from "./outlet.ts";

/** Channels that pass on what happens on the bus, for one client. The answer stops it. */
export function tapBus(
  bus: Bus,
  clock: Clock,
): (channel: ChannelName, outlet: Outlet) => (() => void) | undefined {
  return (channel, outlet) => {
    const subscriptions = tapped(bus, clock, channel, outlet);
    if (subscriptions.length === 0) return undefined;
    return () => {
      for (const subscription of subscriptions) subscription.close();
    };
  };
}

function tapped(
  bus: Bus,
  clock: Clock,
  channel: ChannelName,
  outlet: Outlet,
): readonly Subscription[] {
  const pass = (value: unknown) => outlet.say(said("snapshot", { channel, value }));
  switch (channel) {
    case "sample":
      return [bus.subscribe(systemSample, pass)];
    case "log":
      return [bus.subscribe(systemLogged, pass)];
    case "bus": {
      let bucket = fullBucket(BUS_RATE, clock.now());
      return PUBLIC_TOPICS.map((topic) =>
        bus.subscribe(topic, (value) => {
          const left = take(bucket, BUS_RATE, clock.now());
          if (left === undefined) return;
          bucket = left;
          pass({ topic: topic.name, at: clock.wall(), ...cut(value) });
        }),
      );
    }
    default:
      return [];
  }
}

/** A look at the bus must not cost what the bus costs. */
function cut(value: unknown): Readonly<Record<string, unknown>> {
  const length = JSON.stringify(value).length;
  return length > VALUE_CHARACTERS_MAX ? { bytes: length } : { value };
}

const PUBLIC_TOPICS = allTopics.filter(
  (topic): topic is StateTopic<unknown> | EventTopic<unknown> =>
    topic.kind === "event" || (topic.kind === "state" && topic.readers === undefined),
);

/** The burst is every state of the contract at once, as it comes when somebody begins to look. */
const BUS_RATE: BucketRate = { perSecond: 50, burst: 100 };
const VALUE_CHARACTERS_MAX = 16_384;
