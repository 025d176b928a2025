import type { Fault } from "@passerelle/result";

/** Every fault of the door, with its sentences. The codes are stable. */
const TEXTS = {
  wrong_password: {
    text: { fr: "Ce n'est pas le bon mot de passe.", en: "This is not the password." },
    next: {
      fr: "Le premier mot de passe est imprimé sous la passerelle.",
      en: "The first password is printed on the label of the gateway.",
    },
  },
  wrong_proof: {
    text: {
      fr: "L'application n'a pas prouvé qui elle est.",
      en: "The app did not prove who it is.",
    },
    next: {
      fr: "Demandez un nouveau défi, ou associez de nouveau l'application.",
      en: "Ask for a new challenge, or pair the app again.",
    },
  },
  too_many_attempts: {
    text: { fr: "Trop d'essais erronés.", en: "Too many wrong attempts." },
    next: { fr: "Attendez, puis réessayez.", en: "Wait, then try again." },
  },
  button_not_pressed: {
    text: {
      fr: "Le bouton de la passerelle n'a pas encore été appuyé.",
      en: "The button of the gateway was not pressed yet.",
    },
    next: {
      fr: "Appuyez sur le bouton dans la minute.",
      en: "Press the button within the minute.",
    },
  },
  weak_password: {
    text: {
      fr: "Ce mot de passe est parmi les premiers que l'on essaierait.",
      en: "This password is among the first that somebody would try.",
    },
    next: {
      fr: "Choisissez par exemple quatre mots au hasard.",
      en: "Choose four words by chance, for example.",
    },
  },
  unknown_session: {
    text: {
      fr: "Cette session n'existe pas ou est terminée.",
      en: "This session does not exist or is over.",
    },
  },
  unknown_app: {
    text: { fr: "Cette application n'est pas connue.", en: "This app is not known." },
    next: { fr: "Associez-la de nouveau.", en: "Pair it again." },
  },
  too_many_requests: {
    text: {
      fr: "Trop d'applications attendent déjà une réponse.",
      en: "Too many apps are already waiting for an answer.",
    },
    next: {
      fr: "Répondez-leur sur la page Sécurité, puis réessayez.",
      en: "Answer them on the page Security, then try again.",
    },
  },
  not_saved: {
    text: {
      fr: "La passerelle n'a pas pu l'enregistrer : après un redémarrage, ce serait oublié.",
      en: "The gateway could not save this: after a restart it would be forgotten.",
    },
    next: { fr: "Libérez de la place, puis réessayez.", en: "Make room, then try again." },
  },
  certificate_not_ready: {
    text: {
      fr: "Le certificat de la passerelle n'est pas encore fait.",
      en: "The certificate of the gateway is not made yet.",
    },
    next: { fr: "Réessayez dans une minute.", en: "Try again in a minute." },
  },
  path_refused: {
    text: {
      fr: "Cette adresse est écrite d'une façon que la passerelle n'accepte pas.",
      en: "This address is written in a way that the gateway does not accept.",
    },
  },
  host_not_allowed: {
    text: {
      fr: "La passerelle ne répond pas sous ce nom.",
      en: "The gateway does not answer to this name.",
    },
    next: {
      fr: "Ouvrez http://box.home.arpa, ou ajoutez ce nom aux réglages.",
      en: "Open http://box.home.arpa, or add this name to the settings.",
    },
  },
  foreign_request: {
    text: {
      fr: "Cette demande vient d'une autre page que celle de la passerelle.",
      en: "This request comes from a page that is not the gateway's.",
    },
    next: {
      fr: "Un programme envoie du JSON, avec l'en-tête X-Passerelle: 1 ou un jeton.",
      en: "A program sends JSON, with the header X-Passerelle: 1 or a token.",
    },
  },
  https_required: {
    text: {
      fr: "La passerelle n'accepte cela qu'en HTTPS.",
      en: "The gateway takes this by HTTPS only.",
    },
    next: { fr: "Ouvrez la page en https://.", en: "Open the page by https://." },
  },
  listener_failed: {
    text: {
      fr: "La page de la passerelle ne peut pas être servie sur une de ses adresses.",
      en: "The page of the gateway can't be served at one of its addresses.",
    },
  },
  certificate_failed: {
    text: {
      fr: "La passerelle n'a pas pu faire son certificat : la page n'est servie qu'en HTTP.",
      en: "The gateway could not make its certificate: the page is served by HTTP only.",
    },
  },
  access_lost: {
    text: {
      fr: "Le fichier des accès était endommagé : il a été mis de côté, et le mot de passe de l'étiquette vaut de nouveau.",
      en: "The file of who may come in was damaged: it was put aside, and the password of the label holds again.",
    },
    next: {
      fr: "Choisissez de nouveau un mot de passe et associez vos applications.",
      en: "Choose a password again and pair your apps.",
    },
  },
} as const satisfies Readonly<Record<string, Pick<Fault, "text" | "next">>>;

export type DoorFaultCode = keyof typeof TEXTS;

export function doorFault(code: DoorFaultCode, raw?: string): Fault {
  return { code, ...TEXTS[code], ...(raw === undefined ? {} : { raw: raw.slice(0, 2000) }) };
}
