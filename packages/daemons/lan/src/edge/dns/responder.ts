import {
  HEADER_BYTES,
  MESSAGE_BYTES_MAX,
  PLAIN_UDP_BYTES,
  Rcode,
  SAFE_UDP_BYTES,
} from "@passerelle/dns";
import type { Clock, Logger } from "@passerelle/service";
import type { Instant } from "@passerelle/time";
import { type ClientQuery, readIncoming } from "../../core/dns/incoming.ts";
import { judge, LOCAL_TTL_SECONDS, type Policy, type Verdict } from "../../core/dns/verdict.ts";
import type { DnsCounters } from "./counters.ts";
import { answerFromCache } from "./hot-path.ts";
import { errorReply, questionBytes, storeHouse } from "./house-answer.ts";
import type { Resolver } from "./resolver.ts";
import { type StoredAnswer, VARIANT_CD, VARIANT_DO } from "./stored-answer.ts";
import type { WireCache } from "./wire-cache.ts";

/** Who asked, for limits and the log, and how to answer them. */
export interface Client {
  /** Address: Ipv4 as a number, Ipv6 as text. */
  readonly id: string | number;
  readonly stream: boolean;
  readonly reply: (bytes: Uint8Array) => void;
}

/** Answers queries: the short way from the cache, the long way through every check. */
export class Responder {
  policy: Policy;
  queryLog = false;
  /** Answers of the house ever put into the cache. */
  house = 0;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #cache: WireCache;
  readonly #resolver: Resolver;
  readonly #counters: DnsCounters;
  readonly #scratch = new Uint8Array(MESSAGE_BYTES_MAX);

  constructor(options: {
    clock: Clock;
    log: Logger;
    cache: WireCache;
    resolver: Resolver;
    counters: DnsCounters;
    policy: Policy;
  }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#cache = options.cache;
    this.#resolver = options.resolver;
    this.#counters = options.counters;
    this.policy = options.policy;
  }

  /** The short way: the length written at `outAt`, or 0 where `handle` must take the query. */
  fast(
    bytes: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    stream: boolean,
    now: Instant,
  ): number {
    if (this.queryLog) return 0;
    const sizeMax = stream ? MESSAGE_BYTES_MAX : SAFE_UDP_BYTES;
    return answerFromCache(this.#cache, bytes, at, length, out, outAt, sizeMax, stream, now);
  }

  /** The long way. `bytes` must be the caller's no longer: it is kept until the answer is there. */
  handle(bytes: Uint8Array, client: Client): void {
    try {
      this.#handle(bytes, client);
    } catch (thrown) {
      // One message must never stop the service for everybody (security R-21); counted, and in the log once each.
      this.#counters.internalErrors += 1;
      this.#log.error("dns: a query could not be handled", { error: String(thrown) });
    }
  }

  #handle(bytes: Uint8Array, client: Client): void {
    const incoming = readIncoming(bytes);
    if (incoming.kind === "drop") {
      this.#counters.malformed += 1;
      return;
    }
    if (incoming.kind === "error") {
      this.#counters.malformed += 1;
      client.reply(errorReply(bytes, incoming));
      return;
    }
    const { query } = incoming;
    const verdict = judge(query, this.policy);
    if (this.queryLog) {
      const outcome = verdict.kind === "forward" ? "forward" : verdict.why;
      this.#log.info("dns: query", {
        client: client.id,
        name: query.name,
        type: query.type,
        outcome,
      });
    }
    if (verdict.kind === "answer") this.#answerHere(bytes, query, verdict, client);
    else this.#forward(bytes, query, client);
  }

  #answerHere(
    bytes: Uint8Array,
    query: ClientQuery,
    verdict: Extract<Verdict, { kind: "answer" }>,
    client: Client,
  ): void {
    this.#counters[verdict.why] += 1;
    const answer = storeHouse({
      name: query.name,
      type: query.type,
      class: query.class,
      variant: variantOf(query),
      rcode: verdict.rcode,
      authoritative: verdict.authoritative,
      answers: verdict.answers,
      authorities: verdict.authorities,
      ttlSeconds: LOCAL_TTL_SECONDS,
      now: this.#clock.now(),
    });
    // A refusal depends on more than the question (RD), so it is made anew each time.
    if (verdict.why !== "refused") {
      this.#cache.put(answer);
      this.house += 1;
    }
    this.#send(answer, bytes, query, client);
  }

  #forward(bytes: Uint8Array, query: ClientQuery, client: Client): void {
    const variant = variantOf(query);
    const nameEnd = query.questionEnd - 4;
    const hash = this.#cache.hash(bytes, HEADER_BYTES, nameEnd, variant);
    const known = this.#cache.find(hash, bytes, HEADER_BYTES, nameEnd, variant);
    if (known !== undefined && this.#clock.now() < known.expiresAt) {
      this.#counters.cacheHits += 1;
      this.#send(known, bytes, query, client);
      return;
    }
    this.#counters.cacheMisses += 1;
    const question = questionBytes(bytes, query);
    const taken = this.#resolver.resolve(question, variant, client.id, known, (answer) => {
      if (answer === undefined) this.#fail(bytes, query, client);
      else this.#send(answer, bytes, query, client);
    });
    if (taken) return;
    this.#counters.overLimit += 1;
    this.#fail(bytes, query, client);
  }

  #fail(bytes: Uint8Array, query: ClientQuery, client: Client): void {
    this.#counters.servfail += 1;
    const { questionEnd } = query;
    client.reply(
      errorReply(bytes, { rcode: Rcode.SERVFAIL, questionEnd, edns: query.edns !== undefined }),
    );
  }

  #send(answer: StoredAnswer, bytes: Uint8Array, query: ClientQuery, client: Client): void {
    const { edns } = query;
    const asked = Math.min(Math.max(edns?.udpBytes ?? 0, PLAIN_UDP_BYTES), SAFE_UDP_BYTES);
    const limit = client.stream ? MESSAGE_BYTES_MAX : asked;
    const out = this.#scratch;
    const now = this.#clock.now();
    const length = answer.write(
      out,
      0,
      limit,
      bytes,
      0,
      query.wantsAuthenticData,
      edns !== undefined,
      now,
    );
    // The cache holds answers to RD; who did not ask for recursion gets its own flag back.
    if (!query.recursionDesired) out[2] = (out[2] ?? 0) & ~0x01;
    client.reply(out.slice(0, length));
  }
}

function variantOf(query: ClientQuery): number {
  return (
    (query.edns?.dnssecOk === true ? VARIANT_DO : 0) | (query.checkingDisabled ? VARIANT_CD : 0)
  );
}
