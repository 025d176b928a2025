import type { Sentence } from "@passerelle/result";
import type { JobStep } from "./input.ts";

/** The words of an assistant: each looks at one thing after the other and says of each how it is. */

/** A fault as the bus carries it. */
export interface Trouble {
  readonly code: string;
  readonly text: Sentence;
  readonly next?: Sentence | undefined;
}

export function said(
  code: string,
  verdict: JobStep["verdict"],
  text: Sentence,
  next?: Sentence,
): JobStep {
  return {
    code,
    verdict,
    text: { ...text },
    ...(next === undefined ? {} : { next: { ...next } }),
  };
}

/** In the words of the daemon whose fault it is. */
export function faulty(code: string, fault: Omit<Trouble, "code">): JobStep {
  return said(code, "fault", fault.text, fault.next);
}

/** Not looked at, because it could not tell anything. */
export function skipped(code: string, text: Sentence = NOT_TRIED): JobStep {
  return said(code, "skipped", text);
}

/** The first fault explains what comes after it; without one, the first warning. */
export function conclude(steps: readonly JobStep[], allWell: Sentence, next?: Sentence): JobStep {
  const cause =
    steps.find((step) => step.verdict === "fault") ??
    steps.find((step) => step.verdict === "warning");
  return cause === undefined
    ? said("conclusion", "ok", allWell, next)
    : said("conclusion", cause.verdict, cause.text, cause.next);
}

const NOT_TRIED: Sentence = {
  fr: "Non testé : il faut d’abord résoudre ce qui précède.",
  en: "Not tried: what comes before has to be solved first.",
};
