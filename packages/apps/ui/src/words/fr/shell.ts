import type { shellEn } from "../en/shell.ts";
import type { TranslationOf } from "../words.ts";

export const shellFr: TranslationOf<typeof shellEn> = {
  "app.skip": "Aller au contenu",
  "app.loading": "Un instant…",
  "app.unreachable": "La passerelle ne répond pas",
  "app.unreachable.next":
    "Vérifiez que cet appareil est encore relié à la passerelle. La page réessaie d’elle-même.",
  "app.refused": "La passerelle ne montre pas cela en ce moment ({code}).",
  "app.retry": "Réessayer",
  "app.not_found": "Cette page n’existe pas",
  "app.not_found.text": "Cette adresse ne mène nulle part dans la passerelle.",
  "app.to_home": "Aller à l’accueil",
  "app.page_failed": "Cette page n’a pas pu être chargée",
  "app.page_failed.text": "La passerelle a peut-être été mise à jour entre-temps.",
  "app.reload": "Recharger la page",
  "app.soon": "Cette page arrivera avec une prochaine version.",

  "nav.label": "Pages",
  "nav.home": "Accueil",
  "nav.devices": "Appareils",
  "nav.internet": "Internet",
  "nav.security": "Sécurité",
  "nav.diagnostics": "Diagnostic",
  "nav.system": "Système",
  "nav.expert": "Expert",
  "nav.more": "Plus",

  "live.live": "En direct",
  "live.reconnecting": "Reconnexion…",
  "live.off": "Non connecté",

  "menu.label": "Réglages de cette page",
  "menu.language": "Langue",
  "menu.theme": "Apparence",
  "menu.theme.auto": "Comme l’appareil",
  "menu.theme.light": "Clair",
  "menu.theme.dark": "Sombre",
  "menu.log_out": "Se déconnecter",

  "help.open": "Aide de cette page",
  "help.close": "Fermer l’aide",
  "help.title": "Aide : {page}",

  "status.ok": "OK",
  "status.warning": "Attention",
  "status.fault": "Panne",
  "status.info": "Info",
  "status.off": "Éteint",
  "status.working": "En cours",

  "action.cancel": "Annuler",
  "action.close": "Fermer",
  "action.save": "Enregistrer",
  "action.back": "Retour",
  "action.dismiss": "Masquer",
  "action.undo": "Revenir en arrière",
  "action.search": "Rechercher",

  "form.errors": {
    one: "Un point demande votre attention",
    other: "{n} points demandent votre attention",
  },
  "form.required": "Merci de remplir ce champ.",
  "form.show_password": "Afficher le mot de passe",

  "table.rows": { one: "{n} ligne", other: "{n} lignes" },
  "table.sort": "Trier par {column}",
  "table.page": "Page {page} sur {pages}",
  "table.previous": "Page précédente",
  "table.next": "Page suivante",
  "table.empty": "Rien ici.",

  "chart.as_table": "Afficher en tableau",
  "chart.as_chart": "Afficher en graphique",
  "chart.time": "Heure",
  "chart.empty": "Rien n’a encore été mesuré.",

  "toast.label": "Messages",

  "time.now": "à l’instant",
  "time.moment": "moins d’une minute",
  "time.never": "jamais",

  "unit.bit": "bit/s",
  "unit.kbit": "kbit/s",
  "unit.mbit": "Mbit/s",
  "unit.gbit": "Gbit/s",
  "unit.byte": "o",
  "unit.kbyte": "ko",
  "unit.mbyte": "Mo",
  "unit.gbyte": "Go",
  "unit.tbyte": "To",
};
