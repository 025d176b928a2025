import { signal } from "@preact/signals";
import { typeset } from "./typeset.ts";
import { type Fill, fillIn, type Key, type Words } from "./words.ts";

export type { Key, PlainKey } from "./words.ts";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A sentence of the API, in both languages of the box. */
export interface Sentence {
  readonly fr: string;
  readonly en: string;
}

const REMEMBERED = "passerelle.language";

const loaders: Readonly<Record<Language, () => Promise<Words>>> = {
  fr: async () => (await import("./fr.ts")).fr,
  en: async () => (await import("./en.ts")).en,
};

interface Speech {
  readonly language: Language;
  /** With its country, for Intl. */
  readonly tag: string;
  readonly words: Words;
  readonly plurals: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

const speech = signal<Speech | undefined>(undefined);

/** Loads the words and speaks them from then on. */
export async function speak(language: Language, remember = false): Promise<void> {
  const words = await loaders[language]();
  // "en-GB" writes hours otherwise than "en-US": the browser knows which English its person speaks.
  const tag = navigator.languages.find((one) => one.toLowerCase().startsWith(language)) ?? language;
  document.documentElement.lang = language;
  if (remember) localStorage.setItem(REMEMBERED, language);
  speech.value = {
    language,
    tag,
    words,
    plurals: new Intl.PluralRules(tag),
    numbers: new Intl.NumberFormat(tag),
  };
}

/** What was chosen here before, else what the browser speaks, else English. */
export function firstLanguage(): Language {
  const wanted = [localStorage.getItem(REMEMBERED), ...navigator.languages];
  for (const tag of wanted) {
    const language = LANGUAGES.find((one) => tag?.toLowerCase().startsWith(one));
    if (language !== undefined) return language;
  }
  return "en";
}

/** A message in the language of the page; what reads it is drawn again when the language changes. */
export function t<K extends Key>(key: K, ...fill: Fill<K>): string {
  const now = spoken();
  const text = fillIn(
    now.words[key],
    fill[0],
    (n) => now.plurals.select(n),
    (n) => now.numbers.format(n),
  );
  return typeset(text, now.language);
}

export function say(sentence: Sentence): string {
  const now = spoken().language;
  return typeset(sentence[now], now);
}

export function language(): Language {
  return spoken().language;
}

/** For Intl: the language with its country. */
export function languageTag(): string {
  return spoken().tag;
}

function spoken(): Speech {
  if (speech.value === undefined) throw new Error("invariant: words are loaded before the page");
  return speech.value;
}
