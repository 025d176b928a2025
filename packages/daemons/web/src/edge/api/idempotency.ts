import type { Clock } from "@passerelle/service";
import { type Instant, minutes } from "@passerelle/time";

/** What is kept of an answer, to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Remembers the answers of POST by the caller's key, so that a program that lost one can ask again. */
export interface Idempotency {
  /** Runs `answer` once a key; "reused" where the key belongs to another request. */
  once(
    key: string,
    fingerprint: string,
    answer: () => Promise<KeptAnswer>,
  ): Promise<KeptAnswer> | "reused";
  readonly size: number;
}

interface Entry {
  readonly at: Instant;
  readonly fingerprint: string;
  readonly answer: Promise<KeptAnswer>;
  length: number;
}

export function createIdempotency(clock: Clock): Idempotency {
  // A Map keeps the order of insertion: the first is the oldest.
  const entries = new Map<string, Entry>();
  const forgetOld = () => {
    let total = 0;
    for (const entry of entries.values()) total += entry.length;
    for (const [key, entry] of entries) {
      const isOld = clock.now() - entry.at >= KEPT_FOR;
      if (!isOld && entries.size < ENTRIES_MAX && total <= CHARACTERS_MAX) return;
      entries.delete(key);
      total -= entry.length;
    }
  };
  return {
    once(key, fingerprint, answer) {
      forgetOld();
      const known = entries.get(key);
      if (known !== undefined) return known.fingerprint === fingerprint ? known.answer : "reused";
      const entry: Entry = { at: clock.now(), fingerprint, answer: answer(), length: 0 };
      entries.set(key, entry);
      const drop = () => {
        if (entries.get(key) === entry) entries.delete(key);
      };
      entry.answer.then((kept) => {
        entry.length = kept.body.length;
        // A box that was not able to answer may be asked again; so may one whose answer is too long to be kept.
        if (kept.status >= 500 || kept.status === 429 || entry.length > ANSWER_CHARACTERS_MAX)
          drop();
      }, drop);
      return entry.answer;
    },
    get size() {
      return entries.size;
    },
  };
}

const KEPT_FOR = minutes(10);
const ENTRIES_MAX = 256;
const ANSWER_CHARACTERS_MAX = 65_536;
const CHARACTERS_MAX = 1_048_576;
