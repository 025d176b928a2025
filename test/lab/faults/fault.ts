/** One way to break the neighbourhood. A new fault is one more entry of a table. */
export interface Fault {
  readonly usage: string;
  readonly about: string;
  /** Resolves when the fault is on (or over), with a sentence where there is something to say. */
  apply(lab: string, words: readonly string[]): Promise<string | undefined>;
}

/** The word of a fault that is on or off. */
export function onOff([word]: readonly string[]): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  throw new Error(`say "on" or "off"${word === undefined ? "" : `, not "${word}"`}`);
}

/** A number of seconds that a person typed. */
export function seconds(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || !(value >= 0 && value <= 1e9)) {
    throw new Error(`"${word ?? ""}" is no number of seconds`);
  }
  return value;
}
