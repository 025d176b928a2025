import type { Result } from "@passerelle/result";
import type { Clock, Logger } from "@passerelle/service";
import type { SocketError } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import type { LanBridge } from "../bridges.ts";

export interface LinksOptions<Link> {
  readonly clock: Clock;
  readonly log: Logger;
  /** For the log: "router", "dhcpv6". */
  readonly name: string;
  readonly open: (network: string, bridge: LanBridge) => Result<Link, SocketError>;
  /** A link is there that was not, or is another one. */
  readonly opened: (network: string) => void;
}

/** One link for each network that is served: opened where its bridge is, again where that is another one. */
export class Links<Link extends { close(): void }> {
  /** Networks whose sockets could not be opened, with the reason. */
  readonly problems = new Map<string, string>();
  readonly #options: LinksOptions<Link>;
  readonly #links = new Map<string, { readonly link: Link; readonly place: string }>();
  #retry: { cancel(): void } | undefined;

  constructor(options: LinksOptions<Link>) {
    this.#options = options;
  }

  /** @param wanted networks that are served and whose bridge is there */
  follow(wanted: ReadonlyMap<string, LanBridge>): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    for (const network of [...this.#links.keys(), ...this.problems.keys()]) {
      if (!wanted.has(network)) this.close(network);
    }
    for (const [network, bridge] of wanted) {
      const place = `${bridge.name} ${bridge.index} ${bridge.mac}`;
      if (this.#links.get(network)?.place !== place) this.#open(network, bridge, place);
    }
    if (this.problems.size === 0) return;
    this.#retry = this.#options.clock.later(OPEN_AGAIN, () => this.follow(wanted));
  }

  get(network: string): Link | undefined {
    return this.#links.get(network)?.link;
  }

  close(network: string): void {
    this.#links.get(network)?.link.close();
    this.#links.delete(network);
    this.problems.delete(network);
  }

  stop(): void {
    this.#retry?.cancel();
    for (const network of [...this.#links.keys()]) this.close(network);
  }

  #open(network: string, bridge: LanBridge, place: string): void {
    const { open, opened, log, name } = this.#options;
    const knownProblem = this.problems.get(network);
    this.close(network);
    const result = open(network, bridge);
    if (result.ok) {
      this.#links.set(network, { link: result.value, place });
      opened(network);
      return;
    }
    const { code, text } = result.error;
    const problem = `${bridge.name}: ${code} ${text}`;
    if (knownProblem === undefined) {
      log.error(`${name}_link_refused`, { network, device: bridge.name, code });
    }
    this.problems.set(network, problem);
  }
}

const OPEN_AGAIN = seconds(2);
