import type { Machine } from "@passerelle/machine";
import type { Instant } from "@passerelle/time";

/**
 * Every state meets every input: one line each, so that nothing happens that nobody looked at.
 * Compare the text with a file snapshot; a person reads its diff in review.
 */
export function transitionTable<State, Input, Effect>(options: {
  readonly machine: Machine<State, Input, Effect>;
  /** One example (or several) of each state, by name. */
  readonly states: Readonly<Record<string, State>>;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly now: Instant;
  readonly describeState: (state: State) => string;
  readonly describeEffect: (effect: Effect) => string;
}): string {
  const stateNames = Object.keys(options.states);
  const inputNames = Object.keys(options.inputs);
  if (stateNames.length === 0 || inputNames.length === 0)
    throw new Error("an empty table proves nothing");
  const stateWidth = Math.max(...stateNames.map((name) => name.length));
  const inputWidth = Math.max(...inputNames.map((name) => name.length));
  const lines: string[] = [];
  for (const stateName of stateNames) {
    for (const inputName of inputNames) {
      const before = options.states[stateName] as State;
      const step = options.machine.step(before, options.inputs[inputName] as Input, options.now);
      options.machine.check(step.state);
      const to = options.describeState(step.state);
      const effects = step.effects.map(options.describeEffect).join(" ");
      const outcome =
        step.state === before && step.effects.length === 0
          ? "(ignored)"
          : `${to === options.describeState(before) ? "(stays)" : `-> ${to}`}  ${effects}`.trimEnd();
      lines.push(`${stateName.padEnd(stateWidth)}  ${inputName.padEnd(inputWidth)}  ${outcome}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
