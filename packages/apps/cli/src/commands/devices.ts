import { type Argument, argument, type Call, type Command } from "../command.ts";
import { findDevice } from "../devices.ts";
import { EXIT } from "../exit.ts";
import { got } from "../failure.ts";
import { bytesText, rateText, timeText } from "../format.ts";
import type { Cell } from "../screen.ts";

const ID: Argument = {
  name: "ID",
  about: {
    fr: "identifiant, nom, adresse matérielle ou adresse IP, s'il n'y en a qu'un",
    en: "identifier, name, hardware address or IP address, where only one has it",
  },
};

export const deviceCommands: readonly Command[] = [
  {
    path: ["devices", "list"],
    isDefault: true,
    about: { fr: "les appareils de la maison", en: "the devices of the home" },
    examples: [
      {
        words: "devices",
        about: { fr: "tous, d'abord ceux en ligne", en: "all, those online first" },
      },
      {
        words: "devices list --json",
        about: { fr: "la même chose pour un programme", en: "the same for a program" },
      },
    ],
    uses: ["GET /hosts"],
    run: list,
  },
  {
    path: ["devices", "show"],
    about: { fr: "tout ce que l'on sait d'un appareil", en: "all that is known of a device" },
    args: [ID],
    examples: [{ words: "devices show laptop", about: { fr: "par son nom", en: "by its name" } }],
    uses: ["GET /hosts"],
    run: show,
  },
  {
    path: ["devices", "rename"],
    about: { fr: "donne un nom à un appareil", en: "gives a device a name" },
    args: [ID, { name: "NAME", about: { fr: "le nouveau nom", en: "the new name" } }],
    examples: [
      {
        words: 'devices rename 02:70:61:00:00:01 "Kitchen radio"',
        about: { fr: "par son adresse matérielle", en: "by its hardware address" },
      },
    ],
    uses: ["GET /hosts", "PATCH /hosts/{id}"],
    run: (call) => change(call, { name: argument(call, 1) }),
  },
  {
    path: ["devices", "block"],
    about: { fr: "coupe un appareil d'Internet", en: "cuts a device off the Internet" },
    args: [ID],
    examples: [{ words: "devices block tablet", about: { fr: "tout de suite", en: "at once" } }],
    uses: ["GET /hosts", "PATCH /hosts/{id}"],
    run: (call) => change(call, { blocked: true }),
  },
  {
    path: ["devices", "unblock"],
    about: { fr: "rend Internet à un appareil", en: "gives a device the Internet back" },
    args: [ID],
    examples: [{ words: "devices unblock tablet", about: { fr: "tout de suite", en: "at once" } }],
    uses: ["GET /hosts", "PATCH /hosts/{id}"],
    run: (call) => change(call, { blocked: false }),
  },
  {
    path: ["devices", "reserve"],
    about: { fr: "garde une adresse pour un appareil", en: "keeps an address for a device" },
    args: [
      ID,
      {
        name: "ADDRESS",
        about: {
          fr: "adresse IPv4 de la maison, ou « none » pour la rendre",
          en: 'IPv4 address of the home, or "none" to give it up',
        },
      },
    ],
    examples: [
      {
        words: "devices reserve printer 192.168.1.20",
        about: {
          fr: "l'imprimante reste à cette adresse",
          en: "the printer stays at this address",
        },
      },
      {
        words: "devices reserve printer none",
        about: { fr: "l'adresse redevient libre", en: "the address is free again" },
      },
    ],
    uses: ["GET /hosts", "PATCH /hosts/{id}"],
    run: (call) => {
      const address = argument(call, 1);
      return change(call, { reservedAddress: address === "none" ? null : address });
    },
  },
  {
    path: ["devices", "wake"],
    about: { fr: "réveille un appareil (wake-on-LAN)", en: "wakes a device (wake-on-LAN)" },
    args: [ID],
    examples: [{ words: "devices wake nas", about: { fr: "par son nom", en: "by its name" } }],
    uses: ["GET /hosts", "POST /hosts/{id}/wake"],
    run: wake,
  },
  {
    path: ["devices", "forget"],
    about: {
      fr: "oublie un appareil jusqu'à son retour",
      en: "forgets a device until it is seen again",
    },
    args: [ID],
    examples: [
      { words: "devices forget old-phone", about: { fr: "par son nom", en: "by its name" } },
    ],
    uses: ["GET /hosts", "DELETE /hosts/{id}"],
    run: forget,
  },
];

