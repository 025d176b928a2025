export interface Fault {
  readonly usage: string;
  readonly about: string;
  apply(lab: string, words: readonly string[]): Promise<string | undefined>;
}
export const FAULTS: Readonly<Record<string, Fault>> = {};
export function listFaults(): string { return ""; }
