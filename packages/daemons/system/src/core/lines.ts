import type { Sentence } from "@passerelle/result";

export type Category = "line" | "home" | "security" | "configuration" | "system";
export type Severity = "info" | "warning" | "fault";

export interface LineForm {
  readonly category: Category;
  readonly severity: Severity;
  /** `{actor}`, `{source}` and `{what}` are filled in. */
  readonly text: Sentence;
}

/**
 * Every line that the event log can hold; docs/event-log.md is made from it. A fault that a daemon said itself keeps its own
 * code and sentence instead (docs/errors.md).
 */
export const LINES = {
  line_up: info(
    "line",
    "Le câble de l'opérateur a du signal.",
    "The operator's cable has a signal.",
  ),
  line_down: fault(
    "line",
    "Le câble de l'opérateur n'a plus de signal.",
    "The operator's cable lost its signal.",
  ),
  line_port_gone: fault(
    "line",
    "Le port de l'opérateur a disparu.",
    "The operator's port is gone.",
  ),
  dsl_up: info("line", "La ligne DSL est synchronisée.", "The DSL line is synchronised."),
  dsl_down: warning(
    "line",
    "La ligne DSL n'est plus synchronisée.",
    "The DSL line is not synchronised any more.",
  ),
  dsl_modem_silent: warning(
    "line",
    "Le modem ne répond plus.",
    "The modem does not answer any more.",
  ),
  session_up: info("line", "L'opérateur a donné une adresse.", "The operator gave an address."),
  session_late: warning(
    "line",
    "L'opérateur tarde à renouveler l'adresse.",
    "The operator is late in renewing the address.",
  ),
  session_down: warning(
    "line",
    "La session avec l'opérateur est perdue.",
    "The session with the operator is lost.",
  ),
  internet_back: info("line", "Internet répond.", "The Internet answers."),
  internet_limited: warning("line", "Internet répond mal.", "The Internet answers badly."),
  internet_lost: fault(
    "line",
    "Internet ne répond plus.",
    "The Internet does not answer any more.",
  ),

  device_new: info(
    "home",
    "« {actor} » a rejoint le réseau pour la première fois.",
    '"{actor}" joined the network for the first time.',
  ),
  device_online: info("home", "« {actor} » est de retour.", '"{actor}" is back.'),
  device_offline: info("home", "« {actor} » est parti.", '"{actor}" left.'),

  login: info(
    "security",
    "« {actor} » s'est connecté depuis {source}.",
    '"{actor}" logged in from {source}.',
  ),
  login_failed: warning(
    "security",
    "Connexion refusée à « {actor} » depuis {source}.",
    'A login of "{actor}" from {source} was refused.',
  ),
  logout: info("security", "« {actor} » s'est déconnecté.", '"{actor}" logged out.'),
  session_revoked: info(
    "security",
    "« {actor} » a fermé une session : {what}.",
    '"{actor}" ended a session: {what}.',
  ),
  step_up: info(
    "security",
    "« {actor} » a confirmé son identité depuis {source}.",
    '"{actor}" confirmed who they are from {source}.',
  ),
  step_up_failed: warning(
    "security",
    "« {actor} » n'a pas pu confirmer son identité depuis {source}.",
    '"{actor}" failed to confirm who they are from {source}.',
  ),
  password_changed: warning(
    "security",
    "« {actor} » a changé le mot de passe depuis {source}.",
    '"{actor}" changed the password from {source}.',
  ),
  app_requested: info(
    "security",
    "L'application « {what} » demande un accès depuis {source}.",
    'The app "{what}" asks for access from {source}.',
  ),
  app_approved: warning(
    "security",
    "« {actor} » a autorisé l'application « {what} ».",
    '"{actor}" allowed the app "{what}".',
  ),
  app_changed: info(
    "security",
    "« {actor} » a changé les droits de l'application « {what} ».",
    '"{actor}" changed the rights of the app "{what}".',
  ),
  app_revoked: info(
    "security",
    "« {actor} » a retiré l'accès de l'application « {what} ».",
    '"{actor}" took the access of the app "{what}" away.',
  ),
  configuration_changed: info(
    "security",
    "« {actor} » a modifié la configuration depuis {source}.",
    '"{actor}" changed the configuration from {source}.',
  ),
  configuration_exported: warning(
    "security",
    "« {actor} » a exporté la configuration vers {source}.",
    '"{actor}" exported the configuration to {source}.',
  ),
  configuration_imported: warning(
    "security",
    "« {actor} » a importé une configuration depuis {source}.",
    '"{actor}" imported a configuration from {source}.',
  ),
  port_opened: warning(
    "security",
    "« {actor} » a ouvert un port : {what}.",
    '"{actor}" opened a port: {what}.',
  ),
  port_closed: info(
    "security",
    "« {actor} » a fermé un port : {what}.",
    '"{actor}" closed a port: {what}.',
  ),
  device_blocked: info(
    "security",
    "« {actor} » a bloqué un appareil : {what}.",
    '"{actor}" blocked a device: {what}.',
  ),
  device_unblocked: info(
    "security",
    "« {actor} » a débloqué un appareil : {what}.",
    '"{actor}" unblocked a device: {what}.',
  ),
  support_bundle: info(
    "security",
    "« {actor} » a demandé le rapport d'assistance depuis {source}.",
    '"{actor}" asked for the support report from {source}.',
  ),
  capture_started: warning(
    "security",
    "« {actor} » a lancé une capture de trafic : {what}.",
    '"{actor}" started a capture of traffic: {what}.',
  ),
  reboot: info(
    "security",
    "« {actor} » a demandé un redémarrage depuis {source}.",
    '"{actor}" asked for a restart from {source}.',
  ),
  factory_reset: warning(
    "security",
    "« {actor} » a demandé le retour aux réglages d'usine depuis {source}.",
    '"{actor}" asked for the factory settings from {source}.',
  ),
  reset_by_button: warning(
    "security",
    "Le bouton de la box a été tenu dix secondes : retour aux réglages d'usine.",
    "The button of the box was held for ten seconds: back to the factory settings.",
  ),
  upgrade_uploaded: info(
    "security",
    "« {actor} » a déposé une mise à jour depuis {source}.",
    '"{actor}" uploaded an update from {source}.',
  ),
  upgrade_started: warning(
    "security",
    "« {actor} » a demandé l'installation de la version {what} depuis {source}.",
    '"{actor}" asked for version {what} to be installed, from {source}.',
  ),
  upgrade_rollback: warning(
    "security",
    "« {actor} » a demandé le retour à l'autre système depuis {source}.",
    '"{actor}" asked to go back to the other system, from {source}.',
  ),
  opening_added: warning(
    "security",
    "Une ouverture depuis Internet est en vigueur : {what} (par « {actor} »).",
    'An opening from the Internet is in force: {what} (by "{actor}").',
  ),
  opening_removed: info(
    "security",
    "Une ouverture depuis Internet est fermée : {what}.",
    "An opening from the Internet is closed: {what}.",
  ),
  firewall_protects: info(
    "security",
    "Le pare-feu protège de nouveau.",
    "The firewall protects again.",
  ),

  revision_applied: info(
    "configuration",
    "« {actor} » a modifié : {what}.",
    '"{actor}" changed: {what}.',
  ),
  revision_on_trial: info(
    "configuration",
    "« {actor} » a modifié : {what}. La modification attend d'être confirmée.",
    '"{actor}" changed: {what}. The change waits to be confirmed.',
  ),
  revision_confirmed: info(
    "configuration",
    "La modification est confirmée : {what}.",
    "The change is confirmed: {what}.",
  ),
  revision_undone: warning(
    "configuration",
    "La modification est annulée : {what}",
    "The change was undone: {what}",
  ),

  booted: info("system", "La box a démarré.", "The box started."),
  booted_power: warning(
    "system",
    "La box a démarré après une coupure de courant ou un arrêt brutal.",
    "The box started after a power cut or a hard stop.",
  ),
  booted_person: info(
    "system",
    "La box a redémarré, comme « {actor} » l'a demandé.",
    'The box restarted, as "{actor}" asked.',
  ),
  booted_reset: info(
    "system",
    "La box a retrouvé ses réglages d'usine.",
    "The box is back to its factory settings.",
  ),
  booted_upgrade: info(
    "system",
    "La box a redémarré pour changer de version.",
    "The box restarted to change its version.",
  ),
  booted_fallback: warning(
    "system",
    "La box a redémarré parce que la nouvelle version n'a pas fait ses preuves.",
    "The box restarted because the new version did not prove itself.",
  ),
  booted_crash: fault(
    "system",
    "La box a redémarré après une panne du système.",
    "The box restarted after the system failed.",
  ),
  booted_watchdog: fault(
    "system",
    "La box ne répondait plus : son chien de garde l'a redémarrée.",
    "The box did not answer any more: its watchdog restarted it.",
  ),
  upgrade_refused: warning(
    "system",
    "Une mise à jour a été refusée : {what}",
    "An update was refused: {what}",
  ),
  upgrade_not_written: fault(
    "system",
    "Une mise à jour n'a pas pu être installée : {what}",
    "An update could not be installed: {what}",
  ),
  upgrade_installed: info(
    "system",
    "La version {what} est installée ; elle démarre au prochain redémarrage.",
    "Version {what} is installed; it starts with the next restart.",
  ),
  upgrade_kept: info(
    "system",
    "La version {what} a fait ses preuves : elle est gardée.",
    "Version {what} proved itself: it is kept.",
  ),
  upgrade_trial_failed: fault(
    "system",
    "La nouvelle version n'a pas fait ses preuves à temps : {what}.",
    "The new version did not prove itself in time: {what}.",
  ),
  upgrade_fell_back: fault(
    "system",
    "La box est revenue à l'ancienne version : {what}.",
    "The box went back to the old version: {what}.",
  ),
  upgrade_went_back: info(
    "system",
    "La box est revenue à la version {what}, comme demandé.",
    "The box went back to version {what}, as asked.",
  ),
  daemon_down: warning(
    "system",
    "Le service {source} s'est arrêté.",
    "The service {source} stopped.",
  ),
  daemon_up: info(
    "system",
    "Le service {source} fonctionne de nouveau.",
    "The service {source} works again.",
  ),
  clock_synchronised: info(
    "system",
    "L'horloge est à l'heure (source : {source}).",
    "The clock is right (source: {source}).",
  ),
  clock_lost: warning(
    "system",
    "L'horloge n'est plus synchronisée.",
    "The clock is not synchronised any more.",
  ),
  clock_stepped: info(
    "system",
    "L'horloge a été corrigée de {what}.",
    "The clock was set by {what}.",
  ),
  storage_filling: fault(
    "system",
    "La mémoire de stockage est presque pleine : il reste {what}.",
    "The storage is nearly full: {what} are left.",
  ),
  storage_room: info(
    "system",
    "Il y a de nouveau de la place : {what}.",
    "There is room again: {what}.",
  ),
  heat_rising: warning(
    "system",
    "La box est très chaude : {what}.",
    "The box is very hot: {what}.",
  ),
  heat_gone: info("system", "La box a refroidi : {what}.", "The box cooled down: {what}."),
  log_replaced: fault(
    "system",
    "Le journal était endommagé : il a été mis de côté.",
    "The event log was damaged: it was put aside.",
  ),
  log_shortened: warning(
    "system",
    "Encore {what} événements du même genre n'ont pas été notés.",
    "{what} more events of the same kind were not noted.",
  ),
} as const satisfies Readonly<Record<string, LineForm>>;

export type LineCode = keyof typeof LINES;

function info(category: Category, fr: string, en: string): LineForm {
  return { category, severity: "info", text: { fr, en } };
}

function warning(category: Category, fr: string, en: string): LineForm {
  return { category, severity: "warning", text: { fr, en } };
}

function fault(category: Category, fr: string, en: string): LineForm {
  return { category, severity: "fault", text: { fr, en } };
}
