import { argument, type Call, type Command, option } from "../command.ts";
import { changesOf, readDraft, removeDraft } from "../draft.ts";
import { EXIT } from "../exit.ts";
import { got, ownFailure } from "../failure.ts";
import { durationText, timeText } from "../format.ts";
import { confirmationPath, mustReadText, readText, writeFile } from "../kept.ts";
import { wholeNumber } from "../parse.ts";
import { planLines } from "../plan-lines.ts";
import { revisionNumber } from "./config.ts";

const PASSPHRASE = {
  "passphrase-file": {
    value: "FILE",
    completes: "file",
    about: {
      fr: "fichier de la phrase secrète qui chiffre les secrets",
      en: "file with the passphrase that encrypts the secrets",
    },
  },
} as const;

/** Changing what the box is: apply, confirm, go back, and whole backups. */
export const configApplyCommands: readonly Command[] = [
  {
    path: ["config", "apply"],
    about: {
      fr: "met le brouillon en vigueur ; ce qui pourrait vous couper s'annule sans confirmation",
      en: "puts the draft in force; what could cut you off is undone unless confirmed",
    },
    options: {
      confirm: {
        value: "SECONDS",
        about: {
          fr: "annulé après ce délai (10 à 600) sans « config confirm »",
          en: 'undone after this time (10 to 600) without "config confirm"',
        },
      },
      note: {
        value: "TEXT",
        about: { fr: "pourquoi, pour l'historique", en: "why, for the history" },
      },
    },
    examples: [
      { words: "config apply", about: { fr: "tout de suite", en: "at once" } },
      {
        words: 'config apply --confirm 120 --note "new range"',
        about: {
          fr: "défait dans deux minutes, sauf « config confirm »",
          en: 'undone in two minutes, except for "config confirm"',
        },
      },
    ],
    uses: ["POST /config/apply"],
    run: apply,
  },
  {
    path: ["config", "confirm"],
    about: { fr: "garde la modification à l'essai", en: "keeps the change on probation" },
    args: [
      {
        name: "TOKEN",
        isOptional: true,
        about: {
          fr: "code affiché par « apply » ; sinon celui gardé sur ce compte",
          en: 'token that "apply" printed; else the one kept for this account',
        },
      },
    ],
    examples: [
      {
        words: "config confirm",
        about: { fr: "depuis le même compte", en: "from the same account" },
      },
    ],
    uses: ["POST /config/confirm"],
    run: confirm,
  },
  {
    path: ["config", "rollback"],
    about: {
      fr: "annule la modification à l'essai, ou revient à une révision",
      en: "undoes the change on probation, or goes back to a revision",
    },
    args: [
      {
        name: "REVISION",
        isOptional: true,
        about: { fr: "numéro de l'historique", en: "number in the history" },
      },
    ],
    examples: [
      { words: "config rollback", about: { fr: "annule l'essai", en: "ends the probation" } },
      {
        words: "config rollback 12",
        about: { fr: "comme à la révision 12", en: "as in revision 12" },
      },
    ],
    uses: ["POST /config/rollback"],
    run: rollback,
  },
  {
    path: ["config", "history"],
    about: { fr: "les révisions, leurs auteurs, leurs raisons", en: "revisions, authors, reasons" },
    options: {
      limit: {
        value: "N",
        about: { fr: "au plus ce nombre (1 à 200)", en: "at most this many (1 to 200)" },
      },
    },
    examples: [
      { words: "config history --limit 5", about: { fr: "les dernières", en: "the last ones" } },
    ],
    uses: ["GET /config/history"],
    run: history,
  },
  {
    path: ["config", "export"],
    about: { fr: "sauvegarde tous les réglages", en: "makes a backup of every setting" },
    args: [
      { name: "FILE", completes: "file", about: { fr: "fichier à écrire", en: "file to write" } },
    ],
    options: PASSPHRASE,
    examples: [
      {
        words: "config export backup.json",
        about: { fr: "sans les secrets", en: "without the secrets" },
      },
      {
        words: "config export backup.json --passphrase-file phrase.txt",
        about: { fr: "avec les secrets, chiffrés", en: "with the secrets, encrypted" },
      },
    ],
    uses: ["POST /config/export"],
    run: exportAll,
  },
  {
    path: ["config", "import"],
    about: { fr: "restaure une sauvegarde, à l'essai", en: "restores a backup, on probation" },
    args: [
      {
        name: "FILE",
        completes: "file",
        about: {
          fr: "sauvegarde, ou « - » pour l'entrée standard",
          en: 'backup, or "-" for standard input',
        },
      },
    ],
    options: PASSPHRASE,
    examples: [
      {
        words: "config import backup.json",
        about: { fr: "puis « config confirm »", en: 'then "config confirm"' },
      },
    ],
    uses: ["POST /config/import"],
    run: importAll,
  },
];

