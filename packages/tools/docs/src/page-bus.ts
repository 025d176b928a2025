import { type AnyTopic, allTopics, DAEMONS, type DaemonName, values } from "@passerelle/contract";
import { schemaText } from "./schema-text.ts";

/** Schemas that many topics share are written once, at the end of the page. */
const SHARED: ReadonlyMap<unknown, string> = new Map(
  Object.entries(values).map(([name, schema]) => [schema, name]),
);

export function busPage(): string {
  const owners = DAEMONS.filter((owner) => allTopics.some((topic) => topic.owner === owner));
  return [
    "# The bus",
    "",
    "Generated from `packages/bus/contract` by `make docs`; do not edit. Every payload is JSON and is checked by these",
    "shapes when it is received; a key that is not listed makes it invalid.",
    "",
    "- **state**: the whole truth about one thing; retained, QoS 1, published by its owner alone.",
    "- **event**: something that happened; not retained, may be lost.",
    "- **command**: one request (QoS 1, with response topic and correlation data), exactly one reply:",
    '  `{"ok": true, "data": …}` or `{"ok": false, "fault": fault}`.',
    "",
    ...owners.flatMap(ownerSection),
    "## Shared shapes",
    "",
    "```ts",
    ...[...SHARED].map(([schema, name]) => `${name} = ${schemaText(schema)}`),
    "```",
    "",
  ].join("\n");
}

function ownerSection(owner: DaemonName): readonly string[] {
  const own = allTopics.filter((topic) => topic.owner === owner);
  return [`## ${owner}`, "", ...own.flatMap(topicSection)];
}

function topicSection(topic: AnyTopic): readonly string[] {
  const head = [`### \`${topic.name}\``, "", `${topic.kind}. ${topic.about}`, ""];
  if (topic.kind === "command") {
    const callers = topic.callers.length === 0 ? "nobody else" : topic.callers.join(", ");
    return [
      ...head,
      `Called by: ${callers}.`,
      "",
      "```ts",
      `request = ${schemaText(topic.request, SHARED)}`,
      `reply = ${schemaText(topic.reply, SHARED)}`,
      "```",
      "",
    ];
  }
  const readers = topic.kind === "state" ? topic.readers : undefined;
  return [
    ...head,
    ...(readers === undefined ? [] : [`Read by: ${readers.join(", ")}.`, ""]),
    "```ts",
    schemaText(topic.schema, SHARED).trimStart(),
    "```",
    "",
  ];
}
