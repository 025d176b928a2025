import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connected, JsonDoor } from "./json-door.ts";

let folder: string;
let server: Server;
let asked: string[];
let guest: Promise<Socket>;
let door: JsonDoor;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "psj-"));
  asked = [];
  server = createServer();
  guest = new Promise((resolve) => server.once("connection", resolve));
  const path = join(folder, "s");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  door = new JsonDoor(await connected(path), "somebody", 5000);
  createInterface({ input: await guest }).on("line", (line) => asked.push(line));
});
afterEach(async () => {
  door[Symbol.dispose]();
  (await guest).destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Once all was asked that the test asks. */
const heard = (questions: number): Promise<void> =>
  vi.waitFor(() => expect(asked).toHaveLength(questions));

const say = async (...lines: unknown[]): Promise<void> => {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  (await guest).write(text);
};

test("answers go to the questions in their order; a greeting and an event are no answers", async () => {
  const first = door.call("one", { word: 1 });
  const second = door.call("two");
  await heard(2);
  await say({ QMP: {} }, { return: 1 }, { event: "STOP" }, { return: { is: 2 } });
  expect(await first).toBe(1);
  expect(await second).toEqual({ is: 2 });
  expect(asked.map((line) => JSON.parse(line))).toEqual([
    { execute: "one", arguments: { word: 1 } },
    { execute: "two", arguments: {} },
  ]);
});

test("a refusal says who refused what", async () => {
  const call = door.call("one");
  await say({ error: { class: "X", desc: "it may not be" } });
  await expect(call).rejects.toThrow("somebody: one: it may not be");
});

test("an answer that comes too late is not that of the next question", async () => {
  await expect(door.call("one", {}, 20)).rejects.toThrow("somebody: one: no answer in 20 ms");
  const next = door.call("two");
  await say({ return: "late" }, { return: "mine" });
  expect(await next).toBe("mine");
});

test("a door that closes answers whoever waits", async () => {
  const call = door.call("one");
  await heard(1);
  (await guest).end();
  await expect(call).rejects.toThrow("somebody: one: the door closed");
});

test("a door that breaks with a question unread ends that call, and nothing else", async () => {
  const call = door.call("one");
  (await guest).destroy();
  await expect(call).rejects.toThrow("somebody: one: read ECONNRESET");
});
