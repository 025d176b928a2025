import type { Sentence } from "./language.ts";

/** Commands of the composition root, which work on the bus and not through the API: named here for help and completion. */
export const developerCommands: readonly {
  readonly name: string;
  readonly usage: string;
  readonly about: Sentence;
}[] = [
  {
    name: "run",
    usage: "run NAME... [--embedded-broker] | --all [--external-broker]",
    about: {
      fr: "fait tourner ces services dans ce processus",
      en: "runs these daemons in this process",
    },
  },
  {
    name: "bus-config",
    usage: "bus-config DIR [--user NAME] [--board PATH]",
    about: {
      fr: "écrit la configuration de mosquitto",
      en: "writes mosquitto's configuration and access lists",
    },
  },
  {
    name: "watch",
    usage: "watch [TOPIC...]",
    about: {
      fr: "affiche ce qui est publié, une ligne JSON chacun",
      en: "prints what is published, one JSON line each",
    },
  },
  {
    name: "get",
    usage: "get TOPIC",
    about: { fr: "affiche un état", en: "prints one state" },
  },
  {
    name: "call",
    usage: "call COMMAND [JSON]",
    about: {
      fr: "appelle une commande du bus, affiche sa réponse",
      en: "calls a command of the bus, prints its reply",
    },
  },
];
