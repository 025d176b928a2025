import { decodeNdp, encodeNdp, NDP_HOP_LIMIT, NDP_TYPE } from "@passerelle/ndp";
import { ALL_ROUTERS, type Ipv6, linkLocalOf, type Mac } from "@passerelle/net";
import { ok, type Result } from "@passerelle/result";
import type { IcmpSocket, SocketError, Sockets } from "@passerelle/sockets";
import type { RaEffect, RaInput } from "../../core/ipv6/ra/index.ts";

export interface RouterLinkOptions {
  readonly sockets: Sockets;
  /** The bridge: its name, its index and its MAC. */
  readonly device: string;
  readonly index: number;
  readonly mac: Mac;
  readonly input: (input: RaInput) => void;
}

/** The router's ear and mouth on one bridge. */
export interface RouterLink {
  /** Whether it left. */
  send(effect: RaEffect & { readonly kind: "send" }): boolean;
  readonly counters: RouterLinkCounters;
  close(): void;
}

export interface RouterLinkCounters {
  solicitations: number;
  /** Not a router solicitation, or one that breaks a rule of RFC 4861 section 6.1.1. */
  refused: number;
  sent: number;
  sendFailed: number;
}

export function openRouterLink(options: RouterLinkOptions): Result<RouterLink, SocketError> {
  const { sockets, device, index } = options;
  const types = [NDP_TYPE.router_solicitation];
  const opened = sockets.openIcmp({ family: 6, device, types });
  if (!opened.ok) return opened;
  const joined = opened.value.joinGroup(ALL_ROUTERS, index);
  if (!joined.ok) {
    opened.value.close();
    return joined;
  }
  return ok(new IcmpRouterLink(options, opened.value));
}

class IcmpRouterLink implements RouterLink {
  readonly counters: RouterLinkCounters = { solicitations: 0, refused: 0, sent: 0, sendFailed: 0 };
  readonly #options: RouterLinkOptions;
  readonly #socket: IcmpSocket;
  /** RFC 4861 section 4.2: hosts know a router by its link-local address and believe no other. */
  readonly #source: Ipv6;

  constructor(options: RouterLinkOptions, socket: IcmpSocket) {
    this.#options = options;
    this.#socket = socket;
    this.#source = linkLocalOf(options.mac);
    socket.onMessage(({ bytes, source, destination, ttl }) => {
      if (typeof source !== "string" || typeof destination !== "string") return;
      const decoded = decodeNdp(bytes, { source, destination, hopLimit: ttl });
      if (!decoded.ok || decoded.value.kind !== "router_solicitation") {
        this.counters.refused += 1;
        return;
      }
      this.counters.solicitations += 1;
      options.input({ kind: "solicitation", source });
    });
  }

  send({ to, message }: RaEffect & { readonly kind: "send" }): boolean {
    const sent = this.#socket.send(encodeNdp(message), to, {
      interfaceIndex: this.#options.index,
      sourceAddress: this.#source,
      ttl: NDP_HOP_LIMIT,
    });
    if (sent.ok) this.counters.sent += 1;
    else this.counters.sendFailed += 1;
    return sent.ok;
  }

  close(): void {
    this.#socket.close();
  }
}
