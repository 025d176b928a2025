import { busFaults } from "@passerelle/bus-client";
import type { Fault } from "@passerelle/result";

/** What the API itself refuses, before any owner is asked. The codes are stable. */
const TEXTS = {
  not_logged_in: {
    text: {
      fr: "Vous n'êtes pas connecté, ou votre session est terminée.",
      en: "You are not logged in, or your session is over.",
    },
    next: { fr: "Connectez-vous.", en: "Log in." },
  },
  not_allowed: {
    text: {
      fr: "Cette session n'a pas le droit de faire cela.",
      en: "This session has no right to do this.",
    },
    next: {
      fr: "Connectez-vous avec le mot de passe, ou donnez ce droit à l'application.",
      en: "Log in with the password, or give the app this right.",
    },
  },
  step_up_required: {
    text: {
      fr: "Cette action est délicate : prouvez d'abord que c'est bien vous.",
      en: "This action is dangerous: prove first that it is you.",
    },
    next: {
      fr: "Donnez de nouveau le mot de passe, ou appuyez sur le bouton de la passerelle.",
      en: "Give the password again, or press the button of the gateway.",
    },
  },
  not_found: {
    text: { fr: "Cette adresse n'existe pas.", en: "There is nothing at this address." },
    next: {
      fr: "Toutes les opérations sont dans /api/v1/openapi.json.",
      en: "All operations are in /api/v1/openapi.json.",
    },
  },
  method_not_allowed: {
    text: {
      fr: "Cette adresse existe, mais pas avec cette méthode.",
      en: "This address exists, but not with this method.",
    },
  },
  malformed_json: {
    text: {
      fr: "Le corps de la demande n'est pas du JSON valable.",
      en: "The body of the request is not valid JSON.",
    },
  },
  body_too_large: {
    text: {
      fr: "Le corps de la demande est trop gros.",
      en: "The body of the request is too big.",
    },
  },
  length_required: {
    text: {
      fr: "La taille du fichier doit être annoncée (Content-Length).",
      en: "The size of the file must be announced (Content-Length).",
    },
  },
  upload_running: {
    text: {
      fr: "Un fichier est déjà en cours d'envoi.",
      en: "A file is already being uploaded.",
    },
    next: { fr: "Attendez qu'il soit arrivé.", en: "Wait until it has arrived." },
  },
  upload_no_room: {
    text: {
      fr: "La passerelle n'a pas assez de place pour ce fichier.",
      en: "The gateway has not enough room for this file.",
    },
    next: { fr: "Libérez de la place, puis réessayez.", en: "Free some space, then try again." },
  },
  upload_cut: {
    text: {
      fr: "Le fichier n'est pas arrivé entier.",
      en: "The file did not arrive whole.",
    },
    next: { fr: "Envoyez-le de nouveau.", en: "Send it again." },
  },
  unsupported_media_type: {
    text: {
      fr: "Le corps d'une demande est du JSON (application/json), ou un fichier (application/octet-stream) là où l'API le dit.",
      en: "The body of a request is JSON (application/json), or a file (application/octet-stream) where the API says so.",
    },
  },
  idempotency_key_reused: {
    text: {
      fr: "Cette clé (Idempotency-Key) a déjà servi à une autre demande.",
      en: "This Idempotency-Key was already used for another request.",
    },
    next: { fr: "Prenez une nouvelle clé.", en: "Take a new key." },
  },
  upgrade_required: {
    text: {
      fr: "Cette adresse est un WebSocket.",
      en: "This address is a WebSocket.",
    },
    next: {
      fr: "Sans WebSocket, utilisez /api/v1/events/sse.",
      en: "Without WebSocket, use /api/v1/events/sse.",
    },
  },
  not_ready: {
    text: {
      fr: "Ce service démarre : son état n'est pas encore connu.",
      en: "This service is starting: its state is not yet known.",
    },
    next: { fr: "Réessayez dans un instant.", en: "Try again in a moment." },
  },
  too_many_clients: {
    text: {
      fr: "Trop de pages ou de programmes suivent déjà la passerelle.",
      en: "Too many pages or programs already follow the gateway.",
    },
    next: { fr: "Fermez-en, puis réessayez.", en: "Close some, then try again." },
  },
  unknown_channel: {
    text: { fr: "Ce canal n'existe pas.", en: "This channel does not exist." },
    next: {
      fr: "GET /events, dans /api/v1/openapi.json, nomme les canaux.",
      en: "GET /events, in /api/v1/openapi.json, names the channels.",
    },
  },
  unknown_port_mapping: {
    text: {
      fr: "Cette ouverture de port n'existe pas.",
      en: "There is no such port mapping.",
    },
  },
  unknown_job: {
    text: {
      fr: "Ce diagnostic n’existe pas ou n’est plus conservé.",
      en: "This diagnosis does not exist or is no longer kept.",
    },
  },
  unknown_device: {
    text: {
      fr: "Cet appareil n'est pas dans la liste.",
      en: "This device is not in the list.",
    },
  },
} as const satisfies Readonly<Record<string, Pick<Fault, "text" | "next">>>;

export function apiFault(code: keyof typeof TEXTS): Fault {
  return { code, ...TEXTS[code] };
}

/** The same words as on the bus: one code, one meaning. */
export const badRequest: Fault = busFaults.badRequest;
export const internalError: Fault = busFaults.internal;
