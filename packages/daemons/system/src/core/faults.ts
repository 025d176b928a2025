import type { Sentence } from "@passerelle/result";

/** What a notification says: français, English, and what to do. */
export const NOTICES = {
  internet_down: [
    "Internet est coupé. {what}",
    "The Internet is down. {what}",
    "Lancez l'assistant « Pas d'Internet » de la page Diagnostic.",
    'Start the assistant "No Internet" of the Diagnostics page.',
  ],
  device_joined: [
    "Un nouvel appareil a rejoint votre réseau : « {subject} ».",
    'A new device joined your network: "{subject}".',
    "Si vous ne le connaissez pas, bloquez-le depuis sa page.",
    "If you do not know it, block it from its page.",
  ],
  device_joined_private: [
    "Un nouvel appareil a rejoint votre réseau : « {subject} ». Il utilise une adresse privée : c'est peut-être un appareil connu.",
    'A new device joined your network: "{subject}". It uses a private address: it may be one that you know.',
    "Si vous ne le connaissez pas, bloquez-le depuis sa page.",
    "If you do not know it, block it from its page.",
  ],
  change_waiting: [
    "Une modification de « {subject} » attend d'être confirmée : sinon elle sera annulée.",
    'A change of "{subject}" waits to be confirmed: otherwise it will be undone.',
    "Confirmez-la depuis la page qui l'a faite.",
    "Confirm it from the page that made it.",
  ],
  change_undone: [
    "Une modification a été annulée. {what}",
    "A change was undone. {what}",
    "Voyez l'historique de la configuration.",
    "See the history of the configuration.",
  ],
  storage_nearly_full: [
    "La mémoire de stockage est presque pleine : il reste {what}.",
    "The storage is nearly full: {what} are left.",
    "Supprimez des captures ou des fichiers ; Internet continue de fonctionner.",
    "Delete captures or files; the Internet goes on working.",
  ],
  daemon_unstable: [
    "Le service {subject} s'arrête sans cesse.",
    "The service {subject} keeps stopping.",
    "Redémarrez la box ; si cela persiste, envoyez le rapport d'assistance.",
    "Restart the box; if it lasts, send the support report.",
  ],
  clock_not_synchronised: [
    "L'horloge de la box n'est pas synchronisée : les heures affichées peuvent être fausses.",
    "The clock of the box is not synchronised: the times shown may be wrong.",
    "Vérifiez les serveurs de temps dans les réglages du système.",
    "Check the time servers in the settings of the system.",
  ],
  box_too_hot: [
    "La box est trop chaude : {what}.",
    "The box is too hot: {what}.",
    "Dégagez ses ouvertures d'aération et éloignez-la des sources de chaleur.",
    "Free its air vents and move it away from sources of heat.",
  ],
  upgrade_done: [
    "La box fonctionne maintenant avec la version {subject}.",
    "The box now runs version {subject}.",
    "Rien à faire.",
    "Nothing to do.",
  ],
  upgrade_undone: [
    "La version {subject} n'a pas fait ses preuves. La version {what} est de nouveau en service.",
    "Version {subject} did not prove itself. Version {what} is back in service.",
    "Vos réglages sont intacts. Attendez la version suivante.",
    "Your settings are intact. Wait for the next version.",
  ],
} as const satisfies Readonly<Record<string, readonly [string, string, string, string]>>;

export type NoticeCode = keyof typeof NOTICES;

/** Reasons why `system` can't do what it was asked, or does it badly. */
export const FAULTS = {
  unknown_notification: [
    "Cette notification n'existe pas ou plus.",
    "This notification does not exist, or not any more.",
  ],
  log_not_written: [
    "Le journal ne peut pas être enregistré ; les derniers événements restent en mémoire.",
    "The event log can't be stored; the last events stay in memory.",
    "Libérez de la place.",
    "Free some space.",
  ],
  clock_engine_missing: [
    "Le programme qui met l'horloge à l'heure n'est pas installé.",
    "The program that sets the clock is not installed.",
  ],
  clock_engine_failed: [
    "Le programme qui met l'horloge à l'heure ne fonctionne pas.",
    "The program that sets the clock does not work.",
  ],
  clock_no_server: [
    "Aucun serveur de temps ne répond.",
    "No time server answers.",
    "Vérifiez la connexion à Internet et les serveurs de temps.",
    "Check the Internet connection and the time servers.",
  ],
  reset_not_prepared: [
    "Le retour aux réglages d'usine n'a pas pu être préparé : rien n'a été effacé.",
    "The factory reset could not be prepared: nothing was erased.",
    "Libérez de la place, puis réessayez.",
    "Free some space, then try again.",
  ],
  reboot_refused: [
    "Le système a refusé de redémarrer.",
    "The system refused to restart.",
    "Débranchez la box quelques secondes.",
    "Unplug the box for some seconds.",
  ],
} as const satisfies Readonly<
  Record<string, readonly [string, string] | readonly [string, string, string, string]>
>;

export type FaultCode = keyof typeof FAULTS;

export function faultOf(code: FaultCode): {
  readonly code: string;
  readonly text: Sentence;
  readonly next?: Sentence;
} {
  const [fr, en, nextFr, nextEn] = FAULTS[code];
  return {
    code,
    text: { fr, en },
    ...(nextFr === undefined || nextEn === undefined ? {} : { next: { fr: nextFr, en: nextEn } }),
  };
}
