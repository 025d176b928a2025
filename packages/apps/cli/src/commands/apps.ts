import type { Capability } from "@passerelle/api";
import { type Argument, argument, type Call, type Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { got } from "../failure.ts";
import { timeText } from "../format.ts";

const CAPABILITIES: Readonly<Record<Capability, true>> = {
  read: true,
  devices: true,
  wifi: true,
  phone: true,
  settings: true,
  admin: true,
};
const NAMES = Object.keys(CAPABILITIES);

const RIGHTS: Argument = {
  name: "RIGHT",
  isRepeated: true,
  choices: NAMES,
  about: { fr: "ce qu'elle pourra faire", en: "what it may do" },
};

export const appCommands: readonly Command[] = [
  {
    path: ["apps", "list"],
    isDefault: true,
    about: {
      fr: "les applications associées, et celles qui demandent",
      en: "paired apps, and those that ask",
    },
    examples: [{ words: "apps", about: { fr: "avec leurs droits", en: "with their rights" } }],
    uses: ["GET /apps"],
    run: list,
  },
  {
    path: ["apps", "allow"],
    about: {
      fr: "accepte une demande, avec ces droits",
      en: "lets an app in that asks, with these rights",
    },
    args: [
      {
        name: "REQUEST",
        about: { fr: "identifiant de la demande", en: "identifier of the request" },
      },
      RIGHTS,
    ],
    examples: [
      {
        words: "apps allow r-1 read devices",
        about: { fr: "lire, et gérer les appareils", en: "reading, and devices" },
      },
    ],
    uses: ["POST /apps/requests/{id}/answer"],
    run: (call) => answer(call, rightsOf(call)),
  },
  {
    path: ["apps", "refuse"],
    about: { fr: "refuse une demande", en: "refuses an app that asks" },
    args: [
      {
        name: "REQUEST",
        about: { fr: "identifiant de la demande", en: "identifier of the request" },
      },
    ],
    examples: [
      { words: "apps refuse r-1", about: { fr: "elle n'obtient rien", en: "it gets nothing" } },
    ],
    uses: ["POST /apps/requests/{id}/answer"],
    run: (call) => answer(call, []),
  },
  {
    path: ["apps", "rights"],
    about: { fr: "change les droits d'une application", en: "gives an app other rights" },
    args: [
      { name: "ID", about: { fr: "identifiant de l'application", en: "identifier of the app" } },
      RIGHTS,
    ],
    examples: [
      { words: "apps rights a-1 read", about: { fr: "lire seulement", en: "reading only" } },
    ],
    uses: ["PATCH /apps/{id}"],
    run: async (call) => {
      const reply = await got(
        call.api.call("PATCH /apps/{id}", {
          params: { id: argument(call, 0) },
          body: { capabilities: rightsOf(call) },
        }),
      );
      return done(call, reply);
    },
  },
  {
    path: ["apps", "remove"],
    about: {
      fr: "retire une application et ses sessions",
      en: "takes an app's rights and ends its sessions",
    },
    args: [
      { name: "ID", about: { fr: "identifiant de l'application", en: "identifier of the app" } },
    ],
    examples: [{ words: "apps remove a-1", about: { fr: "tout de suite", en: "at once" } }],
    uses: ["DELETE /apps/{id}"],
    run: async (call) => {
      await got(call.api.call("DELETE /apps/{id}", { params: { id: argument(call, 0) } }));
      return done(call, undefined);
    },
  },
];

async function list({ api, screen, json }: Call): Promise<number> {
  const reply = await got(api.call("GET /apps"));
  if (json) {
    screen.json(reply);
    return EXIT.ok;
  }
  screen.table([
    ...reply.apps.map((app) => [
      { text: app.name, colour: "strong" } as const,
      screen.say({ fr: "associée", en: "paired" }),
      app.capabilities.join(","),
      timeText(app.createdAt),
      { text: app.id, colour: "quiet" } as const,
    ]),
    ...reply.requests.map((request) => [
      { text: request.name, colour: "strong" } as const,
      { text: screen.say(STATES[request.state]), colour: "warning" } as const,
      request.wanted.join(","),
      timeText(request.at),
      { text: request.id, colour: "quiet" } as const,
      request.source,
    ]),
  ]);
  return EXIT.ok;
}

const STATES = {
  pending: { fr: "demande", en: "asks" },
  approved: { fr: "acceptée", en: "let in" },
  denied: { fr: "refusée", en: "refused" },
  expired: { fr: "expirée", en: "expired" },
} as const;

async function answer(call: Call, capabilities: Capability[]): Promise<number> {
  const params = { id: argument(call, 0) };
  return done(
    call,
    await got(call.api.call("POST /apps/requests/{id}/answer", { params, body: { capabilities } })),
  );
}

/** The parser let only these words through. */
function rightsOf({ words }: Call): Capability[] {
  return words.args.slice(1).filter((word): word is Capability => NAMES.includes(word));
}

function done({ json, screen }: Call, reply: unknown): number {
  if (!json) screen.line(screen.say({ fr: "C'est fait.", en: "Done." }));
  else if (reply !== undefined) screen.json(reply);
  return EXIT.ok;
}
