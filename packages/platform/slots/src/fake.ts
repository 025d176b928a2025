import { err, ok, type Result } from "@passerelle/result";
import {
  type Bundle,
  type Progress,
  type Slot,
  type Slots,
  type SlotsError,
  type SlotsErrorCode,
  slotsError,
} from "./port.ts";

/** A bundle of the test: what it says, and what is wrong with it. */
export interface FakeBundle extends Bundle {
  readonly wrong?: SlotsErrorCode;
  /** What goes wrong while it is written. */
  readonly breaks?: SlotsErrorCode;
}

/** Two slots in memory, and a boot loader with three tries. */
export interface FakeSlots extends Slots {
  readonly bundles: Map<string, FakeBundle>;
  /** Every call that changes something, oldest first: "install", "good A", "active B". */
  readonly calls: readonly string[];
  /** Every call answers this. */
  fault: SlotsErrorCode | undefined;
  /** The installation that runs ends now. */
  finish(): void;
  /** As the boot loader does, once; answers the slot that it starts. */
  boot(): string;
}

/** @param compatible the board that it is */
export function createFakeSlots(compatible = "passerelle-test"): FakeSlots {
  return new Board(compatible);
}

type Name = "A" | "B";

/** Looks at an installation until it ends. */
const LOOKS = 3;
const TRIES = 3;

class Board implements FakeSlots {
  readonly bundles = new Map<string, FakeBundle>();
  readonly calls: string[] = [];
  fault: SlotsErrorCode | undefined;
  readonly #compatible: string;
  readonly #own: Record<Name, { version: string | undefined; isWhole: boolean; left: number }> = {
    A: { version: undefined, isWhole: true, left: TRIES },
    B: { version: undefined, isWhole: true, left: TRIES },
  };
  #booted: Name = "A";
  #order: readonly Name[] = ["A", "B"];
  #job: { readonly bundle: FakeBundle; looks: number } | undefined;
  #last: Progress = { kind: "idle", percent: 0 };

  constructor(compatible: string) {
    this.#compatible = compatible;
  }

  async status() {
    return this.#idle(() =>
      ok({ booted: this.#booted, slots: [this.#slot("A"), this.#slot("B")] }),
    );
  }

  async inspect(path: string) {
    return this.#idle((): Result<Bundle, SlotsError> => {
      const { wrong, breaks: _, ...said } = this.bundles.get(path) ?? MISSING;
      return wrong === undefined ? ok(said) : err(failed(wrong));
    });
  }

  async install(path: string) {
    return this.#idle((): Result<void, SlotsError> => {
      this.calls.push("install");
      const bundle = this.bundles.get(path) ?? MISSING;
      const isForeign = bundle.wrong === undefined && bundle.compatible !== this.#compatible;
      const wrong = isForeign ? "wrong_board" : bundle.wrong;
      if (wrong !== undefined) {
        this.#last = { kind: "idle", percent: 100, error: failed(wrong) };
        return ok(undefined);
      }
      this.#own[this.#other] = { version: undefined, isWhole: false, left: 0 };
      this.#job = { bundle, looks: 0 };
      return ok(undefined);
    });
  }

  async progress() {
    return this.#guarded((): Result<Progress, SlotsError> => {
      if (this.#job === undefined) return ok(this.#last);
      this.#job.looks += 1;
      const { looks } = this.#job;
      if (looks <= LOOKS) return ok({ kind: "installing", percent: looks * 25, step: "Copying" });
      this.finish();
      return ok(this.#last);
    });
  }

  async markGood() {
    return this.#idle((): Result<void, SlotsError> => {
      this.calls.push(`good ${this.#booted}`);
      this.#own[this.#booted].left = TRIES;
      return ok(undefined);
    });
  }

  async activate(which: "booted" | "other") {
    return this.#idle((): Result<void, SlotsError> => {
      const name = which === "booted" ? this.#booted : this.#other;
      this.calls.push(`active ${name}`);
      this.#own[name].left = TRIES;
      this.#order = name === "A" ? ["A", "B"] : ["B", "A"];
      return ok(undefined);
    });
  }

  finish(): void {
    if (this.#job === undefined) return;
    const { version, breaks } = this.#job.bundle;
    this.#job = undefined;
    this.#last = {
      kind: "idle",
      percent: 100,
      ...(breaks === undefined ? {} : { error: failed(breaks) }),
    };
    if (breaks !== undefined) return;
    this.#own[this.#other] = { version, isWhole: true, left: TRIES };
    this.#order = [this.#other, this.#booted];
  }

  boot(): string {
    // What was being written stays as it is.
    this.#job = undefined;
    this.#last = { kind: "idle", percent: 0 };
    this.#booted = this.#order.find((name) => this.#own[name].left > 0) ?? this.#booted;
    this.#own[this.#booted].left -= 1;
    return this.#booted;
  }

  get #other(): Name {
    return this.#booted === "A" ? "B" : "A";
  }

  #slot(name: Name): Slot {
    const { version, isWhole, left } = this.#own[name];
    return {
      name,
      isBooted: name === this.#booted,
      isGood: left > 0,
      ...(version === undefined ? {} : { version }),
      ...(isWhole && version === undefined ? {} : { isWhole }),
    };
  }

  #guarded<T>(body: () => Result<T, SlotsError>): Result<T, SlotsError> {
    return this.fault === undefined ? body() : err(failed(this.fault));
  }

  #idle<T>(body: () => Result<T, SlotsError>): Result<T, SlotsError> {
    return this.#guarded(() => (this.#job === undefined ? body() : err(failed("busy"))));
  }
}

function failed(code: SlotsErrorCode): SlotsError {
  return slotsError(code, `fake: ${code}`);
}

const MISSING: FakeBundle = { compatible: "", version: "", wrong: "damaged" };
