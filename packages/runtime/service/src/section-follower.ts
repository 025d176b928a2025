import type { Bus, Subscription } from "@passerelle/bus-client";
import { appliedState, configRead, configState, type Section } from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import { milliseconds, seconds, shorter } from "@passerelle/time";
import * as v from "valibot";
import type { Clock, Logger } from "./port.ts";
import type { SectionCache, SectionRevision } from "./section-cache.ts";

/** How long a starting service waits for `config` before it takes the section it ran last. */
const CACHE_AFTER = seconds(2);
const RETRY_AFTER = seconds(1);
/**
 * What was refused is tried again while it is the newest: a board that starts is late with everything, and would
 * live with the settings of before for ever. The wait doubles up to the longest.
 */
const REFUSED_AGAIN = seconds(10);
const REFUSED_AGAIN_MAX = seconds(300);

export interface FollowerOptions<Config> {
  readonly section: Section<Config>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly cache: SectionCache<Config>;
  /** Starts with the first section, reconfigures with the later ones. One at a time. */
  readonly apply: (config: Config) => Promise<Result<void, Fault>>;
  /** `apply` threw: a bug. */
  readonly fatal: (error: unknown) => void;
}

/**
 * Keeps a service on its newest section: reads it from `config` whenever its digest changes, says on the
 * bus what runs or why the newest is refused, and keeps the last good one for a start without `config`. What was
 * refused is tried again from time to time.
 */
export class SectionFollower<Config> {
  readonly #options: FollowerOptions<Config>;
  /** Digest that `config` announces; what we last read; what runs. */
  #wanted: string | undefined;
  #read: string | undefined;
  #hasRun = false;
  #isReading = false;
  #isClosed = false;
  #outcome: { readonly digest: string; readonly result: AppliedResult } | undefined;
  #refusals = 0;
  #applying: Promise<void> = Promise.resolve();
  #subscription: Subscription | undefined;
  readonly #timers = new Set<{ cancel(): void }>();
  readonly #complained = new Set<string>();

  constructor(options: FollowerOptions<Config>) {
    this.#options = options;
  }

  open(): void {
    const { bus, section } = this.#options;
    this.#subscription = bus.subscribe(configState, ({ revision, digests }) => {
      const digest = digests[section.name];
      if (digest === undefined) return;
      this.#wanted = digest;
      // A revision that changed other sections only: we run it already.
      if (this.#outcome?.digest === digest) this.#report(revision, digest, this.#outcome.result);
      void this.#catchUp();
    });
    this.#later(CACHE_AFTER, () => this.#useCache());
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.close();
    for (const timer of this.#timers) timer.cancel();
  }

  async #catchUp(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { bus, section } = this.#options;
    while (!this.#isClosed && this.#wanted !== undefined && this.#wanted !== this.#read) {
      const announced = this.#wanted;
      const reply = await bus.request(configRead[section.name], {});
      if (!reply.ok) {
        this.#complain("section_not_read", reply.fault.code);
        await this.#pause();
        continue;
      }
      const { revision, digest, value } = reply.data;
      // What we read may be newer than what was announced; its announcement is on its way.
      if (this.#wanted === announced) this.#wanted = digest;
      if (this.#outcome?.digest !== digest) this.#refusals = 0;
      this.#read = digest;
      await this.#take(revision, digest, value);
    }
    this.#isReading = false;
  }

  async #take(revision: number, digest: string, value: unknown): Promise<void> {
    const { section, log } = this.#options;
    const parsed = v.safeParse(section.schema, value);
    if (parsed.success) {
      await this.#run({ revision, digest, config: parsed.output }, true);
      return;
    }
    const where = parsed.issues.slice(0, 8).map((issue) => v.getDotPath(issue) ?? "(root)");
    log.error("section_invalid", { revision, where });
    const fault: Fault = { ...SECTION_INVALID, raw: where.join("; ").slice(0, 2000) };
    this.#report(revision, digest, { kind: "refused", fault });
  }

  /** One after the other: a service is never started or reconfigured while it is at it. */
  #run(taken: SectionRevision<Config>, isFresh: boolean): Promise<void> {
    this.#applying = this.#applying.then(async () => {
      const { apply, cache, fatal, log } = this.#options;
      // Closed while the section was on its way.
      if (this.#isClosed) return;
      const { revision, digest } = taken;
      try {
        this.#hasRun = true;
        const result = await apply(taken.config);
        if (result.ok) {
          log.info("section_running", { revision, source: isFresh ? "config" : "cache" });
          if (isFresh) cache.write(taken);
          // Why the newest is refused matters more than that an older one runs.
          const isRefusing = !isFresh && this.#outcome?.result.kind === "refused";
          if (!isRefusing) this.#report(revision, digest, { kind: "running" });
        } else {
          log.warn("section_refused", { revision, code: result.error.code });
          this.#report(revision, digest, { kind: "refused", fault: result.error });
          if (isFresh) this.#tryAgain(digest);
        }
      } catch (error) {
        fatal(error);
      }
    });
    return this.#applying;
  }

  #tryAgain(digest: string): void {
    const wait = shorter(milliseconds(REFUSED_AGAIN * 2 ** this.#refusals), REFUSED_AGAIN_MAX);
    this.#refusals += 1;
    this.#later(wait, () => {
      // Another revision took its place meanwhile.
      if (this.#wanted !== digest || this.#read !== digest) return;
      this.#read = undefined;
      void this.#catchUp();
    });
  }

  #useCache(): void {
    if (this.#hasRun) return;
    const cached = this.#options.cache.read();
    if (cached === undefined) {
      this.#complain("waiting_for_section", "neither config nor a section of an earlier run");
      return;
    }
    // The same digest announced later is what runs already.
    this.#read ??= cached.digest;
    void this.#run(cached, false);
  }

  #report(revision: number, digest: string, result: AppliedResult): void {
    if (this.#isClosed) return;
    this.#outcome = { digest, result };
    const { bus, section } = this.#options;
    bus.publish(appliedState[section.name], { revision, digest, result });
  }

  #complain(message: string, reason: string): void {
    if (this.#complained.has(reason)) return;
    this.#complained.add(reason);
    this.#options.log.warn(message, { reason });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#later(RETRY_AFTER, resolve));
  }

  #later(wait: Parameters<Clock["later"]>[0], callback: () => void): void {
    const timer = this.#options.clock.later(wait, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }
}

type AppliedResult =
  | { readonly kind: "running" }
  | { readonly kind: "refused"; readonly fault: Fault };

const SECTION_INVALID: Fault = {
  code: "section_invalid",
  text: {
    fr: "Ce service ne comprend pas sa configuration ; il garde la précédente.",
    en: "This service does not understand its configuration; it keeps the previous one.",
  },
};
