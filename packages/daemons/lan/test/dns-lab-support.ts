import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket as StreamSocket } from "node:net";
import {
  type DnsMessage,
  decodeMessage,
  encodeMessage,
  type ResourceRecord,
} from "@passerelle/dns";
import { ipv4 } from "@passerelle/net";
import { type Logger, systemClock, systemEntropy } from "@passerelle/service";
import { createLinuxSockets } from "@passerelle/sockets";
import { type DnsConfig, defaultDnsConfig } from "../src/config-dns.ts";
import {
  createDnsForwarder,
  type DnsForwarder,
  type DnsForwarderOptions,
} from "../src/edge/dns/forwarder.ts";
import { frame, StreamFrames } from "../src/edge/dns/stream-frames.ts";
import { queryBytes } from "./dns-messages.ts";

/** What the fake upstream got, decoded, and how it may answer: with anything, from anywhere. */
export interface Asked {
  readonly message: DnsMessage;
  readonly transport: "udp" | "tcp";
  readonly reply: (bytes: Uint8Array) => void;
  readonly from: RemoteInfo | undefined;
}

/** An upstream on UDP and TCP that does what a test says. */
export class FakeUpstream {
  readonly asked: Asked[] = [];
  behave: (asked: Asked) => void = () => undefined;
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Server;

  static async open(address: string): Promise<FakeUpstream> {
    const fake = new FakeUpstream();
    fake.#udp.bind(53, address);
    await once(fake.#udp, "listening");
    fake.#tcp.listen(53, address);
    await once(fake.#tcp, "listening");
    return fake;
  }

  private constructor() {
    this.#udp.on("message", (bytes, from) =>
      this.#take(bytes, "udp", (answer) => this.#udp.send(answer, from.port, from.address), from),
    );
    this.#tcp = createServer((socket: StreamSocket) => {
      const frames = new StreamFrames();
      socket.on("error", () => undefined);
      socket.on("data", (piece: Buffer) =>
        frames.push(piece, (bytes) => {
          this.#take(bytes, "tcp", (answer) => void socket.write(frame(answer)), undefined);
          return true;
        }),
      );
    });
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  #take(
    bytes: Uint8Array,
    transport: "udp" | "tcp",
    reply: Asked["reply"],
    from: RemoteInfo | undefined,
  ): void {
    const decoded = decodeMessage(Uint8Array.from(bytes));
    if (!decoded.ok) throw new Error(`the forwarder sent ${decoded.error.code}`);
    const asked = { message: decoded.value, transport, reply, from };
    this.asked.push(asked);
    this.behave(asked);
  }
}

/** An answer to what was asked; `over` changes it. */
export function answerTo(
  message: DnsMessage,
  answers: readonly ResourceRecord[],
  over: Partial<DnsMessage> = {},
  header: Partial<DnsMessage["header"]> = {},
): Uint8Array {
  return encodeMessage({
    header: { ...message.header, response: true, recursionAvailable: true, ...header },
    questions: message.questions,
    answers,
    authorities: [],
    additionals: [],
    ...over,
  });
}

export async function openForwarder(
  config: Partial<DnsConfig>,
  over: Partial<DnsForwarderOptions> = {},
): Promise<DnsForwarder & { errors: string[] }> {
  const errors: string[] = [];
  const quiet = (): void => undefined;
  const log: Logger = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (text, fields) => void errors.push(`${text} ${JSON.stringify(fields)}`),
  };
  const forwarder = createDnsForwarder({
    log,
    clock: systemClock(),
    entropy: systemEntropy(),
    sockets: createLinuxSockets(),
    stateDirectory: "/nonexistent",
    listen: [{ address: "127.0.0.1", device: "lo" }],
    config: { ...defaultDnsConfig, ...config },
    ...over,
  });
  const problems = await forwarder.start();
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return Object.assign(forwarder, { errors });
}

/** Asks over UDP; undefined where nothing came in time. */
export async function ask(
  name: string,
  type = 1,
  options: Parameters<typeof queryBytes>[2] & { waitMs?: number; raw?: Uint8Array } = {},
): Promise<DnsMessage | undefined> {
  const socket = createSocket("udp4");
  try {
    const answer = new Promise<Uint8Array | undefined>((resolve) => {
      socket.on("message", (bytes) => resolve(Uint8Array.from(bytes)));
      setTimeout(() => resolve(undefined), options.waitMs ?? 4000);
    });
    socket.send(options.raw ?? queryBytes(name, type, options), 53, "127.0.0.1");
    const bytes = await answer;
    if (bytes === undefined) return undefined;
    const decoded = decodeMessage(bytes);
    if (!decoded.ok)
      throw new Error(`the forwarder answered ${decoded.error.code} at ${decoded.error.at}`);
    return decoded.value;
  } finally {
    socket.close();
  }
}

/** Asks several questions on one TCP connection; the answers in the order they came. */
export async function askStream(queries: readonly Uint8Array[]): Promise<readonly DnsMessage[]> {
  const socket = connect(53, "127.0.0.1");
  const answers: DnsMessage[] = [];
  const frames = new StreamFrames();
  const done = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
    socket.on("error", () => resolve());
    socket.on("data", (piece: Buffer) => {
      frames.push(piece, (bytes) => {
        const decoded = decodeMessage(Uint8Array.from(bytes));
        if (decoded.ok) answers.push(decoded.value);
        return true;
      });
      if (answers.length === queries.length) resolve();
    });
  });
  socket.write(Buffer.concat(queries.map(frame)));
  await done;
  socket.destroy();
  return answers;
}

export const ONE = { address: "127.0.0.11", protocol: "udp" } as const;
export const TWO = { address: "127.0.0.12", protocol: "udp" } as const;
export const GOOD = ipv4(0xc6120001);

/** An A record, of an address that nobody blocks where none is said. */
export const a = (name: string, address = GOOD, ttlSeconds = 60): ResourceRecord => ({
  name,
  type: 1,
  class: 1,
  ttlSeconds,
  data: { kind: "a", address },
});
/** What a true upstream says. */
export const right = (asked: Asked, ttl = 60): Uint8Array =>
  answerTo(asked.message, [a(asked.message.questions[0]?.name ?? ".", GOOD, ttl)]);
export const honest = (asked: Asked): void => asked.reply(right(asked));
/** The addresses of an answer; the type where a record is none. */
export const addresses = (message: DnsMessage | undefined) =>
  message?.answers.map((r) => (r.data.kind === "a" ? r.data.address : r.type));
