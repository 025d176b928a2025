import { expect, test } from "vitest";
import { accessList, allTopics, CLIENTS, DAEMONS, replyTopic, TOPIC_ROOT } from "../src/index.ts";

test("every topic has one name, under its owner", () => {
  const names = allTopics.map((topic) => topic.name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, owner, kind } of allTopics) {
    const infix = { state: "", event: "event/", command: "cmd/" }[kind];
    expect(name).toMatch(new RegExp(`^${TOPIC_ROOT}/${owner}/${infix}[a-z-]+(/[a-z-]+)?$`));
  }
});

test("every topic says in one sentence what it is about", () => {
  for (const topic of allTopics) expect(topic.about).toMatch(/^[A-Z].*\.$/);
});

test("every daemon has its alive, its applied and its own way to read its section", () => {
  const names = new Set(allTopics.map((topic) => topic.name));
  for (const daemon of DAEMONS) {
    expect(names).toContain(`${TOPIC_ROOT}/${daemon}/alive`);
    expect(names).toContain(`${TOPIC_ROOT}/${daemon}/applied`);
    expect(names).toContain(`${TOPIC_ROOT}/config/cmd/read/${daemon}`);
  }
});

test("a state or event is published by its owner alone", () => {
  for (const topic of allTopics.filter(({ kind }) => kind !== "command"))
    expect(CLIENTS.filter((client) => accessList(client).publish.includes(topic.name))).toEqual([
      topic.owner,
    ]);
});

test("a section with its secrets goes to its own daemon and to nobody else", () => {
  for (const daemon of DAEMONS) {
    const callers = CLIENTS.filter((client) =>
      accessList(client).publish.includes(`${TOPIC_ROOT}/config/cmd/read/${daemon}`),
    );
    expect(new Set(callers)).toEqual(new Set([daemon, "config"]));
    const readers = CLIENTS.filter((client) =>
      accessList(client).read.includes(replyTopic(daemon)),
    );
    expect(readers).toEqual([daemon]);
  }
});

test("the observer reads every public topic, publishes nothing and sees no command", () => {
  const { publish, read } = accessList("observer");
  expect(publish).toEqual([]);
  expect(read).toEqual(
    allTopics
      .filter((topic) => topic.kind === "event" || (topic.kind === "state" && !topic.readers))
      .map((topic) => topic.name),
  );
});

test("an access list has names, no patterns", () => {
  for (const client of CLIENTS) {
    const { publish, read } = accessList(client);
    for (const name of [...publish, ...read]) expect(name).not.toMatch(/[+#$]/);
  }
});
