import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  configState,
  firewallState,
  firewallTraffic,
  lanDevices,
  lanLeases,
  lanState,
  type StateTopic,
  systemInterfaces,
  systemJobs,
  systemNotifications,
  systemState,
  systemUpgrade,
  wanDsl,
  wanHistory,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import { seconds } from "@passerelle/time";

/** The states that operations and channels show. */
const MIRRORED = {
  configState,
  firewallState,
  firewallTraffic,
  lanDevices,
  lanLeases,
  lanState,
  systemInterfaces,
  systemJobs,
  systemNotifications,
  systemState,
  systemUpgrade,
  wanDsl,
  wanHistory,
  wanResolvers,
  wanState,
} as const;
export type MirroredName = keyof typeof MIRRORED;
type ValueOf<Name extends MirroredName> =
  (typeof MIRRORED)[Name] extends StateTopic<infer T> ? T : never;
type Newest = { -readonly [Name in MirroredName]?: ValueOf<Name> };

/** The newest value of each state: one subscription to the bus for everybody who looks. */
export interface Mirror {
  /** Undefined until its owner has spoken. */
  get<Name extends MirroredName>(name: Name): ValueOf<Name> | undefined;
  /** Calls back after each change. */
  onChange(listener: (name: MirroredName) => void): void;
  /** A state too large to be kept for nobody: subscribed to for one look, undefined where it is not there in time. */
  once<T>(topic: StateTopic<T>): Promise<T | undefined>;
  close(): void;
}

export function createMirror(bus: Bus, clock: Clock): Mirror {
  const newest: Newest = {};
  const listeners: ((name: MirroredName) => void)[] = [];
  const subscriptions: Subscription[] = [];
  const follow = <Name extends MirroredName>(name: Name, topic: StateTopic<ValueOf<Name>>) =>
    bus.subscribe(topic, (value) => {
      newest[name] = value as Newest[Name];
      for (const listener of listeners) listener(name);
    });
  for (const [name, topic] of Object.entries(MIRRORED)) {
    subscriptions.push(follow(name as MirroredName, topic as StateTopic<never>));
  }
  return {
    get: (name) => newest[name] as ValueOf<typeof name> | undefined,
    onChange: (listener) => void listeners.push(listener),
    once: (topic) =>
      new Promise((resolve) => {
        const finish = (value: Parameters<typeof resolve>[0]) => {
          timer.cancel();
          subscription.close();
          resolve(value);
        };
        const timer = clock.later(ONCE_WAIT, () => finish(undefined));
        const subscription = bus.subscribe(topic, finish);
      }),
    close() {
      for (const subscription of subscriptions) subscription.close();
      listeners.length = 0;
    },
  };
}

/** What is retained comes at once where it exists at all. */
const ONCE_WAIT = seconds(1);
