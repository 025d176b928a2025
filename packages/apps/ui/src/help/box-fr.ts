import type { BoxHelpTexts } from "./help.ts";

export const boxHelpFr: BoxHelpTexts = {
  internet: [
    {
      title: "Ce que vous voyez",
      text: [
        "La ligne comme une chaîne : câble, adresse, opérateur, Internet. Le premier maillon qui ne tient pas est celui à regarder ; ceux d’après ne peuvent pas marcher avant lui.",
        "Dessous : ce qui passe par la ligne, en combien de temps Internet répond, et ce qui est arrivé à la ligne ces derniers jours, avec la durée de chaque coupure.",
      ],
    },
    {
      title: "Quand Internet est coupé",
      text: [
        "Lisez la phrase dans l’encadré de couleur : elle dit pourquoi, et ce qui aide. « Chercher pourquoi » examine tout ce qui pourrait en être la cause.",
        "« Reconnecter » redemande l’adresse à l’opérateur. Cela aide rarement et ne nuit jamais.",
      ],
    },
    {
      title: "La ligne DSL",
      text: [
        "Elle est là si le modem de la ligne a été indiqué. La marge de bruit est sa réserve : à 6 dB ou plus elle est à l’aise, sous 3 dB elle peut se resynchroniser à tout moment. L’atténuation vient de la longueur du fil, et personne n’y peut rien chez soi.",
        "Des erreurs le soir, ou une marge qui tombe chaque jour à la même heure, désignent un perturbateur : une alimentation, un vieux filtre, une mauvaise prise. Montrez ces courbes à votre opérateur. « Resynchroniser » cherche de nouveau le meilleur débit, et Internet s’arrête pendant ce temps.",
      ],
    },
    {
      title: "Le choix sûr",
      text: [
        "Laissez les réglages de la ligne comme ils sont. Changez-les avec un nouvel opérateur, ou pour reprendre l’adresse d’une ancienne box. Une valeur fausse coupe Internet ; vous pouvez revenir en arrière à tout moment.",
      ],
    },
  ],
  security: [
    {
      title: "Ce que vous voyez",
      text: [
        "Ce qu’Internet peut atteindre chez vous, qui est connecté à cette page, quels programmes peuvent se servir du boîtier, et ce qui a été fait.",
        "Une ouverture laisse tout Internet parler à un appareil sur un port. Chacune montre qui l’a faite et quand.",
      ],
    },
    {
      title: "Le choix sûr",
      text: [
        "Aucune ouverture. Si un programme en demande une, ouvrez-la vers cet appareil seulement, et fermez-la quand elle ne sert plus.",
        "Ne donnez à une application que les droits qu’il lui faut. Terminez les sessions que vous ne connaissez pas, puis changez le mot de passe.",
      ],
    },
    {
      title: "Pourquoi le navigateur avertit",
      text: [
        "Le boîtier n’est pas sur Internet : aucune autorité ne se porte garante de lui. Il a son propre certificat, qui ne peut garantir que ce boîtier. Installez-le une fois sur chaque appareil, comparez son empreinte, et l’avertissement disparaît.",
      ],
    },
  ],
  diagnostics: [
    {
      title: "À quoi cela sert",
      text: [
        "Commencez par un assistant : il examine une chose après l’autre, dit ce qui va et ce qui ne va pas, et ce que vous pouvez faire. Il ne change rien.",
        "Il marche aussi sans Internet : c’est là que vous en avez besoin.",
      ],
    },
    {
      title: "Les outils",
      text: [
        "Ping demande à une autre machine de répondre. Chemin montre par où l’on y va. « Chercher un nom » interroge un serveur de noms. Capture écrit les paquets dans un fichier pour un programme comme Wireshark ; on peut y lire ce que font les gens de la maison.",
      ],
    },
    {
      title: "Quand quelqu’un vous aide",
      text: [
        "Envoyez-lui le rapport. Il ne contient ni mot de passe, ni clé, ni nom de vos appareils, et vous voyez ce qu’il contient avant de l’enregistrer.",
      ],
    },
  ],
  system: [
    {
      title: "Ce que vous voyez",
      text: [
        "Comment va le boîtier, les adresses de la maison, ses réglages, tout ce qui a été changé, et les sauvegardes.",
        "Le boîtier se surveille lui-même : s’il a besoin de vous, il le dit en haut de la page et à l’accueil.",
      ],
    },
    {
      title: "Changer les adresses de la maison",
      text: [
        "Utile seulement si deux boîtiers ont les mêmes adresses. Le boîtier déménage, et cette page le cherche aux deux adresses. Si personne ne garde le changement à temps, il revient de lui-même : vous ne pouvez pas vous enfermer dehors.",
      ],
    },
    {
      title: "Revenir en arrière",
      text: [
        "Chaque changement des réglages est gardé avec son auteur. « Y revenir » fait d’un ancien le plus récent ; cela s’annule comme tout changement.",
        "Une sauvegarde sert pour un nouveau boîtier, ou après une remise à zéro. Avec une phrase secrète, elle contient aussi les mots de passe ; sans la phrase, personne ne peut les lire, pas même vous.",
      ],
    },
  ],
  expert: [
    {
      title: "Ce que vous voyez",
      text: [
        "Ce que les parties de la passerelle se disent, tout ce qu’un programme peut lui demander, et les réglages tels qu’ils sont enregistrés. Vous pouvez tout regarder sans rien casser.",
      ],
    },
    {
      title: "Écrire un programme",
      text: [
        "L’API est faite d’une seule table ; le document servi ici dit toujours vrai sur ce boîtier. Chaque opération dit quel droit il lui faut et montre une ligne pour un terminal. Associez votre programme sur la page Sécurité ; ne lui donnez pas le mot de passe.",
      ],
    },
  ],
};
