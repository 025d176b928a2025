import { type Call, type Command, option } from "../command.ts";
import { EXIT } from "../exit.ts";
import { got } from "../failure.ts";
import { timeText } from "../format.ts";
import { wholeNumber } from "../parse.ts";

const CATEGORIES = ["line", "home", "security", "configuration", "system"] as const;

export const logCommands: readonly Command[] = [
  {
    path: ["log"],
    about: {
      fr: "le journal : ce qui s'est passé, le plus récent d'abord",
      en: "the event log: what happened, newest first",
    },
    options: {
      category: {
        value: "CATEGORY",
        choices: CATEGORIES,
        about: { fr: "ce dont il s'agit", en: "what it is about" },
      },
      limit: {
        value: "N",
        about: { fr: "au plus ce nombre (1 à 200 ; 50)", en: "at most this many (1 to 200; 50)" },
      },
      before: {
        value: "ID",
        about: {
          fr: "seulement les lignes avant ce numéro : la page suivante",
          en: "only lines before this number: the next page",
        },
      },
    },
    examples: [
      { words: "log", about: { fr: "les dernières lignes", en: "the last lines" } },
      {
        words: "log --category security --limit 20",
        about: { fr: "qui est entré, qui a essayé", en: "who came in, who tried" },
      },
    ],
    uses: ["GET /event-log"],
    run: log,
  },
];

async function log(call: Call): Promise<number> {
  const { api, screen } = call;
  const word = option(call, "category");
  const category = CATEGORIES.find((known) => known === word);
  const limit = wholeNumber("--limit", option(call, "limit"), 1, 200) ?? LIMIT;
  const before = wholeNumber("--before", option(call, "before"), 1, Number.MAX_SAFE_INTEGER);
  const query = {
    limit,
    ...(category === undefined ? {} : { category }),
    ...(before === undefined ? {} : { before }),
  };
  const reply = await got(api.call("GET /event-log", { query }));
  if (call.json) {
    screen.json(reply);
    return EXIT.ok;
  }
  for (const { at, severity, text, code, actor, source } of reply.entries) {
    const who = [actor, source].filter((part) => part !== undefined).join(", ");
    screen.line(
      { text: `${timeText(at)}  `, colour: "quiet" },
      { text: screen.say(SEVERITIES[severity]).padEnd(10), colour: COLOURS[severity] },
      screen.say(text),
      who === "" ? "" : ` (${who})`,
      { text: ` [${code}]`, colour: "quiet" },
    );
  }
  const last = reply.entries.at(-1);
  if (reply.more && last !== undefined)
    screen.note({ text: `→ passerelle log --before ${last.id}`, colour: "quiet" });
  return EXIT.ok;
}

const LIMIT = 50;
const COLOURS = { info: "quiet", warning: "warning", fault: "fault" } as const;
const SEVERITIES = {
  info: { fr: "info", en: "info" },
  warning: { fr: "attention", en: "warning" },
  fault: { fr: "panne", en: "fault" },
} as const;
