import { describe, expect, test } from "vitest";
import { helpEn } from "../src/help/en.ts";
import { helpFr } from "../src/help/fr.ts";
import { en } from "../src/words/en.ts";
import { fr } from "../src/words/fr.ts";
import { typeset } from "../src/words/typeset.ts";
import { fillIn, type Message } from "../src/words/words.ts";

const keys = Object.keys(en) as (keyof typeof en)[];
const formsOf = (message: Message): readonly string[] =>
  typeof message === "string" ? [message] : [message.one, message.other];
const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("French and English", () => {
  test("have the same keys", () => {
    expect(Object.keys(fr).sort()).toEqual([...keys].sort());
  });

  test("no message is empty or has blanks around it", () => {
    const wrong = keys.filter((key) => {
      const texts = [...formsOf(en[key]), ...formsOf(fr[key])];
      return texts.some((text) => text.trim() !== text || text === "");
    });
    expect(wrong).toEqual([]);
  });

  test("each form wants the same to be filled in; that of one may say its number as a word", () => {
    const wrong = keys.filter((key) => {
      const wanted = namesIn(formsOf(en[key]).at(-1) ?? "");
      const [last = "", ...ones] = [...formsOf(fr[key])].reverse();
      const rest = wanted.filter((name) => name !== "n").join();
      return (
        namesIn(last).join() !== wanted.join() ||
        [...ones, ...formsOf(en[key]).slice(0, -1)].some(
          (text) =>
            namesIn(text)
              .filter((name) => name !== "n")
              .join() !== rest,
        )
      );
    });
    expect(wrong).toEqual([]);
  });

  test("French has its blank before : ; ! ? and no straight apostrophe", () => {
    const wrong = keys.filter((key) =>
      formsOf(fr[key]).some((text) => /[^\s\u00a0\u202f:/][;!?](\s|$)|\p{L}:(\s|$)|'/u.test(text)),
    );
    expect(wrong).toEqual([]);
  });

  test("the help of each page has as many parts in both", () => {
    for (const [page, parts] of Object.entries(helpEn)) {
      const french = helpFr[page as keyof typeof helpFr];
      expect(french.map((part) => part.text.length)).toEqual(parts.map((part) => part.text.length));
    }
  });
});

describe("fillIn", () => {
  const plural = (n: number): string => new Intl.PluralRules("fr").select(n);
  const number = (n: number): string => new Intl.NumberFormat("fr").format(n);

  test("French counts zero and one alike", () => {
    const message = { one: "{n} appareil", other: "{n} appareils" };
    const said = [0, 1, 2, 1500].map((n) => fillIn(message, { n }, plural, number));
    expect(said).toEqual(["0 appareil", "1 appareil", "2 appareils", "1\u202f500 appareils"]);
  });

  test("what is filled in is never read again", () => {
    expect(fillIn("{a} {b}", { a: "{b}", b: "x" }, plural, number)).toBe("{b} x");
  });

  test("what is not given stays in sight", () => {
    expect(fillIn("{a} {b}", { a: "x" }, plural, number)).toBe("x {b}");
  });
});

test("French lines do not break before high punctuation, nor inside guillemets", () => {
  const text = "Un appareil : « lan1 » ; 5 % vu ! Connu ? Oui.";
  expect(typeset(text, "fr")).toBe(
    "Un appareil\u00a0: «\u00a0lan1\u00a0»\u00a0; 5\u00a0% vu\u00a0! Connu\u00a0? Oui.",
  );
  expect(typeset("a : b ?", "en")).toBe("a : b ?");
});
