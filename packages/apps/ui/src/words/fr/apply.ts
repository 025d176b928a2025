import type { applyEn } from "../en/apply.ts";
import type { TranslationOf } from "../words.ts";

export const applyFr: TranslationOf<typeof applyEn> = {
  "apply.planning": "Calcul de ce que cela changerait…",
  "apply.impact": "Ce que cela fait",
  "apply.no_impact": "Personne à la maison ne remarquera rien.",
  "apply.no_change": "Rien ne changerait.",
  "apply.differences": { one: "{n} réglage change", other: "{n} réglages changent" },
  "apply.before": "Avant",
  "apply.after": "Après",
  "apply.no_difference": "Aucune différence.",
  "apply.problems": "C’est impossible",
  "apply.go": "Appliquer",
  "apply.applying": "La passerelle fait le changement…",
  "apply.done": "C’est fait. Le changement est en vigueur.",
  "apply.undo": "Revenir en arrière",
  "apply.undoing": "La passerelle revient en arrière…",
  "apply.undone": "La passerelle est comme avant.",
  "apply.taken_back":
    "Personne n’a gardé le changement à temps : la passerelle est revenue en arrière.",
  "apply.failed": "Cela n’a pas marché",
  "apply.probation": "Tout marche encore ?",
  "apply.probation.text":
    "Ce changement aurait pu vous couper de la passerelle. Sans votre accord, elle revient d’elle-même en arrière.",
  "apply.probation.left": { one: "encore {n} seconde", other: "encore {n} secondes" },
  "apply.keep": "Garder le changement",
  "apply.keeping": "Un instant…",
  "apply.take_back": "Revenir en arrière maintenant",
  "apply.probing": "Recherche de la passerelle à {addresses}…",
  "apply.answers": "La passerelle répond à {address}.",
  "apply.open_new": "Ouvrir la passerelle à {address}",
  "apply.open_new.text":
    "Si cette page reste muette, ouvrez la passerelle à sa nouvelle adresse : le changement y sera gardé.",
  "apply.kept_elsewhere": "Le changement est gardé.",
  "severity.none": "Sans interruption",
  "severity.short_interruption": "Courte interruption",
  "severity.devices_reconnect": "Les appareils se reconnectent",
  "severity.may_cut_you_off": "Peut vous couper",
};
