import { formatIpv4, type Ipv6, type Mac } from "@passerelle/net";
import type { Neighbour, Netlink, NetlinkEvent, Subscription } from "@passerelle/netlink";
import type { Logger } from "@passerelle/service";
import type { LanConfig } from "../config.ts";
import type { LanBridge } from "./bridges.ts";

export interface KernelWatchOptions {
  readonly netlink: Pick<Netlink, "subscribe">;
  readonly log: Logger;
  readonly config: () => LanConfig;
  /** By network. */
  readonly bridges: () => ReadonlyMap<string, LanBridge>;
  /** Something of ours is not as it was. */
  readonly changed: () => void;
  /** An answer to ARP, and that there is none. */
  readonly seen: (network: string, mac: Mac, address: string) => void;
  readonly lost: (mac: Mac, address: string) => void;
  /** The same of Neighbour Discovery. */
  readonly seenIpv6: (network: string, mac: Mac, address: Ipv6) => void;
  readonly lostIpv6: (address: Ipv6) => void;
}

/** What the kernel tells of links, addresses and neighbours, as far as it is about the home. */
export function watchKernel(options: KernelWatchOptions): Subscription | undefined {
  const topics = { links: true, addresses: true, neighbours: true };
  const watching = options.netlink.subscribe(topics, (event) => onEvent(options, event));
  if (watching.ok) return watching.value;
  options.log.error("netlink_events_refused", { code: watching.error.code });
  return undefined;
}

function onEvent(options: KernelWatchOptions, event: NetlinkEvent): void {
  const { config, changed } = options;
  switch (event.kind) {
    case "link": {
      const { name } = event.link;
      const concerns = config().networks.some(
        (network) => network.bridge === name || network.ports.includes(name ?? ""),
      );
      // A port that was plugged in late joins; a bridge somebody deleted comes back.
      if (concerns) changed();
      return;
    }
    case "address": {
      const isOurs = networkAt(options, event.address.interfaceIndex) !== undefined;
      if (isOurs && event.deleted) changed();
      return;
    }
    case "resync":
      changed();
      return;
    case "neighbour":
      if (!event.deleted) onNeighbour(options, event.neighbour);
      return;
    case "route":
    case "rule":
  }
}

function onNeighbour(options: KernelWatchOptions, neighbour: Neighbour): void {
  const { mac, address, state, interfaceIndex } = neighbour;
  const network = networkAt(options, interfaceIndex);
  if (network === undefined || address === undefined) return;
  const isReachable = (state & NUD_REACHABLE) !== 0;
  const isFailed = (state & NUD_FAILED) !== 0;
  if (typeof address !== "number") {
    if (isReachable && mac !== undefined) options.seenIpv6(network, mac, address);
    else if (isFailed) options.lostIpv6(address);
    return;
  }
  if (mac === undefined) return;
  if (isReachable) options.seen(network, mac, formatIpv4(address));
  else if (isFailed) options.lost(mac, formatIpv4(address));
}

function networkAt({ bridges }: KernelWatchOptions, index: number): string | undefined {
  return [...bridges()].find(([, bridge]) => bridge.index === index)?.[0];
}

/** Neighbour states (linux/neighbour.h). */
const NUD_REACHABLE = 0x02;
const NUD_FAILED = 0x20;
