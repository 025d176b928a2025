import type { expertEn } from "../en/expert.ts";
import type { TranslationOf } from "../words.ts";

export const expertFr: TranslationOf<typeof expertEn> = {
  "expert.title": "Pour les experts",
  "expert.parts": "Parties de cette page",
  "expert.bus": "Messages internes",
  "expert.api": "API",
  "expert.config": "Configuration",

  "bus.title": "Ce que les parties de la passerelle se disent",
  "bus.text": {
    one: "{n} sujet depuis l’ouverture de cette page. Vous pouvez regarder, et ne changez rien ici.",
    other:
      "{n} sujets depuis l’ouverture de cette page. Vous pouvez regarder, et ne changez rien ici.",
  },
  "bus.waiting": "En attente du premier message…",
  "bus.refused": "Cette session n’a pas le droit de voir les messages.",
  "bus.filter": "Sujets qui contiennent",
  "bus.filter.hint": "Par exemple : wan, ou lan state.",
  "bus.pause": "Pause",
  "bus.resume": "Reprendre",
  "bus.paused": "En pause : ce qui se dit entre-temps n’est pas montré.",
  "bus.count": { one: "{n} message", other: "{n} messages" },
  "bus.none": "Aucun sujet ne contient ces mots.",
  "bus.long": "La valeur est trop longue pour être montrée ici : {size}.",

  "api.title": "Tout ce qu’un programme peut demander à ce boîtier",
  "api.text": {
    one: "{n} opération, d’après le document que le boîtier sert lui-même.",
    other: "{n} opérations, d’après le document que le boîtier sert lui-même.",
  },
  "api.document": "Ouvrir le document OpenAPI",
  "api.search": "Chercher une opération",
  "api.search.hint": "Un chemin, un mot ou un droit, par exemple : hosts, reconnect, admin.",
  "api.none": "Aucune opération ne contient ces mots.",
  "api.access": "Droit nécessaire",
  "api.access.public": "aucun : tout le monde à la maison",
  "api.step_up": "Preuve d’identité",
  "api.step_up.needed": "dans l’heure qui précède",
  "api.parameter": "Paramètre {name}",
  "api.optional": "facultatif",
  "api.body": "Envoie",
  "api.answers": "Répond",
  "api.errors": "Refus",
  "api.curl": "Depuis un terminal",

  "config.title": "Les réglages tels qu’ils sont enregistrés",
  "config.text":
    "Révision {revision}. Les mots de passe et les clés apparaissent en points. Pour en changer un à la main, utilisez la ligne de commande : passerelle config get, set et apply.",
  "config.save": "Enregistrer dans un fichier",
};
