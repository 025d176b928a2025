import type { doorEn } from "../en/door.ts";
import type { TranslationOf } from "../words.ts";

export const doorFr: TranslationOf<typeof doorEn> = {
  "login.title": "Se connecter",
  "login.password": "Mot de passe de la passerelle",
  "login.password.hint": "Il est imprimé sur l’étiquette, sous le boîtier.",
  "login.remember": "Se souvenir de moi 30 jours sur cet appareil",
  "login.remember.hint": "Pour regarder seulement ; tout changement redemande le mot de passe.",
  "login.go": "Se connecter",
  "login.over": "Votre session est terminée. Connectez-vous pour reprendre où vous en étiez.",
  "login.insecure":
    "Cette connexion n’est pas chiffrée. Ne l’utilisez que pour installer ou dépanner le boîtier.",

  "expiry.title": "Êtes-vous encore là ?",
  "expiry.text": "Vous serez déconnecté dans {left}, pour protéger votre maison.",
  "expiry.stay": "Rester connecté",

  "stepup.title": "Est-ce bien vous ?",
  "stepup.text":
    "Ceci change qui peut entrer, ou pourrait vous couper. Prouvez une fois que c’est vous ; cela vaut une heure.",
  "stepup.password": "Mot de passe de la passerelle",
  "stepup.go": "Continuer",
  "stepup.button": "J’appuie sur le bouton du boîtier",
  "stepup.button.text": "Appuyez sur le bouton du boîtier. La page attend une minute.",
  "stepup.waiting": "En attente du bouton…",

  "first.step": "Étape {step} sur {steps}",
  "first.welcome": "Bienvenue",
  "first.welcome.text":
    "Trois courtes étapes, et votre maison est en ligne. Sans compte, sans nuage.",
  "first.language": "Langue",
  "first.go": "Continuer",
  "first.line": "Votre ligne",
  "first.line.checking": "La passerelle regarde la ligne…",
  "first.line.ok": "Internet marche. Il n’y a rien à régler.",
  "first.line.skip": "Continuer sans Internet",
  "first.operator": "Votre opérateur",
  "first.operator.hint": "La société de votre facture Internet.",
  "first.operator.other": "Un autre opérateur, ou une box intermédiaire",
  "first.login": "Identifiant de la ligne",
  "first.login.hint": "Sur la lettre de votre opérateur, par exemple fti/abc123.",
  "first.secret": "Mot de passe de la ligne",
  "first.line.set": "Utiliser cet opérateur",
  "first.line.done": "La passerelle essaie la ligne avec cet opérateur.",
  "first.done": "Votre maison est prête",
  "first.done.works": "Tout marche",
  "first.done.works.text":
    "Vous n’avez plus besoin de revenir. En cas de panne, l’accueil dit laquelle et pourquoi.",
  "first.done.line": "La ligne n’est pas encore active",
  "first.done.line.text": "L’accueil dit pourquoi, et quoi faire.",
  "first.done.updates": "Mises à jour",
  "first.done.updates.text":
    "Elles viendront d’elles-mêmes avec une prochaine version. Rien n’est envoyé sur vous ni sur votre maison.",
  "first.done.certificate": "Un cadenas sans avertissement",
  "first.done.certificate.text":
    "Ce boîtier a son propre certificat. Installez-le une fois et votre navigateur fera confiance à cette page.",
  "first.done.certificate.get": "Télécharger le certificat",
  "first.done.fingerprint": "Son empreinte (SHA-256)",
  "first.done.go": "Vers ma maison",
};
