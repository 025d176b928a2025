import { asciiBytes } from "@passerelle/bytes";
import { chapResponse } from "@passerelle/chap";
import { ipv4Bytes, parseIpv4 } from "@passerelle/net";
import {
  CODE,
  type ControlPacket,
  decodeControlPacket,
  decodeOptions,
  decodePppoe,
  encodeControlPacket,
  encodeOptions,
  encodePppoe,
  PPP_PROTOCOL,
  PPPOE_CODE,
  type PppInput,
  type PppOption,
  TAG,
} from "../src/index.ts";
import { AC } from "./fixtures.ts";

export interface OperatorHabits {
  readonly auth: "none" | "pap" | "chap";
  readonly passwordGood: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

const ADDRESS = ipv4Bytes(parseIpv4("203.0.113.7") ?? (0 as never));
const CHALLENGE = asciiBytes("sixteen octets!!");
const SECRET = asciiBytes("secret");

/**
 * A concentrator without an automaton: it answers what comes, and says its own sentences again until they are
 * answered. It has no code of the machine under test but the codecs.
 */
export class Operator {
  readonly #habits: OperatorHabits;
  #sessionId = 0;
  /** Its own requests that were acknowledged, by protocol. */
  #acknowledged = new Set<number>();
  #weAcknowledged = new Set<number>();
  #accepted = false;
  #isDead = false;

  constructor(habits: OperatorHabits) {
    this.#habits = habits;
  }

