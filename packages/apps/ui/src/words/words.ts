import type { en } from "./en.ts";

/** A message, or one for each plural of it, chosen by its number `n`. `{name}` stands for what is filled in. */
export type Message = string | Plural;
export interface Plural {
  readonly one: string;
  readonly other: string;
}

type English = typeof en;
export type Key = keyof English;

/** The same keys in another language, plural where English is: a missing one fails tsc. */
export type TranslationOf<Source> = {
  readonly [K in keyof Source]: Source[K] extends string ? string : Plural;
};
export type Words = TranslationOf<English>;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
type NamesOf<M> = M extends string
  ? NamesIn<M>
  : M extends Plural
    ? "n" | NamesIn<M["other"]>
    : never;

/** What a message wants filled in; nothing for most. */
export type Fill<K extends Key> = [NamesOf<English[K]>] extends [never]
  ? readonly []
  : readonly [
      fill: {
        readonly [Name in NamesOf<English[K]>]: Name extends "n" ? number : string | number;
      },
    ];

/** Messages that stand for themselves. */
export type PlainKey = { [K in Key]: Fill<K> extends readonly [] ? K : never }[Key];

/** Fills `{name}` in; a number goes through `number` so that it looks like one of the language. */
export function fillIn(
  message: Message,
  fill: Readonly<Record<string, string | number>> | undefined,
  plural: (n: number) => string,
  number: (n: number) => string,
): string {
  const count = Number(fill?.n ?? 0);
  const text =
    typeof message === "string" ? message : plural(count) === "one" ? message.one : message.other;
  if (fill === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = fill[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}
