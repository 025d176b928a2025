import { boxHelpEn } from "./box-en.ts";
import type { HelpTexts } from "./help.ts";

export const helpEn: HelpTexts = {
  home: [
    {
      title: "What it shows",
      text: [
        "The heading says whether everything works. Below it stand the things you should know, the picture of your home as it is now, and six tiles: one for each part of it.",
        "In the picture, dots move along a line while something is sent. The faster they move, the more. A device leads to its page.",
      ],
    },
    {
      title: "When something is wrong",
      text: [
        "The tile of the part says what and since when, and has one action that helps. The gateway checks all of this by itself; you need not watch it.",
      ],
    },
    {
      title: "When to change something",
      text: ["Never, if all is well. Everything is set so that it works without you."],
    },
  ],
  devices: [
    {
      title: "What it shows",
      text: [
        "Every device that was ever seen on your network and not forgotten: what it calls itself, whether it is there, and how much it sends and receives now.",
        "New devices carry a mark for a day. If you don't know one, open its page and block it; a block can be taken back at any time.",
      ],
    },
    {
      title: "Names are not proof",
      text: [
        "A device chooses its own name. Telephones often use a private hardware address and may come back as a new device. Give your devices names, so that a stranger stands out.",
      ],
    },
  ],
  device: [
    {
      title: "What you can do",
      text: [
        "Rename: the name is kept, whatever the device calls itself.",
        "Block: it stays connected but reaches neither the Internet nor other networks.",
        "Always the same address: for printers, servers and whatever others must find.",
        "Wake: starts a sleeping computer that listens for it.",
        "Open a port: lets the Internet speak to this device. Only if a program asks for it, and only as long as needed.",
        "Forget: for what left your home.",
      ],
    },
    {
      title: "The safe choice",
      text: ["No open port. Most games, calls and cameras work without one."],
    },
  ],
  ...boxHelpEn,
};