  discovery(payload: Uint8Array): readonly PppInput[] {
    const decoded = decodePppoe(payload);
    if (!decoded.ok) throw new Error(`unreadable: ${decoded.error.code}`);
    const { code, tags, sessionId } = decoded.value;
    const echoed = tags.filter(({ type }) => type === TAG.HOST_UNIQ || type === TAG.SERVICE_NAME);
    const answer = (answerCode: number, id: number): readonly PppInput[] => [
      {
        kind: "discovery_frame",
        source: AC,
        payload: encodePppoe({
          code: answerCode,
          sessionId: id,
          tags: [...echoed, { type: TAG.AC_NAME, value: asciiBytes("bras") }],
        }),
      },
    ];
    if (code === PPPOE_CODE.PADI) return answer(PPPOE_CODE.PADO, 0);
    if (code === PPPOE_CODE.PADR) {
      this.#sessionId += 1;
      this.#isDead = false;
      this.#hangUp();
      return answer(PPPOE_CODE.PADS, this.#sessionId);
    }
    if (code === PPPOE_CODE.PADT && sessionId === this.#sessionId) this.#hangUp();
    return [];
  }

  /** It forgets the session without a word: a power cut in the street. */
  die(): void {
    this.#isDead = true;
  }

  packet(protocol: number, payload: Uint8Array): readonly PppInput[] {
    if (this.#isDead) return [];
    const decoded = decodeControlPacket(payload);
    if (!decoded.ok) throw new Error(`unreadable: ${decoded.error.code}`);
    const packet = decoded.value;
    if (protocol === PPP_PROTOCOL.PAP || protocol === PPP_PROTOCOL.CHAP) {
      return this.#authenticated(protocol, packet);
    }
    const refused =
      (protocol === PPP_PROTOCOL.IPCP && !this.#habits.ipv4) ||
      (protocol === PPP_PROTOCOL.IPV6CP && !this.#habits.ipv6);
    if (refused) {
      const data = Uint8Array.of(protocol >>> 8, protocol & 0xff, ...payload);
      return [send(PPP_PROTOCOL.LCP, { code: CODE.PROTOCOL_REJECT, identifier: 1, data })];
    }
    switch (packet.code) {
      case CODE.CONFIGURE_REQUEST:
        return this.#asked(protocol, packet);
      case CODE.CONFIGURE_ACK:
        this.#acknowledged.add(protocol);
        return [];
      case CODE.TERMINATE_REQUEST:
        return [send(protocol, { ...packet, code: CODE.TERMINATE_ACK, data: new Uint8Array(0) })];
      case CODE.ECHO_REQUEST:
        return [send(protocol, { ...packet, code: CODE.ECHO_REPLY })];
      default:
        return [];
    }
  }

  /** What it says by itself, once in a while. */
  speak(): readonly PppInput[] {
    if (this.#sessionId === 0 || this.#isDead) return [];
    if (!this.#isOpen(PPP_PROTOCOL.LCP)) return [this.#request(PPP_PROTOCOL.LCP)];
    if (this.#habits.auth === "chap" && !this.#accepted) {
      const data = Uint8Array.of(CHALLENGE.length, ...CHALLENGE);
      return [send(PPP_PROTOCOL.CHAP, { code: 1, identifier: 9, data })];
    }
    const wanted = [
      ...(this.#habits.ipv4 ? [PPP_PROTOCOL.IPCP] : []),
      ...(this.#habits.ipv6 ? [PPP_PROTOCOL.IPV6CP] : []),
    ];
    return wanted.flatMap((one) => (this.#isOpen(one) ? [] : [this.#request(one)]));
  }

  #isOpen(protocol: number): boolean {
    return this.#acknowledged.has(protocol) && this.#weAcknowledged.has(protocol);
  }

  #hangUp(): void {
    this.#acknowledged = new Set();
    this.#weAcknowledged = new Set();
    this.#accepted = this.#habits.auth === "none";
  }

  #request(protocol: number): PppInput {
    const options: readonly PppOption[] =
      protocol === PPP_PROTOCOL.LCP
        ? AUTHENTICATION[this.#habits.auth]
        : protocol === PPP_PROTOCOL.IPCP
          ? [{ type: 3, data: Uint8Array.of(198, 51, 100, 1) }]
          : [{ type: 1, data: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0xaa) }];
    const data = encodeOptions(options);
    return send(protocol, { code: CODE.CONFIGURE_REQUEST, identifier: 1, data });
  }

  #asked(protocol: number, packet: ControlPacket): readonly PppInput[] {
    // A new request on an open protocol is a new start of it.
    if (this.#isOpen(protocol)) this.#acknowledged.delete(protocol);
    const asked = decodeOptions(packet.data);
    if (!asked.ok) throw new Error(`unreadable: ${asked.error.code}`);
    const asksAddress = asked.value.some(
      ({ type, data }) => type === 3 && data.every((octet) => octet === 0),
    );
    if (protocol === PPP_PROTOCOL.IPCP && asksAddress) {
      const data = encodeOptions([{ type: 3, data: ADDRESS }]);
      return [send(protocol, { ...packet, code: CODE.CONFIGURE_NAK, data })];
    }
    this.#weAcknowledged.add(protocol);
    return [send(protocol, { ...packet, code: CODE.CONFIGURE_ACK })];
  }

  #authenticated(protocol: number, packet: ControlPacket): readonly PppInput[] {
    const { passwordGood } = this.#habits;
    if (protocol === PPP_PROTOCOL.PAP) {
      this.#accepted = passwordGood;
      return [send(protocol, { ...packet, code: passwordGood ? 2 : 3, data: Uint8Array.of(0) })];
    }
    const right = chapResponse(packet.identifier, SECRET, CHALLENGE);
    const given = packet.data.subarray(1, 17);
    if (!right.every((octet, index) => given[index] === octet)) throw new Error("wrong digest");
    this.#accepted = passwordGood;
    return [send(protocol, { ...packet, code: passwordGood ? 3 : 4, data: new Uint8Array(0) })];
  }
}

const AUTHENTICATION: Readonly<Record<OperatorHabits["auth"], readonly PppOption[]>> = {
  none: [],
  pap: [{ type: 3, data: Uint8Array.of(0xc0, 0x23) }],
  chap: [{ type: 3, data: Uint8Array.of(0xc2, 0x23, 5) }],
};

function send(protocol: number, packet: ControlPacket): PppInput {
  return { kind: "packet", protocol, payload: encodeControlPacket(packet) };
}
