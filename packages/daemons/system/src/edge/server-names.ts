import { Resolver } from "node:dns/promises";
import type { Clock, Logger } from "@passerelle/service";
import { seconds } from "@passerelle/time";

/** Asks these resolvers for the addresses of a name. */
export type Resolve = (name: string, resolvers: readonly string[]) => Promise<readonly string[]>;

export interface ServerNamesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly resolve: Resolve;
  /** Other addresses are known now. */
  readonly changed: () => void;
}

const RETRY_AFTER = seconds(60);
const ADDRESSES_PER_NAME = 4;

/**
 * Names of time servers, looked up at the operator's resolvers and not at our own forwarder: that one may speak
 * TLS to its upstream, for which the clock has to be right first.
 */
export class ServerNames {
  readonly #options: ServerNamesOptions;
  readonly #known = new Map<string, readonly string[]>();
  #servers: readonly string[] = [];
  #resolvers: readonly string[] = [];
  #round = 0;
  #timer: { cancel(): void } | undefined;

  constructor(options: ServerNamesOptions) {
    this.#options = options;
  }

  /** Addresses of all that is wanted, as far as they are known. */
  get addresses(): readonly string[] {
    return this.#servers.flatMap((server) =>
      isAddress(server) ? [server] : (this.#known.get(server) ?? []),
    );
  }

  want(servers: readonly string[]): void {
    if (same(servers, this.#servers)) return;
    this.#servers = servers;
    this.#begin();
  }

  resolvers(resolvers: readonly string[]): void {
    if (same(resolvers, this.#resolvers)) return;
    this.#resolvers = resolvers;
    this.#begin();
  }

  /** The servers that are known do not answer: there may be others by now. */
  again(): void {
    if (this.#timer === undefined) this.#timer = this.#later();
  }

  stop(): void {
    this.#round += 1;
    this.#timer?.cancel();
  }

  #begin(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#round += 1;
    void this.#lookUp(this.#round);
  }

  async #lookUp(round: number): Promise<void> {
    const names = this.#servers.filter((server) => !isAddress(server));
    if (this.#resolvers.length === 0) return;
    const before = this.addresses;
    for (const name of names) {
      try {
        const found = await this.#options.resolve(name, this.#resolvers);
        if (round !== this.#round) return;
        if (found.length > 0) this.#known.set(name, found.slice(0, ADDRESSES_PER_NAME).toSorted());
      } catch (error) {
        if (round !== this.#round) return;
        this.#options.log.warn("time_server_not_found", { name, error: String(error) });
        this.again();
      }
    }
    if (!same(before, this.addresses)) this.#options.changed();
  }

  #later(): { cancel(): void } {
    return this.#options.clock.later(RETRY_AFTER, () => this.#begin());
  }
}

/** c-ares, which talks to the servers it is given and reads no file of the system. */
export const resolveWithServers: Resolve = async (name, resolvers) => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  resolver.setServers(resolvers);
  return resolver.resolve4(name);
};

function isAddress(server: string): boolean {
  return /^[0-9.]+$/.test(server) || server.includes(":");
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}
