import { connect } from "node:net";
import { decodeMessage, encodeQuery, Rcode, RecordType } from "@passerelle/dns";
import { formatIpv4 } from "@passerelle/net";
import type { Clock, Entropy } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import { elapsed } from "@passerelle/time";
import { type ReachEffect, type ReachInput, ROUND_LIMIT } from "../core/reach/step.ts";

export interface ProberOptions {
  readonly sockets: Sockets;
  readonly interface: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly finished: (input: ReachInput & { kind: "resolver_answered" | "probe_finished" }) => void;
}

/** Asks the Internet from the address of the line. What has not answered after two seconds is closed and told as bad. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #open = new Set<() => void>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  ask(effect: ReachEffect & { kind: "ask_resolver" }): void {
    const { sockets, clock, entropy, finished } = this.#options;
    const { round, index } = effect;
    const opened = sockets.openDatagram({
      family: 4,
      address: effect.from,
      device: this.#options.interface,
    });
    const tell = (good: boolean, rttMs?: number): void =>
      finished({
        kind: "resolver_answered",
        round,
        index,
        good,
        ...(rttMs === undefined ? {} : { rttMs }),
      });
    if (!opened.ok) {
      queueMicrotask(() => tell(false));
      return;
    }
    const socket = opened.value;
    const sentAt = clock.now();
    const id = entropy.uint32() & 0xffff;
    const done = this.#once(
      () => socket.close(),
      (good) => tell(good, good ? elapsed(sentAt, clock.now()) : undefined),
    );
    socket.onDatagram((datagram) => {
      // Only the one we asked, about what we asked: anybody else may be lying.
      if (datagram.source !== effect.resolver || datagram.sourcePort !== DNS_PORT) return;
      const good = readAnswer(datagram.bytes, id, effect.name);
      if (good !== undefined) done(good);
    });
    const sent = socket.send(
      encodeQuery({ id, name: effect.name, type: RecordType.A }),
      effect.resolver,
      DNS_PORT,
    );
    // Never within the step that asked.
    if (!sent.ok) queueMicrotask(() => done(false));
  }

  probe(effect: ReachEffect & { kind: "probe" }): void {
    const { probe, round } = effect;
    const socket = connect({
      host: formatIpv4(probe.address),
      port: probe.port,
      localAddress: formatIpv4(effect.from),
    });
    const done = this.#once(
      () => socket.destroy(),
      (good) => this.#options.finished({ kind: "probe_finished", round, good }),
    );
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("connect", () => {
      if (probe.kind === "tcp") return done(true);
      socket.write(
        `GET ${probe.path} HTTP/1.1\r\nHost: ${probe.host}\r\nConnection: close\r\nUser-Agent: passerelle\r\n\r\n`,
      );
    });
    let head = "";
    socket.on("data", (bytes: Uint8Array) => {
      head = (head + String.fromCharCode(...bytes.subarray(0, 64))).slice(0, 64);
      if (head.includes("\r\n") || head.length >= 64) done(/^HTTP\/1\.[01] 20[04] /.test(head));
    });
  }

  /** Ends everything without a word. */
  close(): void {
    for (const end of [...this.#open]) end();
  }

  /** One verdict only: the first answer, or bad when the time is over. */
  #once(release: () => void, tell: (good: boolean) => void): (good: boolean) => void {
    const end = (): void => {
      this.#open.delete(end);
      timer.cancel();
      release();
    };
    const finish = (good: boolean): void => {
      if (!this.#open.has(end)) return;
      end();
      tell(good);
    };
    const timer = this.#options.clock.later(ROUND_LIMIT, () => finish(false));
    this.#open.add(end);
    return finish;
  }
}

/** True for an address, false for a refusal, undefined where it is no answer to our question. */
function readAnswer(bytes: Uint8Array, id: number, name: string): boolean | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { header, questions, answers } = decoded.value;
  const [question] = questions;
  if (!header.response || header.id !== id) return undefined;
  if (question?.name.toLowerCase().replace(/\.$/, "") !== name.toLowerCase()) return undefined;
  return header.rcode === Rcode.NOERROR && answers.some((record) => record.data.kind === "a");
}

const DNS_PORT = 53;
