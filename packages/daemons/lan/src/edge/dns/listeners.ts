import { type Ipv4, type Ipv6, parseIpv4, parseIpv6 } from "@passerelle/net";
import type { Clock, Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import type { DnsCounters } from "./counters.ts";
import { listenDatagrams } from "./listener-datagram.ts";
import { listenStream } from "./listener-stream.ts";
import type { Responder } from "./responder.ts";

/** Where DNS is served. */
export interface ListenAddress {
  /** IPv4 or IPv6 as text. */
  readonly address: string;
  /** The interface of this network: UDP is heard from it alone. */
  readonly device?: string;
}

export interface ListenProblem {
  readonly address: string;
  readonly transport: "udp" | "tcp";
  /** Name of the errno. */
  readonly code: string;
}

export interface ListenersOptions {
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly responder: Responder;
  readonly counters: DnsCounters;
  readonly port: number;
}

/** The open listeners, kept equal to what is wanted. Those that stay are not touched. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open = new Map<string, { close(): void }>();
  #wanted: readonly ListenAddress[] = [];
  #retry: { cancel(): void } | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** One change after the other: a later call waits for the earlier one. */
  set(wanted: readonly ListenAddress[]): Promise<readonly ListenProblem[]> {
    this.#wanted = wanted;
    const done = this.#work.then(() => this.#apply());
    this.#work = done;
    return done;
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    for (const listener of this.#open.values()) listener.close();
    this.#open.clear();
  }

  async #apply(): Promise<readonly ListenProblem[]> {
    const problems: ListenProblem[] = [];
    this.#retry?.cancel();
    const keys = new Set(this.#wanted.flatMap((w) => TRANSPORTS.map((t) => keyOf(w, t))));
    for (const [key, listener] of this.#open) {
      if (keys.has(key)) continue;
      this.#open.delete(key);
      listener.close();
    }
    for (const wanted of this.#wanted) {
      for (const transport of TRANSPORTS) {
        if (this.#closed || this.#open.has(keyOf(wanted, transport))) continue;
        const code = await this.#listen(wanted, transport);
        if (code !== undefined) problems.push({ address: wanted.address, transport, code });
      }
    }
    for (const problem of problems) this.#options.log.warn("dns: cannot listen", { ...problem });
    if (problems.length > 0 && !this.#closed) {
      this.#retry = this.#options.clock.later(RETRY, () => void this.set(this.#wanted));
    }
    return problems;
  }

  /** The errno where it failed. */
  async #listen(wanted: ListenAddress, transport: "udp" | "tcp"): Promise<string | undefined> {
    const address: Ipv4 | Ipv6 | undefined = parseIpv4(wanted.address) ?? parseIpv6(wanted.address);
    if (address === undefined) return "EINVAL";
    const opened =
      transport === "udp"
        ? listenDatagrams({ ...this.#options, address, device: wanted.device })
        : await listenStream({ ...this.#options, address: wanted.address });
    if (!opened.ok) return opened.error.code;
    if (this.#closed) opened.value.close();
    else this.#open.set(keyOf(wanted, transport), opened.value);
    return undefined;
  }
}

const TRANSPORTS = ["udp", "tcp"] as const;
const RETRY = seconds(2);

function keyOf(wanted: ListenAddress, transport: string): string {
  return `${transport} ${wanted.address} ${wanted.device ?? ""}`;
}
