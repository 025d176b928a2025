import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "@passerelle/machine";
import { type Instant, instant } from "@passerelle/time";

/**
 * A scenario is one story in text: a comment that says which sentence of an RFC it holds, lines
 * `at <time> <input words>`, and below `-- expect --` what the machine did, written by
 * UPDATE_GOLDEN=1 and read by a person in review.
 */
export interface ScenarioTeller<State, Input, Effect> {
  readonly machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>;
  /** Turns the words after the time into an input; throws for words it does not know. */
  readonly parseInput: (
    words: readonly string[],
    now: Instant,
    state: State,
  ) => Input | { readonly kind: "timeout" };
  readonly describeEffect: (effect: Effect) => string;
  /** The short name of a state, e.g. its kind. */
  readonly describeState: (state: State) => string;
}

const DIVIDER = "-- expect --";

/** Plays the story above the divider; `timeout` as an input word is fed as such, early or late as told. */
export function playScenario<State, Input, Effect>(
  text: string,
  teller: ScenarioTeller<State, Input, Effect>,
): string {
  const story = text.split(DIVIDER)[0] ?? "";
  let state = teller.machine.initial;
  const told: string[] = [];
  for (const line of story.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (words[0] !== "at") throw new Error(`scenario: a line starts with "at": ${line}`);
    const now = parseTime(words[1] ?? "");
    const rest = words.slice(2);
    const input =
      rest[0] === "timeout" ? { kind: "timeout" as const } : teller.parseInput(rest, now, state);
    const before = teller.describeState(state);
    const step = teller.machine.step(state, input, now);
    state = step.state;
    teller.machine.check(state);
    const after = teller.describeState(state);
    told.push(`${now}ms ${rest.join(" ")}${before === after ? "" : `  [${before} -> ${after}]`}`);
    for (const effect of step.effects) told.push(`  ${teller.describeEffect(effect)}`);
    const deadline = teller.machine.deadline(state);
    if (deadline !== undefined) told.push(`  deadline ${deadline}ms`);
  }
  return `${told.join("\n")}\n`;
}

/** Every `*.scenario` of a folder: name, what it says now and what it should say. Throws where the folder has none. */
export function readScenarios(folder: string): readonly ScenarioFile[] {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((n) => n.endsWith(".scenario"))
    : [];
  if (names.length === 0) throw new Error(`no *.scenario in ${folder}`);
  return names.sort().map((name) => {
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    return { name, path, text, expected: text.split(`${DIVIDER}\n`)[1] ?? "" };
  });
}

export interface ScenarioFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly expected: string;
}

/** With UPDATE_GOLDEN=1 writes what was told into the file; returns what to compare with. */
export function settleScenario(file: ScenarioFile, told: string): string {
  if (process.env.UPDATE_GOLDEN !== "1") return file.expected;
  const story = (file.text.split(DIVIDER)[0] ?? "").trimEnd();
  writeFileSync(file.path, `${story}\n${DIVIDER}\n${told}`);
  return told;
}

function parseTime(text: string): Instant {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new Error(`scenario: a time such as 500ms or 3s, not "${text}"`);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as "ms" | "s" | "m" | "h"];
  return instant(Number(match[1]) * unit);
}
