import { HEADER_BYTES, LOWER } from "@passerelle/dns";
import { type StoredTable, tableOf, WAYS } from "./cache-table.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/**
 * Answers by the octets of their question. Set-associative: a question can stand in `WAYS` places only,
 * so that a look-up costs the same whatever strangers put in, and memory has a fixed end.
 */
export class WireCache {
  #table: StoredTable;
  #count = 0;
  readonly #seed: number;

  /** @param seed secret, so that nobody can aim at one set */
  constructor(entries: number, seed: number) {
    this.#table = tableOf(entries);
    this.#seed = seed | 0;
  }

  get count(): number {
    return this.#count;
  }

  /** @param nameEnd offset after the name of the question; type and class follow */
  hash(message: Uint8Array, at: number, nameEnd: number, variant: number): number {
    let h = this.#seed ^ variant;
    for (let i = at; i < nameEnd; i += 1)
      h = Math.imul(h ^ (LOWER[message[i] as number] as number), PRIME);
    for (let i = nameEnd; i < nameEnd + 4; i += 1) h = Math.imul(h ^ (message[i] as number), PRIME);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    return h ^ (h >>> 13);
  }

  find(
    hash: number,
    message: Uint8Array,
    at: number,
    nameEnd: number,
    variant: number,
  ): StoredAnswer | undefined {
    const { tags, answers, mask } = this.#table;
    const first = (hash & mask) * WAYS;
    for (let way = first; way < first + WAYS; way += 1) {
      if (tags[way] !== hash) continue;
      const answer = answers[way];
      if (
        answer !== undefined &&
        answer.variant === variant &&
        same(answer, message, at, nameEnd)
      ) {
        return answer;
      }
    }
    return undefined;
  }

  /** Puts an answer in the place of the same question, of nothing, or of the one that ends first. */
  put(answer: StoredAnswer): void {
    const { tags, answers, mask } = this.#table;
    if (answers.length === 0 || answer.bytes.length > ANSWER_BYTES_MAX) return;
    const nameEnd = answer.questionEnd - 4;
    const hash = this.hash(answer.bytes, HEADER_BYTES, nameEnd, answer.variant);
    answer.hash = hash;
    const first = (hash & mask) * WAYS;
    let place = first;
    let worst = Number.POSITIVE_INFINITY;
    for (let way = first; way < first + WAYS; way += 1) {
      const old = answers[way];
      if (old !== undefined && tags[way] === hash && old.variant === answer.variant) {
        if (same(old, answer.bytes, HEADER_BYTES, nameEnd)) {
          answers[way] = answer;
          return;
        }
      }
      const value = old === undefined ? Number.NEGATIVE_INFINITY : old.expiresAt;
      if (value < worst) {
        worst = value;
        place = way;
      }
    }
    if (answers[place] === undefined) this.#count += 1;
    answers[place] = answer;
    tags[place] = hash;
  }

  /** Forgets what `which` says true for; the number forgotten. */
  drop(which: (answer: StoredAnswer) => boolean): number {
    const { tags, answers } = this.#table;
    let dropped = 0;
    for (const [place, answer] of answers.entries()) {
      if (answer === undefined || !which(answer)) continue;
      answers[place] = undefined;
      tags[place] = 0;
      dropped += 1;
    }
    this.#count -= dropped;
    return dropped;
  }

  /** Forgets everything and starts with another size. */
  resize(entries: number): void {
    this.#table = tableOf(entries);
    this.#count = 0;
  }
}

const PRIME = 0x01000193;
/** Larger answers are rare, and a flood of them must not fill the memory. */
const ANSWER_BYTES_MAX = 4096;

function same(answer: StoredAnswer, message: Uint8Array, at: number, nameEnd: number): boolean {
  const { bytes } = answer;
  if (answer.questionEnd - HEADER_BYTES !== nameEnd + 4 - at) return false;
  const shift = HEADER_BYTES - at;
  for (let i = at; i < nameEnd; i += 1) {
    if (bytes[i + shift] !== LOWER[message[i] as number]) return false;
  }
  for (let i = nameEnd; i < nameEnd + 4; i += 1) if (bytes[i + shift] !== message[i]) return false;
  return true;
}
