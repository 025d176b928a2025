import { connect } from "node:net";
import { type DnsMessage, MESSAGE_BYTES_MAX, type NameText } from "@passerelle/dns";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { type Duration, seconds } from "@passerelle/time";
import { encodeQuestion, type Question, readAnswer } from "../../core/diagnostics/question.ts";
import { addressText } from "../../core/diagnostics/target.ts";
import type { Tools } from "./tools.ts";

export interface Answered {
  readonly message: DnsMessage;
  readonly rttMs: number;
  readonly over: "UDP" | "TCP";
}

export interface AskOptions {
  readonly signal: AbortSignal;
  /** For each of the attempts. */
  readonly patience?: Duration;
  /** Questions sent before it counts as silent. Default 2: a single datagram may be lost. */
  readonly attempts?: number;
}

/** The errno of a refusal to send, "silent", or "aborted". */
export type AskError = string;

/** Asks a resolver over UDP, and over TCP where the answer does not fit (RFC 7766). */
export async function ask(
  tools: Tools,
  resolver: Ipv4 | Ipv6,
  name: NameText,
  type: number,
  options: AskOptions,
): Promise<Result<Answered, AskError>> {
  const attempts = options.attempts ?? 2;
  let last: AskError = "silent";
  for (let attempt = 0; attempt < attempts && !options.signal.aborted; attempt += 1) {
    const id = tools.entropy.uint32() & 0xffff;
    const answered = await askDatagram(tools, resolver, { id, name, type }, options);
    if (answered.ok) {
      if (!answered.value.message.header.truncated) return answered;
      const whole = await askStream(tools, resolver, { id, name, type }, options);
      // Better what fitted than nothing.
      return whole.ok ? whole : answered;
    }
    last = answered.error;
  }
  return err(options.signal.aborted ? "aborted" : last);
}

export const ASK_PATIENCE = seconds(2);

function askDatagram(
  tools: Tools,
  resolver: Ipv4 | Ipv6,
  question: Question,
  options: AskOptions,
): Promise<Result<Answered, AskError>> {
  const family = typeof resolver === "number" ? 4 : 6;
  const opened = tools.sockets.openDatagram({ family, slotBytes: 4096 });
  if (!opened.ok) return Promise.resolve(err(opened.error.code));
  const socket = opened.value;
  return outcome(tools, options, (finish) => {
    const sentAt = tools.stopwatch();
    socket.onDatagram((datagram) => {
      // Only the one we asked, about what we asked: anybody else may be lying.
      if (datagram.source !== resolver || datagram.sourcePort !== DNS_PORT) return;
      const message = readAnswer(datagram.bytes, question);
      if (message === undefined) return;
      finish(ok({ message, rttMs: tools.stopwatch() - sentAt, over: "UDP" }));
    });
    const sent = socket.send(encodeQuestion(question), resolver, DNS_PORT);
    if (!sent.ok) finish(err(sent.error.code));
    return () => socket.close();
  });
}

/** RFC 1035 section 4.2.2: two octets of length before the message. */
function askStream(
  tools: Tools,
  resolver: Ipv4 | Ipv6,
  question: Question,
  options: AskOptions,
): Promise<Result<Answered, AskError>> {
  return outcome(tools, options, (finish) => {
    const sentAt = tools.stopwatch();
    const socket = connect({ host: addressText(resolver), port: DNS_PORT });
    let received = new Uint8Array(0);
    socket.on("error", () => finish(err("silent")));
    socket.on("close", () => finish(err("silent")));
    socket.on("connect", () => {
      const query = encodeQuestion(question);
      socket.write(Uint8Array.of(query.length >>> 8, query.length & 0xff, ...query));
    });
    socket.on("data", (bytes: Uint8Array) => {
      const joined = new Uint8Array(received.length + bytes.length);
      joined.set(received);
      joined.set(bytes, received.length);
      received = joined;
      const length = ((received[0] ?? 0) << 8) | (received[1] ?? 0);
      if (received.length > MESSAGE_BYTES_MAX + 2) return finish(err("silent"));
      if (received.length < 2 || received.length < 2 + length) return;
      const message = readAnswer(received.slice(2, 2 + length), question);
      if (message === undefined) return finish(err("silent"));
      finish(ok({ message, rttMs: tools.stopwatch() - sentAt, over: "TCP" }));
    });
    return () => socket.destroy();
  });
}

const DNS_PORT = 53;

/** One outcome only: what `begin` finishes with, silence when the patience is over, or the end of the job. */
function outcome<T>(
  tools: Tools,
  { signal, patience = ASK_PATIENCE }: AskOptions,
  begin: (finish: (result: Result<T, AskError>) => void) => () => void,
): Promise<Result<T, AskError>> {
  return new Promise((resolve) => {
    let release: (() => void) | undefined;
    let settled = false;
    const finish = (result: Result<T, AskError>): void => {
      if (settled) return;
      settled = true;
      timer.cancel();
      signal.removeEventListener("abort", aborted);
      release?.();
      resolve(result);
    };
    const aborted = (): void => finish(err("aborted"));
    const timer = tools.clock.later(patience, () => finish(err("silent")));
    signal.addEventListener("abort", aborted);
    release = begin(finish);
    // It may have been over before it had anything to release.
    if (settled) release();
    else if (signal.aborted) aborted();
  });
}
