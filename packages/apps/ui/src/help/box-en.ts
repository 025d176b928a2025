import type { BoxHelpTexts } from "./help.ts";

export const boxHelpEn: BoxHelpTexts = {
  internet: [
    {
      title: "What it shows",
      text: [
        "The line as a chain: cable, address, operator, Internet. The first link that does not hold is the one to look at; those after it can't work before.",
        "Below: how much passes through the line, how quickly the Internet answers, and what happened to the line in the past days, with how long each outage lasted.",
      ],
    },
    {
      title: "When the Internet is down",
      text: [
        "Read the sentence in the coloured box: it says why and what helps. “Find out why” looks at everything that could be the reason.",
        "“Reconnect” asks the operator for the address anew. It helps seldom, and it never harms.",
      ],
    },
    {
      title: "The DSL line",
      text: [
        "It stands there where the modem of the line was set. The noise margin is its reserve: with 6 dB or more it is at ease, below 3 dB it may resynchronise at any time. Attenuation comes with the length of the wire, and nobody can change it at home.",
        "Errors in the evening, or a margin that falls at the same hour each day, point to a disturber: a power supply, an old filter, a bad socket. Show these charts to your operator. “Resynchronise” finds the best rate anew, and the Internet is away meanwhile.",
      ],
    },
    {
      title: "The safe choice",
      text: [
        "Leave the settings of the line as they are. Change them with a new operator, or to take over the address of a former box. A wrong value cuts the Internet; you can undo it at any time.",
      ],
    },
  ],
  security: [
    {
      title: "What it shows",
      text: [
        "What the Internet may reach in your home, who is logged in to this page, which programs may use the box, and what was done.",
        "An opening lets anybody on the Internet speak to one device on one port. Each shows who made it and when.",
      ],
    },
    {
      title: "The safe choice",
      text: [
        "No opening. If a program asks for one, open it to that device only, and close it when you need it no more.",
        "Give an app only the rights it needs. End sessions you do not know, then change the password.",
      ],
    },
    {
      title: "Why the browser warns",
      text: [
        "The box is not on the Internet, so no authority vouches for it. It has its own certificate, which can only vouch for this box. Install it once on each device, compare its fingerprint, and the warning goes away.",
      ],
    },
  ],
  diagnostics: [
    {
      title: "What it does",
      text: [
        "Begin with an assistant: it looks at one thing after the other, says what is fine and what is not, and what you can do. It changes nothing.",
        "It works also without the Internet: that is when you need it.",
      ],
    },
    {
      title: "The tools",
      text: [
        "Ping asks another machine to answer. Trace shows the way there. “Look up a name” asks a name server. Capture writes packets into a file for a program such as Wireshark; the file can hold what people of your home do.",
      ],
    },
    {
      title: "When somebody helps you",
      text: [
        "Send them the report. It holds no password, no key and no name of your devices, and you see what is in it before you save it.",
      ],
    },
  ],
  system: [
    {
      title: "What it shows",
      text: [
        "How the box is, the addresses of your home, its settings, everything that was changed, and backups.",
        "The box watches itself: where something needs you, it says so at the top and on Home.",
      ],
    },
    {
      title: "Changing the addresses of your home",
      text: [
        "Needed only where two boxes use the same addresses. The box then moves, and this page looks for it at both addresses. If nobody keeps the change in time, the box goes back by itself: you can't lock yourself out.",
      ],
    },
    {
      title: "Going back",
      text: [
        "Each change of the settings is kept with its author. “Go back to this” makes an older one the newest again; that can be undone like any change.",
        "A backup is for a new box, or after a factory reset. With a passphrase it holds the passwords too; without the passphrase nobody can read them, not even you.",
      ],
    },
  ],
  expert: [
    {
      title: "What it shows",
      text: [
        "What the parts of the gateway say to each other, everything a program can ask of it, and the settings as they are stored. You can look at all of it and break nothing.",
      ],
    },
    {
      title: "Writing a program",
      text: [
        "The API is made from one table; the document served here always tells the truth about this box. Each operation says which right it needs and shows a line for a shell. Pair your program on the Security page; do not give it the password.",
      ],
    },
  ],
};
