import type { Result } from "@passerelle/result";
import type { LineSnapshot, LineSpectrum, LineState } from "@passerelle/xdsl";
import { NO_RESYNC, NO_SPECTRUM } from "./driver.ts";
import { lineFailure } from "./line-error.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { LineAbilities, LineDriver, LineError, LinePlatform, ModemSettings } from "./port.ts";

/** Modems in memory: a test says what they answer. */
export interface FakeLine extends LinePlatform {
  open(modem: ModemSettings): FakeLineDriver;
  /** Every modem that was opened, in order, closed ones included. */
  readonly drivers: readonly FakeLineDriver[];
}

export interface FakeLineDriver extends LineDriver {
  readonly modem: ModemSettings;
  /** What it answers from now on; a test changes it. */
  readonly answers: FakeAnswers;
  /** How many questions came to the modem, those that `hold` keeps included. */
  readonly asked: Readonly<Record<keyof FakeAnswers, number>>;
  /** How many questions it had before it at one time, at most. */
  readonly busiest: number;
  readonly isClosed: boolean;
  /** The modem speaks by itself. */
  emit(state: LineState, rawState?: string): void;
  /** Questions wait from now on, until `release`. The promise ends when one has come. */
  hold(): Promise<void>;
  release(): void;
}

/** What has no answer is `unsupported`, but a snapshot, which every modem has: it is `unreachable`. */
export interface FakeAnswers {
  snapshot?: Result<LineSnapshot, LineError>;
  spectrum?: Result<LineSpectrum, LineError>;
  resync?: Result<void, LineError>;
}

/** @param answers of every modem that is opened, until a test gives one its own */
export function createFakeLine(answers: FakeAnswers = {}): FakeLine {
  const drivers: FakeLineDriver[] = [];
  return {
    drivers,
    open(modem) {
      const driver = makeDriver(modem, { ...answers });
      drivers.push(driver);
      return driver;
    },
  };
}

function makeDriver(modem: ModemSettings, answers: FakeAnswers): FakeLineDriver {
  const questions = new OneAtATime();
  const asked = { snapshot: 0, spectrum: 0, resync: 0 };
  let held: PromiseWithResolvers<void> | undefined;
  let reached: PromiseWithResolvers<void> | undefined;
  let handler: (state: LineState, rawState: string) => void = () => {};
  let isClosed = false;
  let present = 0;
  let busiest = 0;
  const ask = <T>(
    what: keyof FakeAnswers,
    answer: () => Result<T, LineError>,
  ): Promise<Result<T, LineError>> =>
    questions.ask(async () => {
      asked[what] += 1;
      present += 1;
      busiest = Math.max(busiest, present);
      reached?.resolve();
      await held?.promise;
      present -= 1;
      return answer();
    });
  return {
    modem,
    answers,
    asked,
    get busiest() {
      return busiest;
    },
    get isClosed() {
      return isClosed;
    },
    get abilities(): LineAbilities {
      const { spectrum, resync } = answers;
      return { spectrum: spectrum !== undefined, resync: resync !== undefined, events: true };
    },
    snapshot: () => ask("snapshot", () => answers.snapshot ?? SILENT),
    spectrum: () => ask("spectrum", () => answers.spectrum ?? NO_SPECTRUM),
    resync: () => ask("resync", () => answers.resync ?? NO_RESYNC),
    onState(given) {
      handler = given;
    },
    emit(state, rawState = state) {
      if (!isClosed) handler(state, rawState);
    },
    hold() {
      held ??= Promise.withResolvers();
      reached = Promise.withResolvers();
      return reached.promise;
    },
    release() {
      held?.resolve();
      held = undefined;
    },
    close() {
      isClosed = true;
      questions.close();
    },
  };
}

const SILENT = lineFailure("unreachable", "nobody said what this modem answers");
