import type { Fault } from "@passerelle/result";

/** Why the bus gave no answer. The codes are stable. */
export const busFaults = {
  timeout: {
    code: "bus_timeout",
    text: {
      fr: "Le service interrogé n’a pas répondu à temps.",
      en: "The service did not answer in time.",
    },
    next: { fr: "Réessayez dans un instant.", en: "Try again in a moment." },
  },
  away: {
    code: "bus_away",
    text: {
      fr: "La messagerie interne de la box est arrêtée.",
      en: "The gateway's internal messaging is down.",
    },
    next: { fr: "Réessayez dans un instant.", en: "Try again in a moment." },
  },
  notReached: {
    code: "bus_not_reached",
    text: {
      fr: "La messagerie interne de la box n’a pas pu être jointe.",
      en: "The gateway's internal messaging could not be reached.",
    },
    next: {
      fr: "Vérifiez que passerelle-broker tourne et que ce compte peut ouvrir sa prise, puis réessayez.",
      en: "Check that passerelle-broker runs and that this account may open its socket, then try again.",
    },
  },
  busy: {
    code: "bus_busy",
    text: {
      fr: "Trop de demandes sont en cours.",
      en: "Too many requests are waiting.",
    },
    next: { fr: "Réessayez dans un instant.", en: "Try again in a moment." },
  },
  denied: {
    code: "bus_denied",
    text: {
      fr: "Ce service n’a pas le droit de faire cette demande.",
      en: "This service may not make this request.",
    },
  },
  tooBig: {
    code: "bus_too_big",
    text: {
      fr: "La demande ou la réponse dépasse la taille permise.",
      en: "The request or the answer is larger than allowed.",
    },
  },
  badRequest: {
    code: "bad_request",
    text: {
      fr: "La demande n’a pas la forme attendue.",
      en: "The request does not have the expected shape.",
    },
  },
  badReply: {
    code: "bus_bad_reply",
    text: {
      fr: "La réponse reçue n’a pas la forme attendue.",
      en: "The answer received does not have the expected shape.",
    },
  },
  internal: {
    code: "internal_error",
    text: {
      fr: "Une erreur interne a empêché de répondre.",
      en: "An internal error prevented an answer.",
    },
    next: {
      fr: "Réessayez ; si cela persiste, envoyez le rapport d’assistance.",
      en: "Try again; if it lasts, send the support report.",
    },
  },
  closed: {
    code: "bus_closed",
    text: {
      fr: "Ce service est en train de s’arrêter.",
      en: "This service is stopping.",
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** The same fault with what the system said; cut so that it stays a valid payload. */
export function withRaw(fault: Fault, raw: string): Fault {
  return { ...fault, raw: raw.slice(0, 2000) };
}
