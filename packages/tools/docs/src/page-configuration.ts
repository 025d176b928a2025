import { type AnySection, DAEMONS, type FactoryEntropy } from "@passerelle/contract";
import { schemaText } from "./schema-text.ts";

const MODULES: readonly (() => Promise<object>)[] = [
  () => import("@passerelle/config/config"),
  () => import("@passerelle/firewall/config"),
  () => import("@passerelle/lan/config"),
  () => import("@passerelle/system/config"),
  () => import("@passerelle/wan/config"),
  () => import("@passerelle/web/config"),
];

/** What differs on each device is named instead of drawn. */
const NAMED: FactoryEntropy = {
  password: (bits) => `(random, ${bits} bits)`,
  bytes: (length) => new Uint8Array(length),
};

export async function configurationPage(): Promise<string> {
  const sections: AnySection[] = [];
  for (const load of MODULES) sections.push(sectionOf(await load()));
  sections.sort((a, b) => DAEMONS.indexOf(a.name) - DAEMONS.indexOf(b.name));
  return [
    "# The configuration",
    "",
    "Generated from each daemon's `src/config.ts` by `make docs`; do not edit. One section a daemon; a change is a JSON merge",
    "patch (RFC 7396) of a section.",
    "",
    ...sections.flatMap(sectionText),
  ].join("\n");
}

/** Every `config.ts` exports exactly one section, perhaps under two names. */
export function sectionOf(module: object): AnySection {
  const [found, ...others] = new Set(Object.values(module).filter(isSection));
  if (found === undefined || others.length > 0)
    throw new Error(`a config.ts exports ${others.length + (found ? 1 : 0)} sections, not one`);
  return found;
}

function isSection(value: unknown): value is AnySection {
  return (
    typeof value === "object" &&
    value !== null &&
    ["name", "version", "schema", "defaults", "secrets", "impact"].every((key) => key in value)
  );
}

function sectionText(section: AnySection): readonly string[] {
  const secrets = section.secrets.map((pointer) => `\`${pointer}\``).join(", ");
  return [
    `## ${section.name}`,
    "",
    `Version ${section.version}. Secrets: ${secrets === "" ? "none" : secrets}.`,
    "",
    "```ts",
    schemaText(section.schema).trimStart(),
    "```",
    "",
    "The factory's values:",
    "",
    "```json",
    JSON.stringify(section.defaults(NAMED), undefined, 2),
    "```",
    "",
  ];
}
