import type { securityEn } from "../en/security.ts";
import type { TranslationOf } from "../words.ts";

export const securityFr: TranslationOf<typeof securityEn> = {
  "security.closed": "Rien n’est ouvert depuis Internet",
  "security.open": {
    one: "Une ouverture depuis Internet",
    other: "{n} ouvertures depuis Internet",
  },
  "security.failed": "Le pare-feu ne fonctionne pas comme il devrait",
  "security.failed.text": "La passerelle garde les dernières règles qui marchaient.",
  "security.loading": "Recherche de ce qui est ouvert…",

  "openings.title": "Ouvertures depuis Internet",
  "openings.shared.operator":
    "En IPv4, personne sur Internet ne peut joindre ce foyer : l’opérateur partage une adresse entre plusieurs foyers. Les ouvertures n’ont pas d’effet. Certains opérateurs donnent une adresse à soi sur demande.",
  "openings.shared.router":
    "En IPv4, personne sur Internet ne peut joindre ce foyer : un autre routeur se trouve devant cette passerelle. Il faut y faire les mêmes ouvertures.",
  "openings.text":
    "Tout Internet peut parler à ces appareils sur ces ports. Fermez ce qui ne sert plus.",
  "openings.none":
    "Personne sur Internet ne peut engager la conversation avec un appareil de la maison. La plupart des jeux, appels et caméras s’en passent.",
  "openings.what": "Usage",
  "openings.what.none": "Sans nom",
  "openings.port": "Port",
  "openings.device": "Mène à",
  "openings.owner": "Ouverte par",
  "openings.state": "État",
  "openings.state.active": "Ouverte",
  "openings.state.off": "Arrêtée",
  "openings.state.waiting": "Fermée pour l’instant",
  "openings.only_from": "Seulement depuis {source}",
  "openings.actions": "Actions",
  "openings.off": "Arrêter",
  "openings.on": "Activer",
  "openings.close": "Fermer",
  "row.action": "{action} : {name}",
  "openings.on.title": "Activer cette ouverture ?",
  "openings.on.text": "Tout Internet pourra parler à cet appareil sur le port {port}.",
  "openings.on.done": "L’ouverture est active.",
  "openings.off.title": "Arrêter cette ouverture ?",
  "openings.off.text":
    "Elle reste dans la liste, et personne ne peut s’en servir avant qu’elle soit réactivée.",
  "openings.off.done": "L’ouverture est arrêtée.",
  "openings.close.title": "Fermer cette ouverture ?",
  "openings.close.text": "Ce qui s’en sert depuis Internet est coupé tout de suite.",
  "openings.close.done": "L’ouverture est fermée.",
  "openings.new": "Ouvrir un port",
  "openings.new.title": "Ouvrir un port vers un appareil",
  "openings.new.device": "Vers quel appareil ?",
  "openings.new.device.hint": "Il devrait garder son adresse : cela se règle sur sa page.",
  "openings.new.device.choose": "Choisissez un appareil",
  "openings.new.name": "Usage",
  "openings.new.name.hint": "Par exemple : caméra. Vous le reconnaîtrez plus tard.",
  "openings.new.protocol": "Protocole",
  "openings.new.both": "Les deux",
  "openings.new.port": "Port",
  "openings.new.port.hint": "De 1 à 65535, comme le dit le programme ou sa notice.",
  "openings.new.more": "Plus de choix",
  "openings.new.last": "Dernier port d’une plage",
  "openings.new.last.hint": "Vide pour un seul port.",
  "openings.new.to_port": "Port de l’appareil",
  "openings.new.to_port.hint": "Vide pour le même port.",
  "openings.new.source": "Seulement depuis",
  "openings.new.source.hint":
    "Adresse ou réseau qui peut s’en servir, par exemple 203.0.113.8. Vide : tout le monde.",
  "openings.new.go": "Voir ce que cela fait",
  "openings.new.ask": "Ouvrir le port {port} vers {device} ?",
  "openings.new.text":
    "Des programmes sur Internet pourront parler à cet appareil. Continuez seulement si vous savez pourquoi.",
  "openings.new.done": "Le port est ouvert.",
  "openings.bad.to": "Choisissez un appareil.",
  "openings.bad.port": "Un nombre de 1 à 65535.",
  "openings.bad.portLast": "Un nombre qui n’est pas plus petit que le premier port.",
  "openings.bad.toPort": "Un nombre de 1 à 65535 ; une plage garde ses ports.",
  "openings.bad.source": "Une adresse comme 203.0.113.8, ou un réseau comme 203.0.113.0/24.",
  "openings.conflict":
    "Le port {port} mène déjà à {device} (« {name} »). Fermez d’abord cette ouverture, ou choisissez un autre port.",

  "blocked.title": "Appareils bloqués",
  "blocked.text": {
    one: "{n} appareil n’atteint ni Internet ni les autres réseaux.",
    other: "{n} appareils n’atteignent ni Internet ni les autres réseaux.",
  },
  "blocked.none": "Aucun appareil n’est bloqué. Pour en bloquer un, ouvrez sa page.",
  "blocked.unblock": "Laisser revenir",
  "blocked.done": "L’appareil atteint de nouveau Internet.",
  "blocked.forgotten": "Un appareil oublié",

  "sessions.title": "Qui est connecté",
  "sessions.text": {
    one: "Vous seulement, dans cette session.",
    other:
      "{n} sessions. Terminez celles que vous ne connaissez pas, puis changez le mot de passe.",
  },
  "sessions.this": "Cette session",
  "sessions.person": "Une personne",
  "sessions.since": "Commencée",
  "sessions.seen": "Dernière activité",
  "sessions.end": "Terminer",
  "sessions.ended": "La session est terminée.",

  "apps.title": "Applications et programmes",
  "apps.text":
    "Les programmes que vous laissez utiliser la passerelle, chacun avec les droits que vous avez choisis.",
  "apps.none": "Aucune application n’est associée. Celle qui le demande apparaîtra ici.",
  "apps.asks": "{name} demande à entrer",
  "apps.asks.text":
    "Depuis {source}, {ago}. Elle veut : {wanted}. Refusez, sauf si vous venez de la lancer vous-même.",
  "apps.approve": "Choisir ses droits",
  "apps.approve.title": "Que peut faire {name} ?",
  "apps.approve.text":
    "Donnez aussi peu de droits qu’il en faut. Vous pouvez les changer ou les reprendre à tout moment.",
  "apps.approve.go": "La laisser entrer",
  "apps.approve.done": "L’application est acceptée.",
  "apps.refuse": "Refuser",
  "apps.refused": "L’application est refusée.",
  "apps.rights": "Peut",
  "apps.rights.none": "rien",
  "apps.since": "Acceptée",
  "apps.seen": "Dernière activité",
  "apps.change": "Changer les droits",
  "apps.change.go": "Donner ces droits",
  "apps.change.done": "L’application a ses nouveaux droits.",
  "apps.revoke": "Retirer",
  "apps.revoke.title": "Retirer cette application ?",
  "apps.revoke.text":
    "Elle perd tous ses droits tout de suite. Pour s’en resservir, il faudra l’associer à nouveau.",
  "apps.revoked": "L’application est retirée.",
  "apps.wanted": "elle l’a demandé",

  "right.read": "voir",
  "right.read.hint": "Voir les appareils, le trafic et l’état de la ligne.",
  "right.devices": "gérer les appareils",
  "right.devices.hint": "Renommer, bloquer et réveiller des appareils.",
  "right.wifi": "Wi-Fi",
  "right.wifi.hint": "Changer le Wi-Fi, quand ce boîtier en aura un.",
  "right.phone": "téléphone",
  "right.phone.hint": "Utiliser le téléphone, quand ce boîtier en aura un.",
  "right.settings": "changer les réglages",
  "right.settings.hint": "Changer la ligne, le réseau et les ouvertures depuis Internet.",
  "right.admin": "tout",
  "right.admin.hint":
    "Aussi qui peut entrer, les sauvegardes et la remise à zéro. Pour personne en qui vous n’avez pas toute confiance.",

  "password.title": "Mot de passe de la passerelle",
  "password.text":
    "Celui de l’étiquette est solide : gardez-le, sauf si un inconnu peut le connaître. Un nouveau termine toutes les autres sessions.",
  "password.change": "Changer le mot de passe",
  "password.current": "Mot de passe actuel",
  "password.next": "Nouveau mot de passe",
  "password.next.hint":
    "10 caractères au moins. Le mieux : quatre mots que vous seul mettriez ensemble.",
  "password.again": "Nouveau mot de passe encore une fois",
  "password.go": "Le changer",
  "password.done": "Le mot de passe est changé ; les autres sessions sont terminées.",
  "password.short": "10 caractères au moins.",
  "password.differs": "Les deux nouveaux mots de passe diffèrent.",

  "https.title": "Accès chiffré",
  "https.secure": "Cette page est chiffrée : personne à la maison ne peut écouter.",
  "https.insecure":
    "Cette page n’est pas chiffrée. Quelqu’un sur votre réseau pourrait lire le mot de passe quand il est tapé.",
  "https.open": "Ouvrir la page chiffrée",
  "https.certificate":
    "Le boîtier se porte garant de lui-même avec son propre certificat. Installez-le une fois sur chaque ordinateur ou téléphone, et l’avertissement du navigateur disparaît.",
  "https.get": "Télécharger le certificat",
  "https.fingerprint": "Empreinte, à comparer avec ce que montre le navigateur",
  "https.how": "Comment l’installer",
  "https.how.windows":
    "Windows : ouvrez le fichier, « Installer le certificat », « Utilisateur actuel », puis le magasin « Autorités de certification racines de confiance ».",
  "https.how.mac":
    "macOS : ouvrez le fichier, retrouvez-le dans Trousseaux d’accès, et mettez « Se fier » sur « Toujours approuver ».",
  "https.how.iphone":
    "iPhone, iPad : ouvrez le fichier, autorisez le profil, puis Réglages › Général › Informations › Réglages de confiance des certificats.",
  "https.how.android":
    "Android : Paramètres › Sécurité › Chiffrement et identifiants › Installer un certificat › Certificat CA.",
  "https.how.firefox":
    "Firefox : Paramètres › Vie privée et sécurité › Certificats › Afficher les certificats › Autorités › Importer.",
  "https.how.safe":
    "Ce certificat ne peut garantir que les noms de ce boîtier, et aucun autre site.",
  "https.mode": "Accès non chiffré",
  "https.mode.offered": "Permis à la maison",
  "https.mode.required": "Refusé",
  "https.mode.change": "Changer l’accès à la page ?",
  "https.mode.text.required":
    "Seul l’accès chiffré marchera. Installez d’abord le certificat sur les appareils dont vous vous servez.",
  "https.mode.text.offered":
    "La page s’ouvrira aussi sans chiffrement, depuis la maison seulement.",
  "https.mode.done": "L’accès est changé.",

  "audit.title": "Ce qui a été fait",
  "audit.text": "Les connexions, celles qui ont été refusées, et tout ce qui a changé les droits.",

  "log.empty": "Rien n’a encore été noté.",
  "log.more": "Afficher des lignes plus anciennes",
  "log.category.line": "Ligne",
  "log.category.home": "Maison",
  "log.category.security": "Sécurité",
  "log.category.configuration": "Réglages",
  "log.category.system": "Système",
};
