import type { Fault } from "@passerelle/result";

/** What diagnoses answer and what makes them fail. */
const FAULTS = {
  too_many_jobs: [
    "Quatre diagnostics sont déjà en cours.",
    "Four diagnoses are already running.",
    "Attendez qu’un diagnostic se termine, ou arrêtez-en un.",
    "Wait until one ends, or stop one.",
  ],
  too_many_captures: [
    "Deux captures sont déjà en cours.",
    "Two captures are already running.",
    "Attendez qu’une capture se termine, ou arrêtez-en une.",
    "Wait until one ends, or stop one.",
  ],
  diagnosis_invalid: [
    "Ce diagnostic n’est pas possible avec ces valeurs.",
    "This diagnosis is not possible with these values.",
    "Donnez un nom tel que example.org ou une adresse IP.",
    "Give a name such as example.org, or an IP address.",
  ],
  unknown_job: [
    "Ce diagnostic n’existe pas ou n’est plus conservé.",
    "This diagnosis does not exist or is no longer kept.",
  ],
  no_capture_file: [
    "Ce diagnostic n’a pas de fichier de capture, ou il a été supprimé.",
    "This diagnosis has no capture file, or it was deleted.",
    "Les captures sont supprimées au bout d’une heure : refaites-en une.",
    "Captures are deleted after an hour: make a new one.",
  ],
  diagnosis_time_limit: [
    "Le diagnostic a pris trop de temps : il a été arrêté.",
    "The diagnosis took too long: it was stopped.",
    "Réessayez.",
    "Try again.",
  ],
  name_not_resolved: [
    "Ce nom n’a pas d’adresse, ou aucun serveur de noms ne répond.",
    "This name has no address, or no name server answers.",
    "Vérifiez l’orthographe du nom, ou cherchez-le avec l’outil DNS.",
    "Check the spelling of the name, or look it up with the DNS tool.",
  ],
  resolver_silent: [
    "Le serveur de noms n’a pas répondu.",
    "The name server did not answer.",
    "Vérifiez son adresse, ou essayez celui de la box.",
    "Check its address, or try the box's own.",
  ],
  no_resolver_known: [
    "La box n’a pas encore de serveur de noms à interroger.",
    "The box has no name server to ask yet.",
    "Attendez que le réseau de la maison soit prêt, ou donnez l’adresse d’un serveur de noms.",
    "Wait until the home network is ready, or give the address of a name server.",
  ],
  unknown_network: [
    "Ce réseau n’existe pas.",
    "This network does not exist.",
    "Choisissez « wan » ou un réseau de la maison.",
    'Choose "wan" or a network of the home.',
  ],
  wake_unknown_device: [
    "La box ne sait pas sur quel réseau est cet appareil.",
    "The box does not know which network this device is on.",
    "Connectez l’appareil une fois au réseau de la maison.",
    "Connect the device to the home network once.",
  ],
  probe_not_possible: [
    "La box n’a pas pu envoyer de paquets de test.",
    "The box could not send test packets.",
    "Vérifiez que la ligne est connectée, puis réessayez.",
    "Check that the line is connected, then try again.",
  ],
  capture_not_possible: ["La capture n’a pas pu démarrer.", "The capture could not start."],
} as const satisfies Readonly<
  Record<string, readonly [string, string] | readonly [string, string, string, string]>
>;

export type DiagnosticsFaultCode = keyof typeof FAULTS;

export function diagnosticsFault(code: DiagnosticsFaultCode, raw?: string): Fault {
  const [fr, en, nextFr, nextEn] = FAULTS[code] as readonly (string | undefined)[];
  return {
    code,
    text: { fr: fr ?? "", en: en ?? "" },
    ...(nextFr === undefined || nextEn === undefined ? {} : { next: { fr: nextFr, en: nextEn } }),
    ...(raw === undefined ? {} : { raw: raw.slice(0, 500) }),
  };
}
