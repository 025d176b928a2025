import {
  type Ipv4,
  type Ipv6,
  isMulticastMac,
  MAC_BROADCAST,
  type Mac,
  macFromBytes,
} from "@passerelle/net";
import { type FakeHost, makeHost } from "./fake-host.ts";

export type { FakeHost } from "./fake-host.ts";
export type { FakePath } from "./fake-icmp.ts";

/** A network in memory: hosts with interfaces on segments, one frame after the other, no clock. */
export interface FakeNetwork {
  addHost(name: string): FakeHost;
  /** Every frame that was put on a wire, dropped ones included, in order. */
  readonly frames: readonly FakeFrame[];
  /** Frames for which it says true are lost. One rule at a time; undefined ends it. */
  dropWhen(rule: ((frame: FakeFrame) => boolean) | undefined): void;
  /** Delivers until the network is quiet; the number of deliveries. Throws where it never becomes quiet. */
  pump(): number;
}

export interface FakeFrame {
  readonly segment: string;
  readonly from: FakeInterface;
  readonly bytes: Uint8Array;
  /** SO_PRIORITY of the socket it came from: what a VLAN would make its priority bits of. */
  readonly priority: number;
}

export interface FakeInterface {
  readonly host: string;
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** Interfaces of one segment hear each other; undefined: no carrier. */
  segment: string | undefined;
  addresses: readonly (Ipv4 | Ipv6)[];
}

export interface FakeNetworkOptions {
  /** "manual": a test calls pump (default). "microtask": frames arrive by themselves, before any timer. */
  readonly delivery?: "manual" | "microtask";
}

/** What a host does with its own end of the network. */
export interface FakeWire {
  transmit(from: FakeInterface, bytes: Uint8Array, priority: number): void;
  /** Something waits to be delivered: a frame, or a datagram to the host itself. */
  wake(): void;
  /** The interface that answers for an address on a segment: what ARP would find. */
  resolve(segment: string, address: Ipv4 | Ipv6): Mac | undefined;
}

export function createFakeNetwork(options: FakeNetworkOptions = {}): FakeNetwork {
  const hosts: FakeHost[] = [];
  const frames: FakeFrame[] = [];
  let queue: FakeFrame[] = [];
  let rule: ((frame: FakeFrame) => boolean) | undefined;
  let scheduled = false;

  const pump = (): number => {
    let delivered = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const now = queue;
      queue = [];
      for (const frame of now) if (rule?.(frame) !== true) deliver(hosts, frame);
      let handed = 0;
      for (const host of hosts) handed += host.handOver();
      delivered += handed;
      if (handed === 0 && queue.length === 0) return delivered;
    }
    throw new Error("the network never becomes quiet");
  };

  const wire: FakeWire = {
    transmit(from, bytes, priority) {
      if (from.segment === undefined) return;
      const { segment } = from;
      const frame: FakeFrame = { segment, from, bytes: bytes.slice(), priority };
      frames.push(frame);
      queue.push(frame);
      wire.wake();
    },
    wake() {
      if (options.delivery !== "microtask" || scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        scheduled = false;
        pump();
      });
    },
    resolve(segment, address) {
      for (const host of hosts) {
        for (const one of host.interfaces) {
          if (one.segment === segment && one.addresses.includes(address)) return one.mac;
        }
      }
      return undefined;
    },
  };

  return {
    frames,
    pump,
    dropWhen(next) {
      rule = next;
    },
    addHost(name) {
      const host = makeHost(name, wire);
      hosts.push(host);
      return host;
    },
  };
}

function deliver(hosts: readonly FakeHost[], frame: FakeFrame): void {
  const to = macFromBytes(frame.bytes);
  if (to === undefined) return;
  for (const host of hosts) {
    for (const one of host.interfaces) {
      if (one.segment !== frame.segment || one === frame.from) continue;
      // A card keeps what is for it or for many; nothing here is promiscuous.
      if (to === one.mac || to === MAC_BROADCAST || isMulticastMac(to))
        host.receive(one, frame.bytes);
    }
  }
}

const ROUNDS_MAX = 10_000;
