import type { Problem } from "@passerelle/api";

/** What goes wrong on this side of the door: français, English, and what to do next in both. */
const FAULTS = {
  box_unreachable: [
    "La passerelle ne répond pas.",
    "The gateway does not answer.",
    "Vérifiez qu'elle est en marche ; depuis un autre ordinateur, donnez son adresse avec --url.",
    "Check that it is on; from another computer, give its address with --url.",
  ],
  socket_denied: [
    "Ce compte n'a pas le droit de parler à la passerelle par sa prise locale.",
    "This account may not talk to the gateway through its local socket.",
    "Utilisez le compte root, ou --url avec un jeton.",
    "Use the root account, or --url with a token.",
  ],
  certificate_untrusted: [
    "Le certificat de cette adresse n'est pas celui d'une passerelle connue de vous.",
    "The certificate at this address is not of a box that you know.",
    "Prenez celui de la passerelle (passerelle api GET /certificate -o box.crt), comparez son empreinte, puis --ca-file box.crt.",
    "Take that of the box (passerelle api GET /certificate -o box.crt), compare its fingerprint, then --ca-file box.crt.",
  ],
  answer_too_long: [
    "La réponse dépasse la taille permise.",
    "The answer is larger than allowed.",
    "Demandez-en moins à la fois.",
    "Ask for less at a time.",
  ],
  ambiguous_device: [
    "Plusieurs appareils correspondent à ce nom.",
    "Several devices match this name.",
    "Donnez l'identifiant ou l'adresse matérielle de l'un d'eux.",
    "Give the identifier or the hardware address of one of them.",
  ],
  device_without_address: [
    "Cet appareil n'a pas d'adresse IPv4 en ce moment.",
    "This device has no IPv4 address now.",
    "Allumez-le, ou donnez l'adresse.",
    "Switch it on, or give the address.",
  ],
  ambiguous_opening: [
    "Plusieurs ouvertures correspondent.",
    "Several openings match.",
    "Donnez l'identifiant de l'une d'elles.",
    "Give the identifier of one of them.",
  ],
  unknown_setting: [
    "Ce réglage n'existe pas.",
    "There is no such setting.",
    "Ils sont tous montrés par : passerelle config get",
    "They are all shown by: passerelle config get",
  ],
  empty_draft: [
    "Le brouillon est vide : il n'y a rien à appliquer.",
    "The draft is empty: there is nothing to apply.",
    "Préparez une modification : passerelle config set",
    "Prepare a change: passerelle config set",
  ],
  draft_unreadable: [
    "Le brouillon des réglages est abîmé.",
    "The draft of the settings is damaged.",
    "Jetez-le : passerelle config discard",
    "Throw it away: passerelle config discard",
  ],
  no_kept_token: [
    "Aucun code de confirmation n'est gardé sur ce compte.",
    "No confirmation token is kept for this account.",
    "Donnez celui que config apply a affiché.",
    "Give the one that config apply printed.",
  ],
  file_unreadable: [
    "Ce fichier n'a pas pu être lu.",
    "This file could not be read.",
    "Vérifiez son nom et vos droits.",
    "Check its name and your rights.",
  ],
  file_unwritable: [
    "Ce fichier n'a pas pu être écrit.",
    "This file could not be written.",
    "Vérifiez son nom, vos droits et la place libre.",
    "Check its name, your rights and the free space.",
  ],
  diagnosis_too_long: [
    "Le diagnostic ne se termine pas.",
    "The diagnosis does not end.",
    "Regardez-le plus tard : passerelle diag jobs",
    "Look at it later: passerelle diag jobs",
  ],
} as const satisfies Readonly<Record<string, readonly [string, string, string, string]>>;

export type OwnFault = keyof typeof FAULTS;

/** In the shape of the API, so that a script reads one shape only; status 0: no box said it. */
export function ownProblem(code: OwnFault, details: readonly string[] = []): Problem {
  const [fr, en, nextFr, nextEn] = FAULTS[code];
  return {
    type: "about:blank",
    title: code,
    status: 0,
    code,
    text: { fr, en },
    next: { fr: nextFr, en: nextEn },
    ...(details.length === 0 ? {} : { errors: details.map((message) => ({ path: "", message })) }),
  };
}
