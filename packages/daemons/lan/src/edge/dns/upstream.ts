import type { SecureContext } from "node:tls";
import {
  EDNS_DO,
  HEADER_BYTES,
  OPT_BYTES,
  Rcode,
  SAFE_UDP_BYTES,
  writePlainOpt,
  writeUint16,
} from "@passerelle/dns";
import { parseIpv4, parseIpv6 } from "@passerelle/net";
import type { Clock } from "@passerelle/service";
import type { DnsUpstreamConfig } from "../../config-dns.ts";
import type { Transport } from "../../core/dns/pending-query.ts";
import {
  afterAnswer,
  afterLoss,
  UNTRIED,
  type UpstreamHealth,
} from "../../core/dns/upstream-health.ts";
import { judgeReply, type ReplyVerdict } from "../../core/dns/upstream-reply.ts";
import type { Randomness } from "./randomness.ts";
import { VARIANT_CD, VARIANT_DO } from "./stored-answer.ts";
import type { DatagramPool } from "./upstream-datagram.ts";
import { HttpsUpstream } from "./upstream-https.ts";
import { StreamUpstream } from "./upstream-stream.ts";
import type { UpstreamAddress, UpstreamTransport } from "./upstream-transport.ts";

export interface UpstreamTools {
  readonly clock: Clock;
  readonly random: Randomness;
  readonly datagrams: DatagramPool;
  /** Trusted authorities of DoT and DoH instead of the built-in ones. */
  readonly secureContext?: SecureContext;
}

/** One upstream resolver: how to reach it, how it fares, what it gets wrong. */
export class Upstream {
  readonly config: DnsUpstreamConfig;
  health: UpstreamHealth = UNTRIED;
  readonly #tools: UpstreamTools;
  readonly #udp: UpstreamAddress | undefined;
  readonly #stream: UpstreamTransport;
  /** Answers that were right over TCP after their case differed over UDP: it folds names. */
  #foldedProofs = 0;
  /** Until when it is asked without EDNS, because it could not read it. */
  #plainUntil = 0;

  /** Undefined where the address is none. */
  static of(config: DnsUpstreamConfig, tools: UpstreamTools): Upstream | undefined {
    const address = parseIpv4(config.address) ?? parseIpv6(config.address);
    return address === undefined ? undefined : new Upstream(config, address, tools);
  }

  private constructor(
    config: DnsUpstreamConfig,
    address: UpstreamAddress["address"],
    tools: UpstreamTools,
  ) {
    this.config = config;
    this.#tools = tools;
    const port = config.port ?? { udp: 53, tls: 853, https: 443 }[config.protocol];
    this.#udp = config.protocol === "udp" ? { address, port } : undefined;
    const { clock, random, secureContext } = tools;
    const trust = secureContext === undefined ? {} : { secureContext };
    const { serverName } = config;
    const common = { address: config.address, port, clock };
    this.#stream =
      config.protocol === "https"
        ? new HttpsUpstream({ ...common, ...trust, serverName, path: config.path ?? "/dns-query" })
        : new StreamUpstream({
            ...common,
            random,
            ...(config.protocol === "tls" ? { tls: { ...trust, serverName } } : {}),
          });
  }

  /** @param question folded octets of the question */
  ask(
    question: Uint8Array,
    variant: number,
    transport: Transport,
    told: (
      verdict: Exclude<ReplyVerdict, { kind: "ignore" }> | { kind: "unreachable" },
      bytes: Uint8Array,
    ) => void,
  ): void {
    const { clock } = this.#tools;
    const sentAt = clock.now();
    const edns = sentAt >= this.#plainUntil;
    const datagram = this.#udp !== undefined && transport === "usual";
    const query = this.#compose(
      question,
      variant,
      edns,
      datagram && this.#foldedProofs < FOLDED_PROOFS_MAX,
    );
    const sent = query.slice(HEADER_BYTES, HEADER_BYTES + question.length);
    const caseSensitive = datagram && this.#foldedProofs < FOLDED_PROOFS_MAX;
    const exchange = {
      query,
      reply: (bytes: Uint8Array): boolean => {
        const verdict = judgeReply(bytes, sent, caseSensitive);
        if (verdict.kind === "ignore") return false;
        this.#learn(verdict, edns, clock.now() - sentAt);
        told(verdict, bytes);
        return true;
      },
      unreachable: (): void => {
        this.health = afterLoss(this.health, clock.now());
        told({ kind: "unreachable" }, NOTHING);
      },
    };
    if (datagram && this.#udp !== undefined) this.#tools.datagrams.send(this.#udp, exchange);
    else this.#stream.send(exchange);
  }

  /** TCP bore out an answer whose case had differed over UDP. */
  provedFolding(): void {
    this.#foldedProofs += 1;
  }

  lost(): void {
    this.health = afterLoss(this.health, this.#tools.clock.now());
  }

  close(): void {
    this.#stream.close();
  }

  #learn(verdict: ReplyVerdict, edns: boolean, rttMs: number): void {
    const now = this.#tools.clock.now();
    if (verdict.kind !== "bad_rcode") {
      this.health = afterAnswer(this.health, rttMs);
      return;
    }
    // RFC 6891 section 7: who does not know OPT says FORMERR; NOTIMP and BADVERS are seen too.
    const misread =
      verdict.rcode === Rcode.FORMERR ||
      verdict.rcode === Rcode.NOTIMP ||
      verdict.rcode === Rcode.BADVERS;
    if (edns && misread) this.#plainUntil = now + PLAIN_MS;
    // SERVFAIL may be the name's fault alone; REFUSED never is.
    if (verdict.rcode === Rcode.REFUSED) this.health = afterLoss(this.health, now);
    else this.health = afterAnswer(this.health, rttMs);
  }

  #compose(question: Uint8Array, variant: number, edns: boolean, mixCase: boolean): Uint8Array {
    const end = HEADER_BYTES + question.length;
    const query = new Uint8Array(end + (edns ? OPT_BYTES : 0));
    query[2] = 0x01;
    // AD asks to be told of validation without DO (RFC 6840 section 5.7).
    query[3] = 0x20 | ((variant & VARIANT_CD) !== 0 ? 0x10 : 0);
    query[5] = 1;
    query.set(question, HEADER_BYTES);
    if (mixCase) this.#tools.random.mixCase(query, HEADER_BYTES, end - 4);
    if (edns) {
      query[11] = 1;
      writePlainOpt(query, end, SAFE_UDP_BYTES, 0, false);
      if ((variant & VARIANT_DO) !== 0) writeUint16(query, end + 7, EDNS_DO);
    }
    return query;
  }
}

const FOLDED_PROOFS_MAX = 3;
const PLAIN_MS = 600_000;
const NOTHING = new Uint8Array(0);
