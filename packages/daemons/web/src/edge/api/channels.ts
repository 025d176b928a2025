import type { CHANNELS, ChannelName } from "@passerelle/api";
import { hostsOf } from "../../core/home/hosts.ts";
import { portMappingsOf } from "../../core/home/port-mappings.ts";
import type { DoorChannel } from "./door-channels.ts";
import { configStateOf } from "./handlers-config.ts";
import { homeFacts } from "./handlers-hosts.ts";
import { wanOf } from "./handlers-line.ts";
import { mappingFacts } from "./handlers-nat.ts";
import type { Handling } from "./handling.ts";
import type { MirroredName } from "./mirror.ts";
import type { Caller } from "./port.ts";

/** A channel whose value can be looked at; the others only pass on what happens. */
type ValueChannel = {
  [Name in ChannelName]: (typeof CHANNELS)[Name]["get"] extends string ? Name : never;
}[ChannelName];

/** Where the value of a channel comes from. */
export interface ChannelSource {
  /** States of which it is made: it is looked at again when one of them changes. */
  readonly of: readonly MirroredName[];
  /** True where what people decided is part of it. */
  readonly decided?: true;
  /** Undefined until its owners have spoken. */
  readonly look: () => unknown;
  /** What is different for each who looks. */
  readonly personal?: (value: unknown, caller: Caller) => unknown;
}

export function channelSources(
  handling: Handling,
): Readonly<Record<Exclude<ValueChannel, DoorChannel>, ChannelSource>> {
  const { mirror, configuration } = handling;
  return {
    wan: { of: ["wanState", "wanResolvers"], look: () => wanOf(mirror) },
    "wan-history": plain("wanHistory"),
    dsl: plain("wanDsl"),
    hosts: {
      of: ["lanDevices", "firewallTraffic", "firewallState"],
      decided: true,
      look: () => {
        const facts = homeFacts(handling, configuration.known?.sections);
        return facts === undefined ? undefined : { hosts: hostsOf(facts) };
      },
    },
    "port-mappings": {
      of: ["lanDevices", "firewallState"],
      decided: true,
      look: () => {
        const { known } = configuration;
        if (known === undefined) return undefined;
        return { portMappings: portMappingsOf(mappingFacts(handling, known)) };
      },
    },
    firewall: plain("firewallState"),
    lan: plain("lanState"),
    config: { of: ["configState"], look: () => configStateOf(mirror) },
    system: plain("systemState"),
    upgrade: plain("systemUpgrade"),
    notifications: plain("systemNotifications"),
    jobs: plain("systemJobs"),
  };

  function plain(name: MirroredName): ChannelSource {
    return { of: [name], look: () => mirror.get(name) };
  }
}
