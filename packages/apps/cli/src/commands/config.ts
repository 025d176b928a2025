import { isJsonObject, mergePatch } from "@passerelle/json";
import { type Argument, argument, type Call, type Command, flag, option } from "../command.ts";
import {
  changesOf,
  type Draft,
  readDraft,
  removeDraft,
  type SectionName,
  writeDraft,
} from "../draft.ts";
import { EXIT } from "../exit.ts";
import { got, ownFailure, UsageError } from "../failure.ts";
import { mustReadText } from "../kept.ts";
import { patchBetween } from "../merge-patch.ts";
import { planLines } from "../plan-lines.ts";
import { parsePath, valueAt, without, withValueAt } from "../pointer.ts";

const PATH: Argument = {
  name: "SECTION/POINTER",
  about: {
    fr: "réglage : la section, puis le chemin (lan/networks/0/address) ; « - » ajoute à une liste",
    en: 'setting: the section, then the path (lan/networks/0/address); "-" adds to a list',
  },
};

/** Looking at the settings, and the draft of a change. */
export const configCommands: readonly Command[] = [
  {
    path: ["config", "get"],
    about: { fr: "montre les réglages en vigueur", en: "shows the settings in force" },
    args: [{ ...PATH, isOptional: true }],
    options: {
      draft: { about: { fr: "avec le brouillon par-dessus", en: "with the draft on top" } },
      revision: {
        value: "N",
        about: { fr: "d'une révision plus ancienne", en: "of an older revision" },
      },
    },
    examples: [
      {
        words: "config get lan/networks/0/address",
        about: { fr: "une valeur seule", en: "one value alone" },
      },
      { words: "config get firewall", about: { fr: "une section", en: "one section" } },
    ],
    uses: ["GET /config"],
    run: get,
  },
  {
    path: ["config", "set"],
    about: { fr: "change un réglage dans le brouillon", en: "changes a setting in the draft" },
    args: [
      PATH,
      {
        name: "VALUE",
        isRepeated: true,
        about: {
          fr: "valeur : du JSON, sinon un texte ; plusieurs font une liste",
          en: "value: JSON, else a text; several make a list",
        },
      },
    ],
    examples: [
      {
        words: "config set lan/networks/0/address 192.168.2.1/24",
        about: {
          fr: "rien ne change avant « config apply »",
          en: 'nothing changes before "config apply"',
        },
      },
      {
        words: "config set firewall/answerPing false",
        about: { fr: "un oui ou non", en: "a yes or no" },
      },
      {
        words: "config set firewall/blocked 02:00:00:00:00:01 02:00:00:00:00:02",
        about: { fr: "une liste entière", en: "a whole list" },
      },
    ],
    uses: ["GET /config"],
    run: set,
  },
  {
    path: ["config", "unset"],
    about: {
      fr: "retire un réglage, ou un élément d'une liste, dans le brouillon",
      en: "takes a setting, or an item of a list, away in the draft",
    },
    args: [PATH],
    examples: [
      {
        words: "config unset firewall/blocked/0",
        about: { fr: "le premier de la liste", en: "the first of the list" },
      },
    ],
    uses: ["GET /config"],
    run: unset,
  },
  {
    path: ["config", "load"],
    about: {
      fr: "ajoute au brouillon un fichier JSON : section → modification (RFC 7396)",
      en: "adds a JSON file to the draft: section → merge patch (RFC 7396)",
    },
    args: [
      {
        name: "FILE",
        completes: "file",
        about: {
          fr: "fichier, ou « - » pour l'entrée standard",
          en: 'file, or "-" for standard input',
        },
      },
    ],
    examples: [
      {
        words: "config load changes.json",
        about: {
          fr: 'un fichier comme {"firewall": {"answerPing": false}}',
          en: 'a file such as {"firewall": {"answerPing": false}}',
        },
      },
    ],
    uses: ["GET /config"],
    run: load,
  },
  {
    path: ["config", "diff"],
    about: {
      fr: "ce que le brouillon changerait, et ce que la maison en sentirait",
      en: "what the draft would change, and what the home would feel of it",
    },
    examples: [{ words: "config diff", about: { fr: "sans rien faire", en: "without doing it" } }],
    uses: ["GET /config/state", "POST /config/plan"],
    run: diff,
  },
  {
    path: ["config", "discard"],
    about: { fr: "jette le brouillon", en: "throws the draft away" },
    examples: [
      {
        words: "config discard",
        about: { fr: "les réglages en vigueur restent", en: "the settings in force stay" },
      },
    ],
    uses: [],
    run: discard,
  },
];

