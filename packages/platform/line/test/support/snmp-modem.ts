import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

type Row = readonly [oid: string, type: number, value: Uint8Array];

/** An agent of version 2c (RFC 3416) with the rows of a .snmprec; its own BER, so that two programs must agree. */
export class SnmpModem {
  readonly #socket: Socket = createSocket("udp4");
  readonly #community: string;
  rows: readonly Row[];
  asked = 0;
  #reached: (() => void) | undefined;
  #now = 0;
  busiest = 0;
  /** The answer to a request, in another way; undefined is none. */
  instead: ((request: BulkRequest) => Uint8Array | undefined) | undefined;

  constructor(community: string, snmprec: string) {
    this.#community = community;
    this.rows = rowsOf(snmprec);
    this.#socket.on("message", (datagram, from) => this.#hear(datagram, from));
  }

  async listen(port = 0): Promise<number> {
    this.#socket.bind(port, "127.0.0.1");
    await once(this.#socket, "listening");
    return this.#socket.address().port;
  }

  mute(): Promise<void> {
    this.instead = () => undefined;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  /** Who asked last. */
  peer: Pick<RemoteInfo, "port" | "address"> = { port: 0, address: "" };

  sayTo({ port, address }: Pick<RemoteInfo, "port" | "address">, datagram: Uint8Array): void {
    this.#socket.send(datagram, port, address);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #hear(datagram: Uint8Array, from: RemoteInfo): void {
    const request = readBulk(datagram);
    // RFC 3584 section 5.2.1: who does not know the community hears nothing.
    if (request.community !== this.#community) return;
    this.asked += 1;
    this.peer = from;
    this.#reached?.();
    this.#now += 1;
    this.busiest = Math.max(this.busiest, this.#now);
    setImmediate(() => {
      this.#now -= 1;
      const answer =
        this.instead === undefined
          ? response(request, this.#after(request))
          : this.instead(request);
      if (answer !== undefined) this.sayTo(from, answer);
    });
  }

  #after({ oid, repetitions }: BulkRequest): readonly Row[] {
    const behind = this.rows.filter(([own]) => inOrder(oid, own) < 0).slice(0, repetitions);
    const last = behind.at(-1)?.[0] ?? oid;
    return behind.length < repetitions ? [...behind, [last, END_OF_MIB_VIEW, NOTHING]] : behind;
  }
}

export interface BulkRequest {
  readonly community: string;
  readonly id: Uint8Array;
  readonly oid: string;
  readonly repetitions: number;
}

export function response(
  { community, id }: BulkRequest,
  rows: readonly Row[],
  tag = 0xa2,
): Uint8Array {
  const list = rows.map(([oid, type, value]) => tlv(0x30, tlv(0x06, arcs(oid)), tlv(type, value)));
  const zero = tlv(2, Uint8Array.of(0));
  const pdu = tlv(tag, tlv(2, id), zero, zero, tlv(0x30, ...list));
  return tlv(0x30, tlv(2, Uint8Array.of(1)), tlv(4, Buffer.from(community)), pdu);
}

function readBulk(datagram: Uint8Array): BulkRequest {
  const [version, community, pdu] = children(children(datagram)[0]?.value ?? NOTHING);
  const [id, , repetitions, list] = children(pdu?.value ?? NOTHING);
  if (version?.value[0] !== 1 || pdu?.tag !== 0xa5) throw new Error("no GETBULK of version 2c");
  const [varbind] = children(list?.value ?? NOTHING);
  const [oid] = children(varbind?.value ?? NOTHING);
  return {
    community: Buffer.from(community?.value ?? []).toString(),
    id: id?.value ?? NOTHING,
    oid: dotted(oid?.value ?? NOTHING),
    repetitions: repetitions?.value[0] ?? 0,
  };
}

/** "oid|type|value": type 4 text, 4x hexadecimal, else a number. Agents walk in the order of the identifiers. */
function rowsOf(snmprec: string): readonly Row[] {
  return snmprec
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line): Row => {
      const [oid = "", type = "", value = ""] = line.split("|");
      if (type === "4x") return [oid, 4, Buffer.from(value, "hex")];
      return [oid, Number(type), type === "4" ? Buffer.from(value) : integer(Number(value))];
    })
    .toSorted(([a], [b]) => inOrder(a, b));
}

export function inOrder(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const END_OF_MIB_VIEW = 0x82;
const NOTHING = new Uint8Array(0);

/** Two's complement, in as few octets as may be; every number of the fixtures has its place in five. */
export function integer(value: number): Uint8Array {
  const octets = [...new Uint8Array(5).keys()].map(
    (at) => Math.floor(value / 256 ** (4 - at)) & 255,
  );
  while (octets.length > 1 && isSpare(octets[0] ?? 0, octets[1] ?? 0)) octets.shift();
  return Uint8Array.from(octets);
}

function isSpare(first: number, second: number): boolean {
  return (first === 0 && second < 128) || (first === 255 && second >= 128);
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.of(tag, ...size), value]);
}

function children(bytes: Uint8Array): { readonly tag: number; readonly value: Uint8Array }[] {
  const found: { tag: number; value: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const more = first < 128 ? 0 : first - 128;
    const length = more === 0 ? first : Buffer.from(bytes).readUIntBE(at + 2, more);
    const from = at + 2 + more;
    found.push({ tag, value: bytes.slice(from, from + length) });
    at = from + length;
  }
  return found;
}

function arcs(oid: string): Uint8Array {
  const [first = 0, second = 0, ...others] = oid.split(".").map(Number);
  const octets = [first * 40 + second];
  for (const arc of others) {
    const groups = [arc & 127];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
      groups.unshift((rest & 127) | 128);
    }
    octets.push(...groups);
  }
  return Uint8Array.from(octets);
}

function dotted(octets: Uint8Array): string {
  const numbers = [Math.floor((octets[0] ?? 0) / 40), (octets[0] ?? 0) % 40];
  let arc = 0;
  for (const octet of octets.slice(1)) {
    arc = arc * 128 + (octet & 127);
    if (octet >= 128) continue;
    numbers.push(arc);
    arc = 0;
  }
  return numbers.join(".");
}
