import type { PortMapping } from "@passerelle/api";
import { type Argument, argument, type Call, type Command, option } from "../command.ts";
import { EXIT } from "../exit.ts";
import { got, ownFailure } from "../failure.ts";
import { timeText } from "../format.ts";
import { wholeNumber } from "../parse.ts";
import { parseDestination, parsePorts } from "../ports.ts";
import type { Cell } from "../screen.ts";

const ID: Argument = {
  name: "ID",
  about: {
    fr: "identifiant ou port (8080, 8080/udp) de l'ouverture",
    en: "identifier or port (8080, 8080/udp) of the opening",
  },
};

export const portCommands: readonly Command[] = [
  {
    path: ["ports", "list"],
    isDefault: true,
    about: { fr: "les ouvertures depuis Internet", en: "the openings from the Internet" },
    examples: [
      {
        words: "ports",
        about: { fr: "toutes, avec leur auteur", en: "all, with who opened them" },
      },
    ],
    uses: ["GET /nat/port-mappings"],
    run: list,
  },
  {
    path: ["ports", "open"],
    about: { fr: "ouvre un port vers un appareil", en: "opens a port to a device" },
    args: [
      {
        name: "PORT",
        about: {
          fr: "port du côté d'Internet : 8080, 5000-5010, avec /tcp (par défaut), /udp ou /both",
          en: "port on the Internet side: 8080, 5000-5010, with /tcp (the default), /udp or /both",
        },
      },
      {
        name: "DEVICE",
        about: {
          fr: "appareil ou adresse, avec :PORT s'il écoute sur un autre port",
          en: "device or address, with :PORT where it listens on another port",
        },
      },
    ],
    options: {
      name: { value: "NAME", about: { fr: "nom pour s'y retrouver", en: "name for people" } },
      source: {
        value: "NETWORK",
        about: {
          fr: "réseau qui peut s'en servir, sinon tout le monde",
          en: "network that may use it, else everybody",
        },
      },
      "to-port": {
        value: "PORT",
        about: {
          fr: "port sur l'appareil, s'il est autre",
          en: "port on the device, where it is another",
        },
      },
    },
    examples: [
      {
        words: "ports open 8080 192.168.1.20:80 --name website",
        about: { fr: "un site web de la maison", en: "a website of the home" },
      },
      {
        words: "ports open 5000-5010/udp console",
        about: { fr: "une plage vers la console", en: "a range to the games console" },
      },
    ],
    uses: ["GET /hosts", "GET /hosts/{id}", "POST /nat/port-mappings"],
    run: open,
  },
  {
    path: ["ports", "close"],
    about: {
      fr: "ferme une ouverture et ce qu'elle laissait passer",
      en: "closes an opening and ends what it let in",
    },
    args: [ID],
    examples: [{ words: "ports close 8080", about: { fr: "par son port", en: "by its port" } }],
    uses: ["GET /nat/port-mappings", "DELETE /nat/port-mappings/{id}"],
    run: close,
  },
  {
    path: ["ports", "enable"],
    about: { fr: "remet une ouverture en service", en: "switches an opening on again" },
    args: [ID],
    examples: [{ words: "ports enable 8080", about: { fr: "par son port", en: "by its port" } }],
    uses: ["GET /nat/port-mappings", "PATCH /nat/port-mappings/{id}"],
    run: (call) => toggle(call, true),
  },
  {
    path: ["ports", "disable"],
    about: {
      fr: "suspend une ouverture sans l'oublier",
      en: "switches an opening off and keeps it",
    },
    args: [ID],
    examples: [{ words: "ports disable 8080", about: { fr: "par son port", en: "by its port" } }],
    uses: ["GET /nat/port-mappings", "PATCH /nat/port-mappings/{id}"],
    run: (call) => toggle(call, false),
  },
];