async function get(call: Call): Promise<number> {
  const revision = option(call, "revision");
  const reply = await got(
    call.api.call("GET /config", {
      query: revision === undefined ? {} : { revision: revisionNumber(revision) },
    }),
  );
  const draft = flag(call, "draft") ? await readDraft(call.world, call.door.name) : undefined;
  const sections = mergePatch(reply.sections, draft?.patches ?? {});
  const [path] = call.words.args;
  if (path === undefined) {
    call.screen.json(call.json ? { ...reply, sections } : sections, call.json ? undefined : 2);
    return EXIT.ok;
  }
  const { section, tokens } = parsePath(path);
  const value = valueAt(sections, [section, ...tokens]);
  if (value === undefined) throw ownFailure("unknown_setting", [path]);
  if (!call.json && typeof value === "string") call.screen.line(value);
  else call.screen.json(value, call.json ? undefined : 2);
  return EXIT.ok;
}

export function revisionNumber(word: string): number {
  if (/^[0-9]{1,15}$/.test(word)) return Number(word);
  throw new UsageError({
    fr: `« ${word} » n'est pas un numéro de révision`,
    en: `"${word}" is no number of a revision`,
  });
}

async function set(call: Call): Promise<number> {
  const [path = "", ...words] = call.words.args;
  return editDraft(call, (sections) => {
    const { section, tokens } = parsePath(path);
    const place = [section, ...tokens];
    const now = valueAt(sections, place);
    const values = words.map((word) => readValue(word, now));
    const next = withValueAt(sections, place, values.length === 1 ? values[0] : values);
    return tokens.length > 0 && Object.hasOwn(sections, section) ? next?.value : undefined;
  });
}

/** JSON where it is JSON; but where the setting is a text now it stays one: a password of digits is no number. */
function readValue(word: string, now: unknown): unknown {
  if (typeof now === "string" && !word.startsWith('"')) return word;
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}

async function unset(call: Call): Promise<number> {
  const { section, tokens } = parsePath(argument(call, 0));
  return editDraft(call, (sections) =>
    tokens.length === 0 ? undefined : without(sections, [section, ...tokens])?.value,
  );
}

async function load(call: Call): Promise<number> {
  const path = argument(call, 0);
  const text = await mustReadText(call.world, path);
  let patches: unknown;
  try {
    patches = JSON.parse(text);
  } catch {
    patches = undefined;
  }
  if (!isJsonObject(patches) || !Object.values(patches).every(isJsonObject))
    throw new UsageError({
      fr: `« ${path} » n'est pas un objet JSON de sections`,
      en: `"${path}" is no JSON object of sections`,
    });
  return editDraft(call, (sections) =>
    Object.keys(patches).every((section) => Object.hasOwn(sections, section))
      ? mergePatch(sections, patches)
      : undefined,
  );
}

type Sections = Readonly<Record<string, unknown>>;

/** The draft is what leads from the settings in force to what the person wants to see. */
async function editDraft(call: Call, edit: (sections: Sections) => unknown): Promise<number> {
  const { revision, sections } = await got(call.api.call("GET /config", { query: {} }));
  const draft = await readDraft(call.world, call.door.name);
  const seen = mergePatch(sections, draft?.patches ?? {});
  const wanted = edit(isJsonObject(seen) ? seen : {});
  if (!isJsonObject(wanted)) throw ownFailure("unknown_setting", [call.words.args[0] ?? ""]);
  const patches: Partial<Record<SectionName, Sections>> = {};
  // The box refuses a section that it does not know.
  for (const [name, patch] of Object.entries(patchBetween(sections, wanted)))
    if (isJsonObject(patch)) patches[name as SectionName] = patch;
  const next: Draft = { basedOn: draft?.basedOn ?? revision, patches };
  await writeDraft(call.world, call.door.name, next);
  if (call.json) call.screen.json(next);
  else
    call.screen.line(
      call.screen.say(
        Object.keys(patches).length === 0
          ? { fr: "Le brouillon est vide.", en: "The draft is empty." }
          : {
              fr: "Noté dans le brouillon ; « passerelle config diff » le montre.",
              en: 'Noted in the draft; "passerelle config diff" shows it.',
            },
      ),
    );
  return EXIT.ok;
}

async function diff(call: Call): Promise<number> {
  const { world, door, api, screen } = call;
  const draft = await readDraft(world, door.name);
  const changes = changesOf(draft);
  const { revision } = await got(api.call("GET /config/state"));
  const plan = await got(api.call("POST /config/plan", { body: { changes } }));
  if (call.json) screen.json(plan);
  else planLines(plan, screen);
  // Now this revision was looked at: what another person did before it is in what was shown.
  if (draft !== undefined) await writeDraft(world, door.name, { ...draft, basedOn: revision });
  return plan.problems.length === 0 ? EXIT.ok : EXIT.refused;
}

async function discard({ world, door, screen, json }: Call): Promise<number> {
  await removeDraft(world, door.name);
  if (!json) screen.line(screen.say({ fr: "Brouillon jeté.", en: "Draft thrown away." }));
  return EXIT.ok;
}
