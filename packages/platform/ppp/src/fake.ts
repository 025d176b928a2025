import type { Mac } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { FakePppChannel } from "./fake-channel.ts";
import { isInterfaceName } from "./kernel-arguments.ts";
import type { PppError, PppOptions, PppPlatform } from "./port.ts";

/** An Ethernet interface of the kernel in memory. */
export interface FakePppPort {
  readonly name: string;
  readonly mac: Mac;
}

/** A kernel in memory with cables; both ends of one are its own, so a test plays the concentrator at the other. */
export interface FakePpp extends PppPlatform {
  addCable(here: FakePppPort, there: FakePppPort): void;
  /** Hands over what was sent, and what that makes others send, until nothing is under way. */
  pump(): void;
  /** As a PADT from the other end does: the session is over, and its interface stays until it is closed. */
  end(session: SessionName): void;
  /** Every refusal's errno from now on, e.g. "ENXIO" for a kernel without PPP; undefined lets it work again. */
  refuse(code: string | undefined): void;
  readonly channels: readonly FakePppChannel[];
}

/** The rest of the kernel, where a test has one: it gives a session its interface. */
export interface FakePppLinks {
  /** @returns the index of the new interface */
  made(name: string): number;
  gone(index: number): void;
}

/** @param links absent: sessions have no interface that anybody sees */
export function createFakePpp(links?: FakePppLinks): FakePpp {
  return new FakeKernel(links);
}

class FakeKernel implements FakePpp {
  readonly #ports = new Map<string, { readonly mac: Mac; readonly other: FakePppPort }>();
  #channels: FakePppChannel[] = [];
  #refusal: string | undefined;
  #lastIndex = 100;
  readonly #links: FakePppLinks | undefined;

  constructor(links: FakePppLinks | undefined) {
    this.#links = links;
  }

  get channels(): readonly FakePppChannel[] {
    return this.#channels;
  }

  addCable(here: FakePppPort, there: FakePppPort): void {
    this.#ports.set(here.name, { mac: here.mac, other: there });
    this.#ports.set(there.name, { mac: there.mac, other: here });
  }

  open(options: PppOptions): Result<FakePppChannel, PppError> {
    // One that nobody took over since.
    for (const one of this.#channels) if (one.isLeft && one.name === options.name) one.close();
    const code = this.#refusal ?? this.#objection(options);
    if (code !== undefined) return err({ code, text: `fake: ${code}` });
    this.#lastIndex += 1;
    const index = this.#links?.made(options.name) ?? this.#lastIndex;
    const channel: FakePppChannel = new FakePppChannel(options, index, {
      other: () => this.#otherEnd(options),
      closed: () => {
        if (this.#channels.includes(channel)) this.#links?.gone(index);
        this.#channels = this.#channels.filter((one) => one !== channel);
      },
    });
    this.#channels.push(channel);
    return ok(channel);
  }

  adopt(name: string): Result<FakePppChannel, PppError> {
    const left = this.#channels.find((one) => one.name === name && one.isLeft);
    if (left === undefined) return err({ code: "ENOENT", text: `fake: no ${name}` });
    left.isLeft = false;
    return ok(left);
  }

  pump(): void {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const moved = this.#channels.reduce((sum, channel) => sum + channel.handOver(), 0);
      if (moved === 0) return;
    }
    throw new Error("invariant: two ends that talk come to an end");
  }

  end(session: SessionName): void {
    this.#sessionOf(session)?.ended();
  }

  refuse(code: string | undefined): void {
    this.#refusal = code;
  }

  #objection(options: PppOptions): string | undefined {
    if (!isInterfaceName(options.name) || !isInterfaceName(options.interface)) return "EINVAL";
    if (!this.#ports.has(options.interface)) return "ENODEV";
    if (this.#sessionOf(options) !== undefined) return "EALREADY";
    const isTaken = this.#ports.has(options.name);
    return isTaken || this.#channels.some(({ name }) => name === options.name)
      ? "EEXIST"
      : undefined;
  }

  #otherEnd(options: PppOptions): FakePppChannel | undefined {
    const port = this.#ports.get(options.interface);
    if (port === undefined || port.other.mac !== options.peer) return undefined;
    return this.#sessionOf({
      ...{ interface: port.other.name, peer: port.mac },
      sessionId: options.sessionId,
    });
  }

  #sessionOf(wanted: SessionName): FakePppChannel | undefined {
    return this.#channels.find(
      ({ options }) =>
        options.interface === wanted.interface &&
        options.peer === wanted.peer &&
        options.sessionId === wanted.sessionId,
    );
  }
}

/** What may be in the kernel once only. */
type SessionName = Pick<PppOptions, "interface" | "peer" | "sessionId">;

const ROUNDS_MAX = 1000;