async function list({ api, screen, json }: Call): Promise<number> {
  const reply = await got(api.call("GET /nat/port-mappings"));
  if (json) screen.json(reply);
  else if (reply.portMappings.length === 0)
    screen.line(
      screen.say({
        fr: "Rien n'est ouvert depuis Internet.",
        en: "Nothing is open from the Internet.",
      }),
    );
  else
    screen.table(
      reply.portMappings.map((mapping): readonly Cell[] => [
        { text: portsText(mapping), colour: "strong" },
        `→ ${mapping.to}${mapping.toPort === undefined ? "" : `:${mapping.toPort}`}`,
        mapping.active
          ? { text: screen.say({ fr: "ouvert", en: "open" }), colour: "warning" }
          : { text: screen.say({ fr: "fermé", en: "closed" }), colour: "quiet" },
        mapping.name ?? "",
        mapping.source ?? screen.say({ fr: "tout le monde", en: "everybody" }),
        mapping.owner ?? "",
        mapping.createdAt === undefined ? "" : timeText(mapping.createdAt),
        { text: mapping.id, colour: "quiet" },
      ]),
      [
        { fr: "port", en: "port" },
        { fr: "vers", en: "to" },
        { fr: "état", en: "state" },
        { fr: "nom", en: "name" },
        { fr: "pour", en: "for" },
        { fr: "auteur", en: "owner" },
        { fr: "depuis", en: "since" },
        { fr: "identifiant", en: "identifier" },
      ],
    );
  return EXIT.ok;
}

async function open(call: Call): Promise<number> {
  const ports = parsePorts(argument(call, 0));
  const destination = await parseDestination(call.api, argument(call, 1));
  const toPort = wholeNumber("--to-port", option(call, "to-port"), 1, 65_535) ?? destination.toPort;
  const name = option(call, "name");
  const source = option(call, "source");
  const body = {
    ...ports,
    to: destination.to,
    ...(toPort === undefined ? {} : { toPort }),
    ...(name === undefined ? {} : { name }),
    ...(source === undefined ? {} : { source }),
  };
  const mapping = await got(call.api.call("POST /nat/port-mappings", { body }));
  return told(call, mapping);
}

async function close(call: Call): Promise<number> {
  const id = await findOpening(call, argument(call, 0));
  await got(call.api.call("DELETE /nat/port-mappings/{id}", { params: { id } }));
  if (!call.json) call.screen.line(call.screen.say({ fr: "Fermé.", en: "Closed." }));
  return EXIT.ok;
}

async function toggle(call: Call, enabled: boolean): Promise<number> {
  const id = await findOpening(call, argument(call, 0));
  const body = { enabled };
  return told(
    call,
    await got(call.api.call("PATCH /nat/port-mappings/{id}", { params: { id }, body })),
  );
}

function told({ json, screen }: Call, mapping: PortMapping): number {
  if (json) screen.json(mapping);
  else
    screen.line(
      screen.say(
        mapping.enabled ? { fr: "Ouvert : ", en: "Open: " } : { fr: "Suspendu : ", en: "Off: " },
      ),
      { text: portsText(mapping), colour: "strong" },
      ` → ${mapping.to}${mapping.toPort === undefined ? "" : `:${mapping.toPort}`} `,
      { text: mapping.id, colour: "quiet" },
    );
  return EXIT.ok;
}

function portsText({ protocol, port, portLast }: PortMapping): string {
  return `${port}${portLast === undefined ? "" : `-${portLast}`}/${protocol}`;
}

/** By identifier, else by port where only one opening has it; else the box says that it is unknown. */
async function findOpening({ api }: Call, word: string): Promise<string> {
  const { portMappings } = await got(api.call("GET /nat/port-mappings"));
  if (portMappings.some(({ id }) => id === word)) return word;
  const found = portMappings.filter(
    (mapping) => portsText(mapping) === word || String(mapping.port) === word,
  );
  if (found.length > 1)
    throw ownFailure(
      "ambiguous_opening",
      found.map((mapping) => `${mapping.id} ${portsText(mapping)}`),
    );
  return found[0]?.id ?? word;
}
