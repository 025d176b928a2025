import { argument, type Call, type Command, flag, option } from "../command.ts";
import { EXIT } from "../exit.ts";
import { got, UsageError } from "../failure.ts";
import { timeText } from "../format.ts";
import { mustReadText, sessionPath, writeFile } from "../kept.ts";

const PASSWORD = {
  "password-file": {
    value: "FILE",
    completes: "file",
    about: {
      fr: "fichier du mot de passe, sinon il est demandé",
      en: "file with the password, else it is asked for",
    },
  },
} as const;

export const sessionCommands: readonly Command[] = [
  {
    path: ["sessions", "list"],
    isDefault: true,
    about: { fr: "qui est connecté", en: "who is logged in" },
    examples: [
      {
        words: "sessions",
        about: { fr: "avec l'adresse et l'heure", en: "with address and time" },
      },
    ],
    uses: ["GET /sessions"],
    run: list,
  },
  {
    path: ["sessions", "end"],
    about: { fr: "met fin à une session", en: "ends a session" },
    args: [
      { name: "ID", about: { fr: "identifiant de la session", en: "identifier of the session" } },
    ],
    examples: [
      {
        words: "sessions end 7f3a",
        about: { fr: "une autre que la sienne", en: "another than one's own" },
      },
    ],
    uses: ["DELETE /sessions/{id}"],
    run: async (call) => {
      await got(call.api.call("DELETE /sessions/{id}", { params: { id: argument(call, 0) } }));
      return told(call, { fr: "Session terminée.", en: "Session ended." });
    },
  },
  {
    path: ["login"],
    about: {
      fr: "ouvre une session par le réseau et garde son jeton",
      en: "opens a session over the network and keeps its token",
    },
    options: PASSWORD,
    examples: [
      {
        words: "login --url http://192.168.1.1",
        about: { fr: "demande le mot de passe", en: "asks for the password" },
      },
    ],
    uses: ["POST /sessions"],
    run: login,
  },
  {
    path: ["logout"],
    about: {
      fr: "ferme la session et oublie son jeton",
      en: "ends the session and forgets its token",
    },
    examples: [
      { words: "logout --url http://192.168.1.1", about: { fr: "après usage", en: "after use" } },
    ],
    uses: ["DELETE /sessions/current"],
    run: logout,
  },
  {
    path: ["step-up"],
    about: {
      fr: "prouve que c'est vous, pour une heure d'actions délicates",
      en: "proves that it is you, for an hour of dangerous actions",
    },
    options: {
      ...PASSWORD,
      button: {
        about: {
          fr: "par le bouton de la box, pressé dans la dernière minute",
          en: "by the button of the box, pressed within the last minute",
        },
      },
    },
    examples: [
      {
        words: "step-up --url http://192.168.1.1",
        about: { fr: "redemande le mot de passe", en: "asks for the password again" },
      },
    ],
    uses: ["POST /sessions/current/step-up"],
    run: stepUp,
  },
];

async function list({ api, screen, json }: Call): Promise<number> {
  const reply = await got(api.call("GET /sessions"));
  if (json) screen.json(reply);
  else
    screen.table(
      reply.sessions.map((session) => [
        { text: session.actor, colour: "strong" },
        session.current ? screen.say({ fr: "celle-ci", en: "this one" }) : session.kind,
        session.source,
        timeText(session.startedAt),
        timeText(session.lastSeenAt),
        session.capabilities.join(","),
        session.userAgent ?? "",
        { text: session.id, colour: "quiet" },
      ]),
      [
        { fr: "qui", en: "who" },
        { fr: "sorte", en: "kind" },
        { fr: "depuis l'adresse", en: "address" },
        { fr: "début", en: "since" },
        { fr: "vu", en: "seen" },
        { fr: "droits", en: "rights" },
        { fr: "programme", en: "program" },
        { fr: "identifiant", en: "identifier" },
      ],
    );
  return EXIT.ok;
}

async function login(call: Call): Promise<number> {
  const { api, world, door, screen } = call;
  const password = await passwordOf(call);
  const reply = await got(
    api.call("POST /sessions", { body: { kind: "password", password, transport: "bearer" } }),
  );
  if (reply.token !== undefined)
    await writeFile(
      world,
      option(call, "token-file") ?? sessionPath(world, door.name),
      `${reply.token}\n`,
    );
  if (call.json) screen.json(reply);
  else
    screen.line(
      screen.say({ fr: "Connecté jusqu'au ", en: "Logged in until " }),
      timeText(reply.session.expiresAt),
    );
  return EXIT.ok;
}

async function logout(call: Call): Promise<number> {
  const { api, world, door } = call;
  await got(api.call("DELETE /sessions/current"));
  await world.files.remove(option(call, "token-file") ?? sessionPath(world, door.name));
  return told(call, { fr: "Session fermée.", en: "Logged out." });
}

async function stepUp(call: Call): Promise<number> {
  const { api, screen } = call;
  const body = flag(call, "button")
    ? ({ kind: "button" } as const)
    : ({ kind: "password", password: await passwordOf(call) } as const);
  const reply = await got(api.call("POST /sessions/current/step-up", { body }));
  if (call.json) screen.json(reply);
  else
    screen.line(
      screen.say({ fr: "C'est noté jusqu'au ", en: "Good until " }),
      timeText(reply.session.stepUpUntil ?? 0),
    );
  return EXIT.ok;
}

/** Never an argument: those of a process are for all eyes. */
async function passwordOf(call: Call): Promise<string> {
  const path = option(call, "password-file");
  const password =
    path === undefined
      ? await call.world.askSecret(call.screen.say({ fr: "Mot de passe : ", en: "Password: " }))
      : (await mustReadText(call.world, path)).replace(/\r?\n$/, "");
  if (password !== "") return password;
  throw new UsageError({ fr: "aucun mot de passe donné", en: "no password given" });
}

function told(
  { json, screen }: Call,
  sentence: { readonly fr: string; readonly en: string },
): number {
  if (!json) screen.line(screen.say(sentence));
  return EXIT.ok;
}
