import type { Netlink } from "@passerelle/netlink";
import { IFF_LOWER_UP, IFF_UP, type Link } from "@passerelle/netlink-codec";
import type { LinkStatus } from "../core/access.ts";

/** One interface, known by its name: what it is now and every change of it. Also tells where nothing changed. */
export class LinkWatch {
  readonly #netlink: Netlink;
  readonly #name: string;
  readonly #told: (link: LinkStatus | undefined, index: number | undefined) => void;
  #subscription: { close(): void } | undefined;
  #index: number | undefined;

  constructor(
    netlink: Netlink,
    name: string,
    told: (link: LinkStatus | undefined, index: number | undefined) => void,
  ) {
    this.#netlink = netlink;
    this.#name = name;
    this.#told = told;
  }

  /** Of the interface as last seen; undefined: there is none of that name. */
  get index(): number | undefined {
    return this.#index;
  }

  get isRunning(): boolean {
    return this.#subscription !== undefined;
  }

  /** Hears of changes from now on, and finds the interface; tells nothing yet. */
  async start(): Promise<void> {
    const subscribed = this.#netlink.subscribe({ links: true }, (event) => {
      if (event.kind === "resync") void this.tell();
      else if (event.kind === "link") this.#event(event.link, event.deleted);
    });
    if (!subscribed.ok) throw new Error(`netlink events: ${subscribed.error.text}`);
    this.#subscription = subscribed.value;
    this.#index = (await this.find())?.index;
  }

  /** Tells of the interface as it is. */
  async tell(): Promise<void> {
    this.#tell(await this.find());
  }

  stop(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  async find(): Promise<Link | undefined> {
    const listed = await this.#netlink.links();
    if (!listed.ok) throw new Error(`netlink links: ${listed.error.text}`);
    return listed.value.find((one) => one.name === this.#name);
  }

  #event(link: Link, deleted: boolean): void {
    if (link.name === this.#name && !deleted) this.#tell(link);
    // Gone, or renamed into another.
    else if (link.index === this.#index) this.#tell(undefined);
  }

  #tell(link: Link | undefined): void {
    this.#index = link?.index;
    this.#told(link === undefined ? undefined : statusOf(link), link?.index);
  }
}

function statusOf(link: Link): LinkStatus | undefined {
  if (link.mac === undefined) return undefined;
  return {
    adminUp: (link.flags & IFF_UP) !== 0,
    carrier: (link.flags & IFF_LOWER_UP) !== 0,
    mac: link.mac,
  };
}
