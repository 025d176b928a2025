import type { Sentence } from "./language.ts";

/** How a command can end. Scripts read these: a number never changes its meaning. */
export const EXIT = {
  ok: 0,
  refused: 1,
  fault: 2,
  usage: 64,
  unreachable: 69,
  file: 74,
  later: 75,
  denied: 77,
  interrupted: 130,
} as const;

/** For help and docs; from 64 on the numbers are those of sysexits.h. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, Sentence>> = {
  ok: { fr: "fait", en: "done" },
  refused: { fr: "la passerelle dit non", en: "the box says no" },
  fault: { fr: "le diagnostic a trouvé une panne", en: "the diagnosis found a fault" },
  usage: { fr: "commande mal écrite", en: "the command was written wrongly" },
  unreachable: { fr: "la passerelle ne répond pas", en: "the box does not answer" },
  file: {
    fr: "un fichier n'a pas pu être lu ou écrit",
    en: "a file could not be read or written",
  },
  later: { fr: "réessayez plus tard", en: "try again later" },
  denied: { fr: "pas autorisé", en: "not allowed" },
  interrupted: { fr: "interrompu par Ctrl-C", en: "interrupted by Ctrl-C" },
};
