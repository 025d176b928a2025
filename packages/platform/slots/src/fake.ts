import { err, ok, type Result } from "@passerelle/result";
import type { Bundle, Progress, Slot, Slots, SlotsError, SlotsErrorCode } from "./port.ts";

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
  /** The installation goes on by one look; the last of `LOOKS` ends it. */
  finish(): void;
  /** As the boot loader does; `dies` is a system that never marks itself. Answers the slot that boots. */
  boot(options?: { readonly dies?: boolean }): string;
}

const LOOKS = 3;
const TRIES = 3;

interface Own {
  version: string | undefined;
  isWhole: boolean;
  left: number;
}

/** @param compatible the board that it is */
export function createFakeSlots(compatible = "passerelle-test"): FakeSlots {
  const bundles = new Map<string, FakeBundle>();
  const calls: string[] = [];
  const own: Record<"A" | "B", Own> = {
    A: { version: undefined, isWhole: true, left: TRIES },
    B: { version: undefined, isWhole: true, left: TRIES },
  };
  let booted: "A" | "B" = "A";
  let order: readonly ("A" | "B")[] = ["A", "B"];
  let job: { readonly bundle: FakeBundle; looks: number } | undefined;
  let last: Progress = { kind: "idle", percent: 0 };
  const other = (): "A" | "B" => (booted === "A" ? "B" : "A");
  const failed = (code: SlotsErrorCode): SlotsError => ({ code, text: `fake: ${code}` });
  const guarded = <T>(body: () => Result<T, SlotsError>): Promise<Result<T, SlotsError>> =>
    Promise.resolve(fake.fault === undefined ? body() : err(failed(fake.fault)));
  const idle = <T>(body: () => Result<T, SlotsError>) =>
    guarded(() => (job === undefined ? body() : err(failed("busy"))));
  const end = (): void => {
    if (job === undefined) return;
    const { bundle } = job;
    job = undefined;
    if (bundle.breaks !== undefined) {
      last = { kind: "idle", percent: 100, error: failed(bundle.breaks) };
      return;
    }
    own[other()] = { version: bundle.version, isWhole: true, left: TRIES };
    order = [other(), booted];
    last = { kind: "idle", percent: 100 };
  };
  const refusal = (bundle: FakeBundle | undefined): SlotsErrorCode | undefined =>
    bundle === undefined ? "damaged" : bundle.wrong;
  const slot = (name: "A" | "B"): Slot => {
    const { version, isWhole, left } = own[name];
    return {
      name,
      isBooted: name === booted,
      isGood: left > 0,
      ...(version === undefined ? {} : { version, isWhole }),
    };
  };
  const fake: FakeSlots = {
    bundles,
    calls,
    fault: undefined,
    finish: end,
    boot({ dies = false } = {}) {
      // What was being written stays as it is.
      job = undefined;
      last = { kind: "idle", percent: 0 };
      const next = order.find((name) => own[name].left > 0) ?? booted;
      own[next].left -= 1;
      booted = next;
      return dies ? fake.boot({ dies: own[next].left > 0 }) : next;
    },
    status: () => idle(() => ok({ booted, slots: [slot("A"), slot("B")] })),
    inspect: (path) =>
      idle(() => {
        const bundle = bundles.get(path);
        const why = bundle?.wrong === "wrong_board" ? undefined : refusal(bundle);
        if (bundle === undefined || why !== undefined) return err(failed(why ?? "damaged"));
        const { wrong: _, breaks: __, ...said } = bundle;
        return ok(said);
      }),
    install: (path) =>
      idle(() => {
        calls.push("install");
        const bundle = bundles.get(path);
        const mismatch = bundle !== undefined && bundle.compatible !== compatible;
        const why = mismatch ? "wrong_board" : refusal(bundle);
        if (bundle === undefined || why !== undefined) {
          last = { kind: "idle", percent: 100, error: failed(why ?? "damaged") };
          return ok(undefined);
        }
        own[other()] = { version: undefined, isWhole: false, left: 0 };
        job = { bundle, looks: 0 };
        return ok(undefined);
      }),
    progress: () =>
      guarded(() => {
        if (job === undefined) return ok(last);
        job.looks += 1;
        if (job.looks > LOOKS) end();
        return ok(
          job === undefined
            ? last
            : { kind: "installing", percent: job.looks * 25, step: "Copying image" },
        );
      }),
    markGood: () =>
      idle(() => {
        calls.push(`good ${booted}`);
        own[booted].left = TRIES;
        return ok(undefined);
      }),
    activate: (which) =>
      idle(() => {
        const name = which === "booted" ? booted : other();
        calls.push(`active ${name}`);
        own[name].left = TRIES;
        order = name === "A" ? ["A", "B"] : ["B", "A"];
        return ok(undefined);
      }),
  };
  return fake;
}
