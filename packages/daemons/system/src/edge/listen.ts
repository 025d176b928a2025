import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  aliveState,
  configHistory,
  configState,
  DAEMONS,
  firewallState,
  type LanDevice,
  lanDeviceEvent,
  lanDevices,
  lanState,
  type RevisionInfo,
  type StateTopic,
  type WanReach,
  wanHistory,
  wanState,
  webSecurityEvent,
} from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import { wallTime } from "@passerelle/time";
import type { Device, Input, Opening, Reach, Revision } from "../core/input.ts";

export interface ListenOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly feed: (input: Input) => void;
  /** Devices that somebody is told of: their names are followed. */
  readonly namedDevices: () => ReadonlySet<string>;
}

/** What the daemons say becomes inputs. */
export function listen(options: ListenOptions): Subscription[] {
  return [...listenToHouse(options), ...listenToBox(options)];
}

/** The line and the home. */
function listenToHouse({ bus, clock, feed, namedDevices }: ListenOptions): Subscription[] {
  return [
    bus.subscribe(wanHistory, ({ transitions }) =>
      feed({
        kind: "line_history",
        transitions: transitions.map(({ at, cause, ...rest }) => ({
          ...rest,
          at: wallTime(at),
          ...(cause === undefined ? {} : { cause: faultFrom(cause) }),
        })),
      }),
    ),
    bus.subscribe(wanState, ({ reach }) =>
      feed({ kind: "reach", at: clock.wall(), reach: reachOf(reach) }),
    ),
    bus.subscribe(lanState, ({ networks }) => {
      const guests = networks.filter(({ zone }) => zone === "guest").map(({ name }) => name);
      feed({ kind: "networks", guests });
    }),
    bus.subscribe(lanDeviceEvent, ({ kind, at, device }) =>
      feed({ kind: "device", at: wallTime(at), what: kind, device: deviceOf(device) }),
    ),
    bus.subscribe(lanDevices, ({ devices }) => {
      const wanted = namedDevices();
      if (wanted.size === 0) return;
      for (const { id, name } of devices) if (wanted.has(id)) feed({ kind: "named", id, name });
    }),
  ];
}

/** The configuration, the firewall, the door, and whether everybody is there. */
function listenToBox({ bus, clock, feed }: ListenOptions): Subscription[] {
  return [
    bus.subscribe(configState, ({ revision, phase, lastRollback }) =>
      feed({
        kind: "revision",
        at: clock.wall(),
        revision,
        ...(phase.kind === "probation" ? { trial: { author: phase.author.name } } : {}),
        ...(lastRollback === undefined
          ? {}
          : { undone: { at: wallTime(lastRollback.at), fault: faultFrom(lastRollback.fault) } }),
      }),
    ),
    bus.subscribe(firewallState, ({ openings, fault }) =>
      feed({
        kind: "firewall",
        at: clock.wall(),
        openings: openings.map(openingOf),
        ...(fault === undefined ? {} : { fault: faultFrom(fault) }),
      }),
    ),
    bus.subscribe(webSecurityEvent, ({ at, kind, actor, source, subject }) =>
      feed({
        kind: "security",
        at: wallTime(at),
        code: kind,
        actor,
        source,
        ...(subject === undefined ? {} : { subject }),
      }),
    ),
    ...DAEMONS.filter((name) => name !== "system").map((name) =>
      bus.subscribe(aliveState[name], ({ status, pid }) =>
        feed({
          kind: "alive",
          at: clock.wall(),
          daemon: name,
          online: status === "online",
          ...(pid === undefined ? {} : { pid }),
        }),
      ),
    ),
  ];
}

/** Who made the revisions after this one, oldest first; empty where `config` does not say. */
export async function askRevisions(bus: Bus, after: number): Promise<readonly Revision[]> {
  const reply = await bus.request(configHistory, { limit: REVISIONS_MAX });
  if (!reply.ok) return [];
  return reply.data.revisions
    .filter(({ revision }) => revision > after)
    .map(revisionOf)
    .toSorted((a, b) => a.revision - b.revision);
}

const REVISIONS_MAX = 50;

function revisionOf({ revision, at, author, differences, phase }: RevisionInfo): Revision {
  return {
    revision,
    at: wallTime(at),
    author: author.name,
    origin: author.origin,
    sections: [...new Set(differences.map(({ section }) => section))],
    phase,
  };
}

function deviceOf({ id, name, macs, privateMac, network }: LanDevice): Device {
  const [mac] = macs;
  return {
    ...{ id, name, privateMac },
    ...(mac === undefined ? {} : { mac }),
    ...(network === undefined ? {} : { network }),
  };
}

function reachOf(reach: WanReach): Reach {
  if (reach.kind === "unknown" || reach.kind === "online") return { kind: reach.kind };
  return { kind: reach.kind, since: wallTime(reach.since), fault: faultFrom(reach.fault) };
}

type Payload<Topic> = Topic extends StateTopic<infer T> ? T : never;

function openingOf(opening: Payload<typeof firewallState>["openings"][number]): Opening {
  const { id, protocol, port, portLast, to, toPort, owner } = opening;
  const ports = portLast === undefined ? `${port}` : `${port}-${portLast}`;
  return { id: `${id} ${protocol}`, owner, text: `${protocol} ${ports} → ${to}:${toPort}` };
}

/** The bus writes what is absent as undefined; a fault of ours leaves it out. */
function faultFrom(fault: Exclude<WanReach, { kind: "unknown" | "online" }>["fault"]): Fault {
  const { code, text, next, raw } = fault;
  return {
    code,
    text,
    ...(next === undefined ? {} : { next }),
    ...(raw === undefined ? {} : { raw }),
  };
}
