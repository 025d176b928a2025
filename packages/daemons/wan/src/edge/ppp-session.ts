import { concatBytes } from "@passerelle/bytes";
import { ipv6FromBytes, type Mac } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import { openPppoeDiscovery, PppEdge, type PppPlatform } from "@passerelle/platform-ppp";
import {
  encodePppoe,
  type Ipv4Facts,
  type Ipv6Facts,
  PPPOE_CODE,
  type PppEffect,
  type RememberedSession,
} from "@passerelle/ppp";
import type { Result } from "@passerelle/result";
import type { Clock, Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import type { PppLineInput } from "../core/ppp/line.ts";
import type { StoredSession } from "../schema.ts";
import type { LeaseFile } from "./lease-file.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Of the interface that a session is: one line, one name. */
export const PPP_NAME = "ppp-wan";

export interface PppSessionOptions {
  readonly sockets: Sockets;
  readonly netlink: Netlink;
  readonly platform: PppPlatform;
  /** What carries the session: the port, or the VLAN on it. */
  readonly carrier: string;
  readonly priority: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly queue: WorkQueue;
  readonly file: LeaseFile<StoredSession, RememberedSession>;
  readonly input: (input: PppLineInput) => void;
  /** Carries IPv6 from now on; undefined: nothing does any more. */
  readonly carriesIpv6: (carrier: { readonly index: number } | undefined) => void;
}

/** Everything outside that a line over PPPoE touches: discovery's socket, the kernel's session, its addresses, a file. */
export class PppSession {
  readonly #options: PppSessionOptions;
  #open: { readonly edge: PppEdge; readonly index: number; readonly mac: Mac } | undefined;
  #listening: { cancel(): void } | undefined;
  /** As last seen. */
  #mac: Mac | undefined;

  constructor(options: PppSessionOptions) {
    this.#options = options;
  }

  /** What carries the session; undefined: there is nothing. An interface that came anew needs a socket of its own. */
  attach(carrier: { readonly index: number; readonly mac: Mac } | undefined): void {
    if (this.#open?.index === carrier?.index && this.#open?.mac === carrier?.mac) return;
    this.close();
    if (carrier === undefined) return;
    this.#mac = carrier.mac;
    const { platform, log, input } = this.#options;
    const discovery = this.#discovery(carrier.mac);
    if (!discovery.ok) {
      log.error("wan_pppoe_socket", { ...discovery.error });
      return;
    }
    const edge = new PppEdge({
      ...{ platform, discovery: discovery.value, name: PPP_NAME },
      interface: this.#options.carrier,
      // The machine has no other inputs by these hands.
      feed: (told) => input(told as PppLineInput),
    });
    this.#open = { edge, ...carrier };
    this.#listen();
  }

  run(effect: PppEffect): void {
    switch (effect.kind) {
      case "configure_ipv4":
        this.#configure((index) => this.#putIpv4(index, effect.ipv4));
        break;
      case "configure_ipv6":
        this.#configure((index) => this.#putIpv6(index, effect.ipv6));
        break;
      case "unconfigure_ipv4":
        // With the interface go its addresses; the gate is shut at once.
        this.#open?.edge.channel?.pass(4, false);
        break;
      case "unconfigure_ipv6":
        this.#open?.edge.channel?.pass(6, false);
        this.#options.carriesIpv6(undefined);
        break;
      case "remember_session":
        this.#options.file.store(effect.session);
        break;
      case "forget_session":
        this.#options.file.forget();
        break;
      default:
        this.#open?.edge.run(effect);
    }
  }

  close(): void {
    this.#listening?.cancel();
    this.#listening = undefined;
    if (this.#open === undefined) return;
    this.#options.carriesIpv6(undefined);
    this.#open.edge.close();
    this.#open = undefined;
  }

  /** Ends what is ours of it here; the session lives on for the next life, where the kernel's part of it is held. */
  leave(): void {
    this.#open?.edge.leave();
    this.close();
  }

  /** After `leave`: ends the session for good, because another line comes. */
  clear(): void {
    const { platform, file } = this.#options;
    const left = platform.adopt(PPP_NAME);
    if (left.ok) left.value.close();
    const kept = file.load();
    file.forget();
    const discovery = this.#mac === undefined ? undefined : this.#discovery(this.#mac);
    if (discovery?.ok !== true) return;
    if (kept !== undefined) {
      // RFC 2516 section 5.5.
      const { peer, sessionId } = kept.lease;
      discovery.value.send(peer, encodePppoe({ code: PPPOE_CODE.PADT, sessionId, tags: [] }));
    }
    discovery.value.close();
  }

  #discovery(address: Mac) {
    const { sockets, carrier, priority } = this.#options;
    return openPppoeDiscovery(sockets, { interface: carrier, address, priority });
  }

  /** What comes in by the session says that the concentrator lives. */
  #listen(): void {
    this.#listening = this.#options.clock.later(LISTEN, () => {
      this.#open?.edge.listen();
      this.#listen();
    });
  }

  #configure(work: (interfaceIndex: number) => Promise<Result<unknown, Refusal>>): void {
    const channel = this.#open?.edge.channel;
    if (channel === undefined) return;
    this.#options.queue.add(async () => {
      if (this.#open?.edge.channel !== channel) return;
      const done = await work(channel.interfaceIndex);
      if (done.ok) return;
      this.#options.log.error("wan_ppp_configure", { ...done.error });
      if (this.#open?.edge.channel === channel) this.#options.input({ kind: "channel_failed" });
    });
  }

  async #putIpv4(
    interfaceIndex: number,
    { address }: Ipv4Facts,
  ): Promise<Result<unknown, Refusal>> {
    const { netlink } = this.#options;
    const up = await netlink.setLink(interfaceIndex, { up: true });
    if (!up.ok) return up;
    const put = await netlink.replaceAddress({ interfaceIndex, address, prefixLength: 32 });
    if (!put.ok) return put;
    const routed = await netlink.replaceRoute({
      ...{ family: 4, interfaceIndex, preferredSource: address },
    });
    if (!routed.ok) return routed;
    return this.#open?.edge.channel?.pass(4, true) ?? routed;
  }

  /** The kernel gives a session no link-local address: IPV6CP says which (RFC 5072 section 5). */
  async #putIpv6(
    interfaceIndex: number,
    { interfaceIdentifier }: Ipv6Facts,
  ): Promise<Result<unknown, Refusal>> {
    const { netlink, carriesIpv6 } = this.#options;
    const address = ipv6FromBytes(concatBytes(LINK_LOCAL, interfaceIdentifier));
    const up = await netlink.setLink(interfaceIndex, { up: true });
    if (!up.ok || address === undefined) return up;
    const put = await netlink.replaceAddress({
      ...{ interfaceIndex, address, prefixLength: 64, noDuplicateDetection: true },
    });
    if (!put.ok) return put;
    const passes = this.#open?.edge.channel?.pass(6, true) ?? put;
    if (passes.ok) carriesIpv6({ index: interfaceIndex });
    return passes;
  }
}

/** The upper half of fe80::/64. */
const LINK_LOCAL = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0);

interface Refusal {
  readonly code: string;
  readonly text: string;
}

/** More often than the machine asks for a sign of life. */
const LISTEN = milliseconds(500);
