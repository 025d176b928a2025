import type { Fault, Sentence } from "@passerelle/result";

/** Every fault of `config`, with its sentences. The codes are stable. */
const TEXTS = {
  probation_running: [
    "Une autre modification attend votre confirmation.",
    "Another change is waiting for your confirmation.",
    "Confirmez-la ou annulez-la d'abord.",
    "Confirm it or undo it first.",
  ],
  no_probation: [
    "Aucune modification n'attend de confirmation : elle a déjà été confirmée ou annulée.",
    "No change is waiting for a confirmation: it was already confirmed or undone.",
  ],
  stale_revision: [
    "La configuration a été modifiée entre-temps.",
    "The configuration was changed in the meantime.",
    "Relisez-la, puis recommencez.",
    "Look at it again, then try again.",
  ],
  config_invalid: [
    "Cette configuration n'est pas possible.",
    "This configuration is not possible.",
  ],
  wrong_token: [
    "Ce code de confirmation n'est pas celui de la modification en cours.",
    "This confirmation code is not the one of the running change.",
  ],
  too_many_attempts: [
    "Trop d'essais erronés.",
    "Too many wrong attempts.",
    "Attendez, puis réessayez.",
    "Wait, then try again.",
  ],
  wrong_origin: [
    "Une modification ne se confirme que depuis le réseau de la maison.",
    "A change can only be confirmed from the home network.",
  ],
  unknown_revision: [
    "Cette révision n'existe pas ou n'est plus conservée.",
    "This revision does not exist or is no longer kept.",
  ],
  unknown_section: [
    "Le document contient une section que cette version ne connaît pas.",
    "The document has a section that this release does not know.",
    "Mettez à jour la passerelle, ou retirez cette section.",
    "Update the gateway, or remove that section.",
  ],
  section_not_ready: [
    "Cette section n'existe pas dans cette installation.",
    "This section does not exist in this installation.",
  ],
  busy: [
    "Une modification est en train d'être enregistrée.",
    "A change is being saved.",
    "Réessayez.",
    "Try again.",
  ],
  store_full: [
    "Il n'y a plus de place pour enregistrer la configuration : rien n'a été modifié.",
    "There is no room left to save the configuration: nothing was changed.",
    "Libérez de la place, puis réessayez.",
    "Make room, then try again.",
  ],
  store_io: [
    "La mémoire de la passerelle ne répond plus : rien n'a été modifié.",
    "The storage of the gateway does not answer: nothing was changed.",
  ],
  undo_not_saved: [
    "La modification est annulée, mais la passerelle n'a pas pu l'enregistrer : elle réessaie.",
    "The change is undone, but the gateway could not save that: it tries again.",
    "Ne redémarrez pas la passerelle avant d'avoir libéré de la place.",
    "Do not restart the gateway before you made room.",
  ],
  not_confirmed: [
    "La modification n'a pas été confirmée à temps : elle a été annulée.",
    "The change was not confirmed in time: it was undone.",
  ],
  interrupted_by_reboot: [
    "La passerelle a redémarré avant la confirmation : la modification a été annulée.",
    "The gateway restarted before the confirmation: the change was undone.",
  ],
  daemon_died: [
    "Un service de la passerelle s'est arrêté à cause de la modification : elle a été annulée.",
    "A service of the gateway stopped because of the change: the change was undone.",
    "Consultez le journal de ce service avant de recommencer.",
    "Look at the log of that service before you try again.",
  ],
  rolled_back: ["La modification a été annulée.", "The change was undone."],
  config_lost: [
    "Le fichier de configuration était endommagé : il a été mis de côté.",
    "The configuration file was damaged: it was put aside.",
    "Vérifiez vos réglages ou importez une sauvegarde.",
    "Check your settings or import a backup.",
  ],
  import_not_json: [
    "Ce fichier n'est pas une sauvegarde : ce n'est pas du JSON.",
    "This file is no backup: it is not JSON.",
  ],
  import_wrong_format: [
    "Ce fichier n'est pas une sauvegarde de Passerelle.",
    "This file is no backup of Passerelle.",
  ],
  import_too_big: ["Ce fichier est trop gros.", "This file is too big."],
  import_too_new: [
    "Cette sauvegarde vient d'une version plus récente.",
    "This backup comes from a newer release.",
    "Mettez à jour la passerelle d'abord.",
    "Update the gateway first.",
  ],
  passphrase_needed: [
    "Les secrets de cette sauvegarde sont chiffrés.",
    "The secrets of this backup are encrypted.",
    "Donnez sa phrase secrète.",
    "Give its passphrase.",
  ],
  wrong_passphrase: [
    "La phrase secrète n'est pas la bonne, ou la sauvegarde est abîmée.",
    "The passphrase is wrong, or the backup is damaged.",
  ],
  defaults_invalid: [
    "Les valeurs d'usine de cette installation ne sont pas valides.",
    "The factory defaults of this installation are not valid.",
  ],
} as const satisfies Record<
  string,
  readonly [string, string] | readonly [string, string, string, string]
>;

export type FaultCode = keyof typeof TEXTS;

export const FAULT_CODES = Object.keys(TEXTS) as readonly FaultCode[];

/** @param raw what the expert page shows, e.g. the JSON pointer of the mistake; never a secret */
export function faultOf(code: FaultCode, raw?: string): Fault {
  const [fr, en, nextFr, nextEn] = TEXTS[code] as readonly [string, string, string?, string?];
  const next: Sentence | undefined =
    nextFr === undefined || nextEn === undefined ? undefined : { fr: nextFr, en: nextEn };
  return {
    code,
    text: { fr, en },
    ...(next === undefined ? {} : { next }),
    ...(raw === undefined ? {} : { raw: raw.slice(0, RAW_CHARACTERS_MAX) }),
  };
}

/** One line a problem, each with where it is. */
export function invalidFault(
  problems: readonly {
    readonly section: string;
    readonly path: string;
    readonly message: string;
  }[],
): Fault {
  return faultOf(
    "config_invalid",
    problems.map(({ section, path, message }) => `/${section}${path}: ${message}`).join("\n"),
  );
}

/** The limit of `fault.raw` in the contract. */
const RAW_CHARACTERS_MAX = 2000;
