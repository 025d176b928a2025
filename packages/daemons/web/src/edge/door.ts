import type { Driver, ServiceContext } from "@passerelle/service";
import type { WebConfig } from "../config.ts";
import { waitOf } from "../core/attempts.ts";
import type { Answer, Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { aged, type Book, type DoorState } from "../core/state.ts";
import { doorMachine } from "../core/step.ts";
import { type DoorStore, openDoorStore } from "./door-store.ts";
import type { AttemptCounter, Audit } from "./port.ts";

/** An answer, and whether what it rests on is on the disk. */
export interface Settled {
  readonly answer: Answer;
  readonly isSaved: boolean;
}

export interface Judgement {
  readonly right: boolean;
  /** Of the new password, where the guess was for changing it. */
  readonly passwordHash?: string;
}
export type Judge = () => Promise<Judgement>;

export interface DoorOptions {
  readonly context: ServiceContext<WebConfig>;
  readonly audit: Audit;
  readonly changed: (what: "sessions" | "apps") => void;
}

/** Runs the machine of the door and keeps its book on the disk. */
export class DoorKeeper {
  readonly store: DoorStore;
  readonly attempts: AttemptCounter;
  readonly #options: DoorOptions;
  readonly #driver: Driver<DoorState, Input>;
  /** Who waits for an answer, by the number of the request. */
  readonly #waiting = new Map<number, (settled: Settled) => void>();
  readonly #judges = new Map<number, Judge>();
  readonly #hashes = new Map<number, string>();
  #requests = 0;
  /** Goes to the disk with the next save. */
  #newHash: string | undefined;
  /** Whether the last save of this step is on the disk. */
  #isSaved = true;

  constructor(options: DoorOptions) {
    const { clock, log, stateDirectory, drive } = options.context;
    this.#options = options;
    this.store = openDoorStore(stateDirectory, clock, log);
    this.#driver = drive(doorMachine(this.store.load()), {
      name: "door",
      run: (effect) => this.#run(effect),
      redact,
    });
    this.attempts = {
      check: (source) => {
        const wait = waitOf(this.#driver.state.book.attempts, source, clock.now());
        return wait > 0 ? Math.ceil(wait / 1000) : undefined;
      },
      fail: (source) => this.#driver.input({ kind: "failed", source }),
    };
  }

  /** As it is now: nothing in it is over. */
  book(): Book {
    return aged(this.#driver.state.book, this.#options.context.clock.now());
  }

  /** Feeds an input that is answered. */
  ask(make: (request: number) => Input): Promise<Settled> {
    this.#requests += 1;
    const request = this.#requests;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#driver.input(make(request));
    });
  }

  /** Feeds a guess; `judge` runs when it is its turn. */
  guess(make: (request: number) => Input, judge: Judge): Promise<Settled> {
    return this.ask((request) => {
      this.#judges.set(request, judge);
      return make(request);
    });
  }

  seen(session: string): void {
    this.#driver.input({ kind: "seen", session });
  }

  buttonPressed(): void {
    this.#driver.input({ kind: "button" });
  }

  dump(): unknown {
    const { kind, book } = this.#driver.state;
    const { sessions, apps, attempts } = book;
    return { kind, sessions: sessions.size, apps: apps.size, failures: attempts.all.count };
  }

  close(): void {
    this.#driver.stop();
    for (const tell of this.#waiting.values()) tell({ answer: { kind: "unknown" }, isSaved: true });
    this.#waiting.clear();
    this.store.close();
  }

  #run(effect: Effect): void {
    switch (effect.kind) {
      case "judge":
        void this.#judge(effect.request);
        return;
      case "set_password":
        this.#newHash = this.#hashes.get(effect.request);
        return;
      case "save":
        this.#isSaved = this.store.save(this.#driver.state.book, this.#newHash);
        this.#newHash = undefined;
        return;
      case "answer":
        this.#answer(effect.request, effect.answer);
        return;
      case "audit":
        this.#options.audit(effect.event);
        return;
      case "changed":
        this.#options.changed(effect.what);
        return;
    }
  }

  async #judge(request: number): Promise<void> {
    let judgement: Judgement = { right: false };
    try {
      judgement = (await this.#judges.get(request)?.()) ?? judgement;
    } catch (error) {
      this.#options.context.log.error("guess_not_judged", { error });
    }
    const { right, passwordHash } = judgement;
    if (passwordHash !== undefined) this.#hashes.set(request, passwordHash);
    this.#driver.input({ kind: "judged", request, right });
    this.#hashes.delete(request);
  }

  #answer(request: number, answer: Answer): void {
    const tell = this.#waiting.get(request);
    this.#waiting.delete(request);
    this.#judges.delete(request);
    tell?.({ answer, isSaved: this.#isSaved });
    this.#isSaved = true;
  }
}

/** No secret comes in an input; but hashes of tokens are nobody's business either. */
function redact(input: { readonly kind: string }): unknown {
  return JSON.parse(
    JSON.stringify(input, (key, value: unknown) => (key === "tokenHash" ? "•••" : value)),
  );
}
