import { boxHelpFr } from "./box-fr.ts";
import type { HelpTexts } from "./help.ts";

export const helpFr: HelpTexts = {
  home: [
    {
      title: "Ce que vous voyez",
      text: [
        "Le titre dit si tout marche. Dessous : ce qu’il faut savoir, l’image de votre maison en ce moment, et six cases, une pour chaque partie.",
        "Dans l’image, des points avancent le long d’une ligne quand quelque chose passe. Plus ils vont vite, plus il en passe. Un appareil mène à sa page.",
      ],
    },
    {
      title: "Quand quelque chose ne va pas",
      text: [
        "La case concernée dit quoi et depuis quand, et propose une action utile. La passerelle surveille tout cela d’elle-même ; vous n’avez pas à le faire.",
      ],
    },
    {
      title: "Quand changer quelque chose",
      text: ["Jamais, si tout va bien. Tout est réglé pour marcher sans vous."],
    },
  ],
  devices: [
    {
      title: "Ce que vous voyez",
      text: [
        "Tous les appareils vus un jour sur votre réseau et non oubliés : comment ils se nomment, s’ils sont là, et combien ils envoient et reçoivent en ce moment.",
        "Les nouveaux portent une marque pendant un jour. Si vous n’en connaissez pas un, ouvrez sa page et bloquez-le ; un blocage s’annule à tout moment.",
      ],
    },
    {
      title: "Un nom ne prouve rien",
      text: [
        "Un appareil choisit son nom. Les téléphones utilisent souvent une adresse matérielle privée et peuvent revenir comme un nouvel appareil. Nommez vos appareils : un inconnu se verra tout de suite.",
      ],
    },
  ],
  device: [
    {
      title: "Ce que vous pouvez faire",
      text: [
        "Renommer : le nom reste, quel que soit celui que l’appareil se donne.",
        "Bloquer : il reste relié mais n’atteint ni Internet ni les autres réseaux.",
        "Toujours la même adresse : pour les imprimantes, les serveurs et ce que d’autres doivent trouver.",
        "Réveiller : démarre un ordinateur en veille qui écoute cet appel.",
        "Ouvrir un port : laisse Internet parler à cet appareil. Seulement si un programme le demande, et le temps qu’il faut.",
        "Oublier : pour ce qui a quitté la maison.",
      ],
    },
    {
      title: "Le choix sûr",
      text: ["Aucun port ouvert. La plupart des jeux, appels et caméras s’en passent."],
    },
  ],
  ...boxHelpFr,
};
