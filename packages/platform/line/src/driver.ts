import type { LineSnapshot, LineSpectrum } from "@passerelle/xdsl";
import { lineFailure } from "./line-error.ts";
import { OneAtATime, type Question } from "./one-at-a-time.ts";
import type { LineDriver } from "./port.ts";

/** What a kind of modem can be asked; what it has not is `unsupported`. */
export interface Questions {
  readonly snapshot: Question<LineSnapshot>;
  readonly spectrum?: Question<LineSpectrum>;
  readonly resync?: Question<void>;
  /** Lets go of what is kept between two questions. */
  readonly close?: () => void;
}

/** A driver of a modem that speaks only when it is asked. */
export function askingDriver({ snapshot, spectrum, resync, close }: Questions): LineDriver {
  const questions = new OneAtATime();
  return {
    abilities: { spectrum: spectrum !== undefined, resync: resync !== undefined, events: false },
    snapshot: () => questions.ask(snapshot),
    spectrum: () => questions.ask(spectrum ?? (async () => NO_SPECTRUM)),
    resync: () => questions.ask(resync ?? (async () => NO_RESYNC)),
    onState: () => {},
    close() {
      questions.close();
      close?.();
    },
  };
}

export const NO_SPECTRUM = lineFailure("unsupported", "this modem tells nothing of its tones");
export const NO_RESYNC = lineFailure("unsupported", "this modem cannot be told to train anew");
