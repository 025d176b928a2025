import type { Operation, ReplyOf, Routes } from "@passerelle/api";
import type { Answer } from "@passerelle/api/client";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { exitOf, Failure } from "../failure.ts";
import { statusLines } from "../status-lines.ts";

export const statusCommands: readonly Command[] = [
  {
    path: ["status"],
    about: { fr: "l'état de la maison, en mots", en: "how the home is, in words" },
    examples: [
      {
        words: "status",
        about: {
          fr: "un écran : ce qui va, ce qui ne va pas",
          en: "one screen: what works, what does not",
        },
      },
      {
        words: "status --json",
        about: {
          fr: "les réponses de l'API, une par ressource",
          en: "the answers of the API, one a resource",
        },
      },
    ],
    uses: [
      "GET /system",
      "GET /wan",
      "GET /hosts",
      "GET /nat/port-mappings",
      "GET /firewall",
      "GET /lan",
      "GET /config/state",
      "GET /notifications",
    ],
    run: status,
  },
];

/** Each part stands for itself: while one daemon is away the others are still told. */
export interface StatusParts {
  readonly system: Part<"GET /system">;
  readonly wan: Part<"GET /wan">;
  readonly hosts: Part<"GET /hosts">;
  readonly portMappings: Part<"GET /nat/port-mappings">;
  readonly firewall: Part<"GET /firewall">;
  readonly lan: Part<"GET /lan">;
  readonly config: Part<"GET /config/state">;
  readonly notifications: Part<"GET /notifications">;
}

export type Part<Key extends Operation> = Answer<ReplyOf<Routes[Key]>>;

async function status({ api, screen, json, world }: Call): Promise<number> {
  const [system, wan, hosts, portMappings, firewall, lan, config, notifications] =
    await Promise.all([
      api.call("GET /system"),
      api.call("GET /wan"),
      api.call("GET /hosts"),
      api.call("GET /nat/port-mappings"),
      api.call("GET /firewall"),
      api.call("GET /lan"),
      api.call("GET /config/state"),
      api.call("GET /notifications"),
    ]);
  const parts = { system, wan, hosts, portMappings, firewall, lan, config, notifications };
  const answers: readonly Answer<unknown>[] = Object.values(parts);
  const refused = answers.filter((answer) => !answer.ok);
  // Nothing at all (no rights, for one) is one failure, not eight.
  const [first] = refused;
  if (first !== undefined && refused.length === answers.length) throw new Failure(first.problem);
  if (json) screen.json(Object.fromEntries(Object.entries(parts).map(jsonPart)));
  else statusLines(parts, screen, world.now());
  return first === undefined ? EXIT.ok : exitOf(first.problem);
}

function jsonPart([name, answer]: [string, Answer<unknown>]): readonly [string, unknown] {
  return [name, answer.ok ? answer.data : { problem: answer.problem }];
}
