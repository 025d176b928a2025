import { systemEntropy } from "@passerelle/service";
import { describe, expect, it } from "vitest";
import { loadSections } from "../../packages/apps/passerelle/src/daemons.ts";
import { knownSections } from "../../packages/daemons/config/src/core/document.ts";
import { createFactory } from "../../packages/daemons/config/src/edge/factory.ts";

/** A thousand boxes leave the factory, each as a first start makes it: the program's own sections, the system's entropy. */
const BOXES = 1000;

describe("S-11: the password of the label", async () => {
  const factory = createFactory(knownSections(await loadSections()), systemEntropy(), {});
  const passwords = Array.from({ length: BOXES }, () => {
    const made = factory();
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const section = made.value.web?.value as { readonly labelPassword: string } | undefined;
    return section?.labelPassword ?? "";
  });
  const letters = passwords.join("");
  const alphabet = new Set(letters);

  it("is another one on each box", () => {
    expect(new Set(passwords).size).toBe(BOXES);
  });

  it("has at least 60 bits", () => {
    const shortest = Math.min(...passwords.map(({ length }) => length));
    expect(shortest * Math.log2(alphabet.size)).toBeGreaterThanOrEqual(60);
  });

  it("has every character as often as every other one", () => {
    const expected = letters.length / alphabet.size;
    const counts = [...alphabet].map((one) => letters.split(one).length - 1);
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    const degrees = alphabet.size - 1;
    // Eight standard deviations: a fair draw is beyond in less than one run of ten million.
    expect(chiSquare).toBeLessThan(degrees + 8 * Math.sqrt(2 * degrees));
  });

  it("does not hang on its neighbour on the line, nor on its place in it", () => {
    const pairs = passwords.slice(1).map((password, n) => shared(password, passwords[n] ?? ""));
    expect(Math.max(...pairs)).toBeLessThan(7);
    const starts = new Set(passwords.map((password) => password.slice(0, 4)));
    expect(starts.size).toBeGreaterThan(BOXES * 0.99);
  });
});

/** Length of the longest run of characters that both have. */
function shared(a: string, b: string): number {
  for (let length = Math.min(a.length, b.length); length > 0; length -= 1) {
    for (let at = 0; at + length <= a.length; at += 1)
      if (b.includes(a.slice(at, at + length))) return length;
  }
  return 0;
}
