import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  aliveTopicName,
  allTopics,
  configRead,
  DAEMONS,
  lanState,
  replyTopic,
  TOPIC_ROOT,
  values,
} from "../src/index.ts";

describe("the registry", () => {
  test("names every topic once, below its owner", () => {
    const names = allTopics.map((topic) => topic.name);
    expect(new Set(names).size).toBe(names.length);
    for (const topic of allTopics) {
      expect(topic.name.startsWith(`${TOPIC_ROOT}/${topic.owner}/`)).toBe(true);
      expect(topic.about).toMatch(/^[A-Z].*[.]$/);
    }
  });

  test("no name has a wildcard, a blank or a level of nothing", () => {
    for (const { name } of allTopics) expect(name).toMatch(/^[a-z0-9-]+(\/[a-z0-9-]+)+$/);
  });

  test("has alive and applied for each daemon, and a section to read for each", () => {
    const names = new Set(allTopics.map((topic) => topic.name));
    for (const daemon of DAEMONS) {
      expect(names.has(aliveTopicName(daemon))).toBe(true);
      expect(names.has(`${TOPIC_ROOT}/${daemon}/applied`)).toBe(true);
      expect(configRead[daemon].callers).toEqual([daemon]);
    }
    expect(replyTopic("web")).toBe(`${TOPIC_ROOT}/reply/web`);
  });

  test("no state that a daemon keeps for others is readable by a stranger's word alone", () => {
    // An unknown key in a payload is refused: a field that nobody declared can't travel.
    const result = v.safeParse(lanState.schema, { kind: "serving", password: "x" });
    expect(result.success).toBe(false);
  });
});

describe("values", () => {
  test.each([
    ["cidr4Text", "192.168.1.1/24", true],
    ["cidr4Text", "192.168.1.1/024", false],
    ["cidr4Text", "192.168.1.1", false],
    ["macText", "00:11:22:33:44:55", true],
    ["macText", "00:11:22:33:44:5G", false],
    ["macText", "00-11-22-33-44-55", false],
    ["interfaceName", "br-lan", true],
    ["interfaceName", "..", false],
    ["interfaceName", "eth0/../x", false],
    ["interfaceName", "a-name-too-long-for-linux", false],
    ["interfaceName", "-rf", false],
    ["portNumber", 0, false],
    ["portNumber", 65_536, false],
    ["portNumber", 443, true],
    ["hostileText", "x".repeat(256), false],
  ] as const)("%s reads %j: %s", (name, value, good) => {
    expect(v.safeParse(values[name], value).success).toBe(good);
  });
});
