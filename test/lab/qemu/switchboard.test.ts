import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { waitFor } from "../process.ts";

/** The line to the guest agent, tried with an agent that misbehaves as a machine that starts anew does. */
const PROGRAM = join(import.meta.dirname, "switchboard.ts");

let directory = "";
let board: ChildProcess;
let agent: Server;
let lines: Socket[];
/** What the agent says to a question; undefined: nothing. */
let answer: (question: Question) => string | undefined;

interface Question {
  readonly execute: string;
  readonly arguments: { readonly id: number };
}

const inStep = ({ execute, arguments: { id } }: Question): string | undefined =>
  execute === "guest-sync-delimited" ? `\u00ff{"return": ${id}}` : undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "switchboard-"));
  lines = [];
  agent = createServer((socket) => {
    lines.push(socket);
    socket.setEncoding("latin1");
    createInterface({ input: socket }).on("line", (line) => {
      const question = JSON.parse(line.slice(line.indexOf("{"))) as Question;
      const said = answer(question);
      if (said !== undefined) socket.write(`${said}\n`, "latin1");
    });
  });
  await new Promise<void>((resolve) => agent.listen(join(directory, "agent"), resolve));
  const words = ["--disable-warning=ExperimentalWarning", PROGRAM];
  board = spawn(process.execPath, [...words, join(directory, "agent"), join(directory, "door")]);
});
afterEach(() => {
  board.kill("SIGKILL");
  for (const line of lines) line.destroy();
  agent.close();
  rmSync(directory, { recursive: true });
});

async function ask(word: string): Promise<string> {
  const door = await waitFor("the door", () => dial(join(directory, "door")), 10_000);
  door.write(`{"execute":"${word}","arguments":{}}\n`);
  const said = await new Promise<string>((resolve) =>
    createInterface({ input: door }).once("line", resolve),
  );
  door.destroy();
  return said;
}

function dial(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

it("gives each caller its own answer, one question at a time", async () => {
  answer = (question) => inStep(question) ?? `{"return":"${question.execute}"}`;
  const words = ["one", "two", "three", "four"];
  expect(await Promise.all(words.map(ask))).toEqual(words.map((word) => `{"return":"${word}"}`));
});

it("does not take what is left of an older talk for an answer", async () => {
  let syncs = 0;
  answer = (question) => {
    if (question.execute !== "guest-sync-delimited") return '{"return":"fresh"}';
    syncs += 1;
    // The first one is answered with what somebody else had asked.
    return syncs === 1 ? '{"return":"stale"}' : inStep(question);
  };
  expect(await ask("now")).toBe('{"return":"fresh"}');
  expect(syncs).toBeGreaterThan(1);
});

it("waits for an agent that is not there yet, and for one that goes in the middle", async () => {
  let silent = 2;
  answer = (question) => {
    if (silent > 0 && question.execute === "guest-sync-delimited") {
      silent -= 1;
      return undefined;
    }
    return inStep(question) ?? '{"return":"here"}';
  };
  expect(await ask("first")).toBe('{"return":"here"}');
  for (const line of lines.splice(0)) line.destroy();
  expect(await ask("second")).toBe('{"return":"here"}');
});
