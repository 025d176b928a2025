import type { updateEn } from "../en/update.ts";
import type { TranslationOf } from "../words.ts";

export const updateFr: TranslationOf<typeof updateEn> = {
  "boot.fallback": "Il a redémarré parce qu’une nouvelle version n’a pas fait ses preuves.",
  "boot.watchdog": "Il ne répondait plus : son chien de garde l’a redémarré.",

  "updates.title": "Mises à jour",
  "updates.version": "Version",
  "updates.board": "Faite pour",
  "updates.built": "Construite",
  "updates.notes": "Nouveautés",
  "updates.running": "Version en service",
  "updates.other": "Autre système",
  "updates.other.version": "version {version}",
  "updates.other.same": "comme à la sortie d’usine",
  "updates.other.bad": "{what}, ne démarre pas",
  "updates.proof": "Preuve",
  "updates.proof.good": "Tout a fonctionné après ce démarrage",
  "updates.proof.missing": "Pas encore : {what}",
  "updates.proof.wait": "Observé pendant quelques secondes",
  "updates.lack.lan": "le réseau de la maison n’est pas servi",
  "updates.lack.page": "la page ne répond pas",
  "updates.lack.daemons": "un service manque",
  "updates.lack.configuration": "la configuration n’est pas appliquée",
  "updates.unsupported":
    "Cette machine n’a qu’un seul système. Elle se met à jour comme elle a été installée, pas d’ici.",
  "updates.text":
    "La nouvelle version est écrite à côté de celle qui tourne. Si elle ne fonctionne pas, le boîtier revient à celle-ci tout seul. Vos réglages restent.",
  "updates.file": "Fichier de mise à jour",
  "updates.file.hint": "Un fichier qui finit par .raucb, pour ce boîtier.",
  "updates.send": "Regarder ce fichier",
  "updates.sending": "Envoi du fichier",
  "updates.file.missing": "Choisissez un fichier.",
  "updates.inspecting": "Le boîtier vérifie le fichier : sa signature, sa version, son matériel.",
  "updates.refused": "Cette mise à jour est refusée",
  "updates.failed": "La mise à jour n’a pas pu être installée",
  "updates.ready": "Prête : version {version}",
  "updates.ready.text":
    "La signature est bonne et le fichier est pour ce boîtier. L’installation prend quelques minutes ; Internet continue de fonctionner. Puis le boîtier redémarre.",
  "updates.install": "Installer et redémarrer",
  "updates.later": "Installer, redémarrer plus tard",
  "updates.forget": "Oublier ce fichier",
  "updates.close": "Compris",
  "updates.installing": "La version {version} est en cours d’écriture",
  "updates.installing.text":
    "{percent} %. Ne débranchez pas le boîtier ; si vous le faites, cette version-ci reste.",
  "updates.installed": "La version {version} est installée",
  "updates.installed.text": "Elle démarre au prochain redémarrage du boîtier.",
  "updates.restart": "Redémarrer maintenant",
  "updates.restarting": "Le boîtier redémarre avec la version {version}",
  "updates.restarting.text":
    "Cette page revient toute seule dans quelques minutes. Reconnectez-vous : elle dira alors ce qu’il en est.",
  "updates.trial": "La version {version} fait ses preuves",
  "updates.trial.text":
    "Si elle ne fonctionne pas dans {seconds} secondes, le boîtier revient tout seul à l’ancienne version.",
  "updates.last.missing": "Ce qui manquait : {what}.",
  "updates.last.kept": "La version {version} a fait ses preuves ({at}) ; avant, c’était la {from}.",
  "updates.last.fell_back":
    "La version {version} n’a pas fait ses preuves ({at}) : la {from} est de nouveau en service. Vos réglages sont intacts.",
  "updates.last.went_back":
    "Le boîtier est revenu à la version {version} ({at}) ; avant, c’était la {from}.",
  "updates.rollback": "Revenir à l’autre système",
  "updates.rollback.ask": "Revenir à l’autre système ?",
  "updates.rollback.text":
    "Le boîtier redémarre avec lui. Vos réglages restent. S’il ne fonctionne pas, le boîtier revient à cette version.",
};
