import type { Fault } from "@passerelle/result";

/** Reasons why the system of the box is not changed. */
export const FAULTS = {
  upgrade_unsupported: [
    "Cette machine n'a qu'un seul système : les mises à jour se font autrement.",
    "This machine has one system only: it is updated in another way.",
  ],
  upgrade_not_ready: [
    "La box regarde encore d'où elle a démarré.",
    "The box is still looking where it started from.",
    "Réessayez dans un instant.",
    "Try again in a moment.",
  ],
  upgrade_running: [
    "Une mise à jour est déjà en cours.",
    "An update is already under way.",
    "Attendez qu'elle soit finie.",
    "Wait until it has ended.",
  ],
  upgrade_on_trial: [
    "La nouvelle version fait encore ses preuves.",
    "The new version is still proving itself.",
    "Attendez quelques minutes.",
    "Wait some minutes.",
  ],
  upgrade_waits: [
    "Une nouvelle version est installée et attend le redémarrage.",
    "A new version is installed and waits for the restart.",
    "Redémarrez la box.",
    "Restart the box.",
  ],
  upgrade_nothing_ready: [
    "Aucune mise à jour n'est prête.",
    "No update is ready.",
    "Choisissez d'abord un fichier.",
    "Choose a file first.",
  ],
  upgrade_probation: [
    "Une modification de la configuration attend d'être confirmée.",
    "A change of the configuration waits to be confirmed.",
    "Confirmez-la ou annulez-la d'abord.",
    "Confirm it or undo it first.",
  ],
  upgrade_no_other: [
    "L'autre système est vide ou ne démarre pas.",
    "The other system is empty or does not start.",
  ],
  upgrade_wrong_board: [
    "Cette mise à jour est pour un autre matériel.",
    "This update is for other hardware.",
    "Prenez le fichier fait pour cette box.",
    "Take the file that is made for this box.",
  ],
  upgrade_unknown_version: [
    "Cette mise à jour ne dit pas sa version.",
    "This update does not say its version.",
    "Téléchargez le fichier de nouveau.",
    "Download the file again.",
  ],
  upgrade_not_newer: [
    "Cette mise à jour n'est pas plus récente que la version installée.",
    "This update is not newer than the version that runs.",
    "Pour revenir en arrière, utilisez l'autre système.",
    "To go back, use the other system.",
  ],
  upgrade_wrong_signature: [
    "La signature de cette mise à jour n'est pas valable : elle ne vient pas de l'éditeur, ou a été modifiée.",
    "The signature of this update is not valid: it does not come from its maker, or was changed.",
    "Ne l'installez pas. Téléchargez le fichier de nouveau.",
    "Do not install it. Download the file again.",
  ],
  upgrade_damaged: [
    "Ce fichier est incomplet, abîmé, ou n'est pas une mise à jour.",
    "This file is incomplete, damaged, or no update.",
    "Téléchargez-le de nouveau.",
    "Download it again.",
  ],
  upgrade_no_room: [
    "Cette mise à jour est trop grande pour cette box.",
    "This update is too big for this box.",
  ],
  upgrade_engine_busy: [
    "Le programme de mise à jour est occupé.",
    "The update program is busy.",
    "Réessayez dans un instant.",
    "Try again in a moment.",
  ],
  upgrade_engine_away: [
    "Le programme de mise à jour ne répond pas.",
    "The update program does not answer.",
    "Redémarrez la box ; si cela persiste, envoyez le rapport d'assistance.",
    "Restart the box; if it lasts, send the support report.",
  ],
  upgrade_failed: [
    "L'écriture de la mise à jour a échoué. La version actuelle n'est pas touchée.",
    "Writing the update failed. The version that runs is untouched.",
    "Réessayez ; si cela persiste, envoyez le rapport d'assistance.",
    "Try again; if it lasts, send the support report.",
  ],
} as const satisfies Readonly<
  Record<string, readonly [string, string] | readonly [string, string, string, string]>
>;

export type UpgradeFaultCode = keyof typeof FAULTS;

export function upgradeFault(code: UpgradeFaultCode, raw?: string): Fault {
  const [fr, en, nextFr, nextEn] = FAULTS[code] as readonly (string | undefined)[];
  return {
    code,
    text: { fr: fr ?? "", en: en ?? "" },
    ...(nextFr === undefined || nextEn === undefined ? {} : { next: { fr: nextFr, en: nextEn } }),
    ...(raw === undefined || raw === "" ? {} : { raw: raw.slice(0, 500) }),
  };
}