async function list({ api, screen, json }: Call): Promise<number> {
  const reply = await got(api.call("GET /hosts"));
  if (json) screen.json(reply);
  else
    screen.table(
      reply.hosts
        .toSorted((a, b) => Number(b.online) - Number(a.online) || (a.name < b.name ? -1 : 1))
        .map((host): readonly Cell[] => [
          { text: host.name, colour: "strong" },
          host.blocked
            ? { text: screen.say({ fr: "bloqué", en: "blocked" }), colour: "warning" }
            : host.online
              ? { text: screen.say({ fr: "en ligne", en: "online" }), colour: "good" }
              : { text: screen.say({ fr: "absent", en: "away" }), colour: "quiet" },
          host.addresses[0] ?? "-",
          host.macs[0] ?? "-",
          `↓ ${rateText(host.downRate ?? 0, screen.language)}`,
          `↑ ${rateText(host.upRate ?? 0, screen.language)}`,
          { text: host.id, colour: "quiet" },
        ]),
      [
        { fr: "nom", en: "name" },
        { fr: "état", en: "state" },
        { fr: "adresse", en: "address" },
        { fr: "adresse matérielle", en: "hardware address" },
        { fr: "reçoit", en: "receives" },
        { fr: "envoie", en: "sends" },
        { fr: "identifiant", en: "identifier" },
      ],
    );
  return EXIT.ok;
}

async function show(call: Call): Promise<number> {
  const { screen } = call;
  const host = await findDevice(call.api, argument(call, 0));
  if (call.json) {
    screen.json(host);
    return EXIT.ok;
  }
  const { language } = screen;
  const word = (yes: boolean): string =>
    screen.say(yes ? { fr: "oui", en: "yes" } : { fr: "non", en: "no" });
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ["nom", "name", `${host.name} (${host.nameSource})`],
    ["identifiant", "identifier", host.id],
    ["en ligne", "online", word(host.online)],
    ["bloqué", "blocked", word(host.blocked)],
    ["adresses", "addresses", host.addresses.join(", ")],
    ["adresse gardée", "kept address", host.reservedAddress],
    ["adresses matérielles", "hardware addresses", host.macs.join(", ")],
    ["adresse privée", "private address", word(host.privateMac)],
    ["réseau", "network", host.network],
    ["nom qu'il se donne", "calls itself", host.hostname],
    ["fabricant", "vendor", host.vendor],
    ["vu pour la première fois", "first seen", timeText(host.firstSeen)],
    ["vu pour la dernière fois", "last seen", timeText(host.lastSeen)],
    ["reçu", "received", bytesText(host.downBytes ?? 0, language)],
    ["envoyé", "sent", bytesText(host.upBytes ?? 0, language)],
    ["ouvertures", "openings", host.portMappings.join(", ")],
  ];
  screen.table(
    rows
      .filter(([, , value]) => value !== undefined && value !== "")
      .map(([fr, en, value]) => [{ text: screen.say({ fr, en }), colour: "quiet" }, value ?? ""]),
  );
  return EXIT.ok;
}

interface HostChange {
  readonly name?: string;
  readonly blocked?: boolean;
  readonly reservedAddress?: string | null;
}

async function change(call: Call, body: HostChange): Promise<number> {
  const { id } = await findDevice(call.api, argument(call, 0));
  const host = await got(call.api.call("PATCH /hosts/{id}", { params: { id }, body }));
  if (call.json) call.screen.json(host);
  else
    call.screen.line(
      { text: host.name, colour: "strong" },
      call.screen.say(
        host.blocked ? { fr: " : bloqué", en: ": blocked" } : { fr: " : noté", en: ": done" },
      ),
      host.reservedAddress === undefined ? "" : `, ${host.reservedAddress}`,
    );
  return EXIT.ok;
}

async function wake(call: Call): Promise<number> {
  const { id, name } = await findDevice(call.api, argument(call, 0));
  await got(call.api.call("POST /hosts/{id}/wake", { params: { id } }));
  if (!call.json)
    call.screen.line(
      call.screen.say({ fr: "Signal de réveil envoyé à ", en: "Wake-up signal sent to " }),
      { text: name, colour: "strong" },
    );
  return EXIT.ok;
}

async function forget(call: Call): Promise<number> {
  const { id, name } = await findDevice(call.api, argument(call, 0));
  await got(call.api.call("DELETE /hosts/{id}", { params: { id } }));
  if (!call.json)
    call.screen.line(call.screen.say({ fr: "Oublié : ", en: "Forgotten: " }), {
      text: name,
      colour: "strong",
    });
  return EXIT.ok;
}