async function apply(call: Call): Promise<number> {
  const { api, world, door, screen } = call;
  const probationSeconds = wholeNumber("--confirm", option(call, "confirm"), 10, 600);
  const note = option(call, "note");
  const draft = await readDraft(world, door.name);
  const body = {
    changes: changesOf(draft),
    ...(note === undefined ? {} : { note }),
    ...(probationSeconds === undefined ? {} : { probationSeconds }),
  };
  const input = draft === undefined ? { body } : { body, ifMatch: draft.basedOn };
  const reply = await got(api.call("POST /config/apply", input));
  await removeDraft(world, door.name);
  if (call.json) screen.json(reply);
  else planLines(reply.plan, screen);
  await tellRevision(call, reply);
  return EXIT.ok;
}

interface Applied {
  readonly revision: number;
  readonly probation?: { readonly token: string; readonly seconds: number } | undefined;
}

/** Keeps the token before it is shown: whoever loses the terminal can still confirm. */
async function tellRevision(call: Call, { revision, probation }: Applied): Promise<void> {
  const { screen, world, door, json } = call;
  if (probation === undefined) {
    if (!json)
      screen.line(
        screen.say({
          fr: `En vigueur : révision ${revision}.`,
          en: `In force: revision ${revision}.`,
        }),
      );
    return;
  }
  await writeFile(world, confirmationPath(world, door.name), `${probation.token}\n`);
  if (json) return;
  const time = durationText(probation.seconds * 1000, screen.language);
  screen.line({
    text: screen.say({
      fr: `La révision ${revision} est à l'essai : elle s'annule dans ${time} sans confirmation.`,
      en: `Revision ${revision} is on probation: it is undone in ${time} unless you confirm.`,
    }),
    colour: "warning",
  });
  screen.line(`→ passerelle config confirm ${probation.token}`);
}

async function confirm(call: Call): Promise<number> {
  const { api, world, door, screen } = call;
  const path = confirmationPath(world, door.name);
  const token = call.words.args[0] ?? (await readText(world, path))?.trim();
  if (token === undefined) throw ownFailure("no_kept_token");
  const reply = await got(api.call("POST /config/confirm", { body: { token } }));
  await world.files.remove(path);
  if (call.json) screen.json(reply);
  else
    screen.line(
      screen.say({
        fr: `Confirmé : la révision ${reply.revision} reste.`,
        en: `Confirmed: revision ${reply.revision} stays.`,
      }),
    );
  return EXIT.ok;
}

async function rollback(call: Call): Promise<number> {
  const [word] = call.words.args;
  const body = word === undefined ? {} : { to: revisionNumber(word) };
  const reply = await got(call.api.call("POST /config/rollback", { body }));
  if (call.json) call.screen.json(reply);
  await tellRevision(call, reply);
  return EXIT.ok;
}

async function history(call: Call): Promise<number> {
  const { api, screen } = call;
  const limit = wholeNumber("--limit", option(call, "limit"), 1, 200);
  const reply = await got(
    api.call("GET /config/history", { query: limit === undefined ? {} : { limit } }),
  );
  if (call.json) {
    screen.json(reply);
    return EXIT.ok;
  }
  screen.table(
    reply.revisions.map(({ revision, at, phase, author, note, differences }) => [
      { text: String(revision), colour: "strong" },
      timeText(at),
      {
        text: screen.say(PHASES[phase]),
        colour: phase === "confirmed" ? "good" : phase === "probation" ? "warning" : "quiet",
      },
      `${author.name} (${author.origin})`,
      differences
        .slice(0, DIFFERENCES_SHOWN)
        .map(({ section, path }) => `${section}${path}`)
        .join(", "),
      note ?? "",
    ]),
    [
      { fr: "révision", en: "revision" },
      { fr: "quand", en: "when" },
      { fr: "état", en: "state" },
      { fr: "auteur", en: "author" },
      { fr: "réglages", en: "settings" },
      { fr: "raison", en: "reason" },
    ],
  );
  return EXIT.ok;
}

const DIFFERENCES_SHOWN = 3;

const PHASES = {
  probation: { fr: "à l'essai", en: "on probation" },
  confirmed: { fr: "confirmée", en: "confirmed" },
  rolled_back: { fr: "annulée", en: "undone" },
} as const;

async function exportAll(call: Call): Promise<number> {
  const passphrase = await passphraseOf(call);
  const body = passphrase === undefined ? {} : { passphrase };
  const reply = await got(call.api.call("POST /config/export", { body }));
  const path = argument(call, 0);
  if (path === "-") call.screen.raw(reply.document);
  else {
    await writeFile(call.world, path, reply.document);
    if (!call.json)
      call.screen.line(
        call.screen.say({ fr: "Sauvegarde écrite : ", en: "Backup written: " }),
        path,
      );
  }
  return EXIT.ok;
}

async function importAll(call: Call): Promise<number> {
  const document = await mustReadText(call.world, argument(call, 0));
  const passphrase = await passphraseOf(call);
  const body = { document, ...(passphrase === undefined ? {} : { passphrase }) };
  const reply = await got(call.api.call("POST /config/import", { body }));
  if (call.json) call.screen.json(reply);
  else planLines(reply.plan, call.screen);
  await tellRevision(call, reply);
  return EXIT.ok;
}

/** Never an argument: those of a process are for all eyes. */
async function passphraseOf(call: Call): Promise<string | undefined> {
  const path = option(call, "passphrase-file");
  return path === undefined
    ? undefined
    : (await mustReadText(call.world, path)).replace(/\r?\n$/, "");
}
