import { accessList, allTopics, CLIENTS, type ClientName, replyTopic } from "@passerelle/contract";

/** Who may do what: one row a topic, one column a client. */
export function accessPage(): string {
  const names = [...allTopics.map((topic) => topic.name), ...CLIENTS.map(replyTopic)];
  const lists = new Map(CLIENTS.map((client) => [client, accessList(client)]));
  const mark = (client: ClientName, name: string): string => {
    const list = lists.get(client);
    const may = [
      list?.publish.includes(name) === true ? "P" : "",
      list?.read.includes(name) === true ? "R" : "",
    ].join("");
    return may === "" ? "·" : may;
  };
  return [
    "# Access lists",
    "",
    "Generated from `packages/bus/contract` by `make docs`; do not edit. P: may publish. R: may read. Both brokers enforce it",
    "(a forbidden publish is answered with reason 135; a forbidden subscription is granted and receives nothing), and",
    "`packages/bus/broker/test/broker.bus.test.ts` tries every cell on both.",
    "",
    `| topic | ${CLIENTS.join(" | ")} |`,
    `|---|${CLIENTS.map(() => "---").join("|")}|`,
    ...names.map(
      (name) => `| \`${name}\` | ${CLIENTS.map((client) => mark(client, name)).join(" | ")} |`,
    ),
    "",
  ].join("\n");
}
