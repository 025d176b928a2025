/** The languages of the box. */
export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export type Sentence = Readonly<Record<Language, string>>;

type Variables = Readonly<Record<string, string | undefined>>;

/** The flag, else what POSIX says of the environment: LC_ALL over LC_MESSAGES over LANG; English where none says French. */
export function chooseLanguage(flag: string | undefined, env: Variables): Language {
  const word = [flag, env.LC_ALL, env.LC_MESSAGES, env.LANG].find(
    (text) => text !== undefined && text !== "",
  );
  return /^fr(?![a-z])/i.test(word ?? "") ? "fr" : "en";
}
