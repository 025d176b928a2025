/**
 * In the lab's machine: runs programs as the lab's hosts and does what the lab does as a whole, for who asks from
 * outside. One talk is one connection (frames.ts); a talk that breaks off kills its program.
 * Arguments: LAB ADDRESS:PORT.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { constants } from "node:os";
import { enterArguments } from "../holder.ts";
import { holderOf } from "../host.ts";
import { CALLS } from "./calls.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import type { End, ProgramStart, Start } from "./talk.ts";

/** After a program ended, its last words are waited for so long: a daemon that it left may keep its streams. */
const LAST_WORDS_MS = 300;

const [lab = "", where = ""] = process.argv.slice(2);
const [host = "", port = ""] = where.split(":");

type Hear = (frame: Frame) => void;

function talk(socket: Socket): void {
  const reader = new FrameReader();
  let hear: Hear | undefined;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    for (const frame of reader.read(chunk)) {
      if (hear !== undefined) hear(frame);
      else if (frame.kind === "start") hear = begin(socket, parseJson(frame.payload) as Start);
      else socket.destroy();
    }
  });
}

function begin(socket: Socket, start: Start): Hear {
  if (!("call" in start)) return runProgram(socket, start);
  const call = CALLS[start.call];
  const answer = async () => {
    if (call === undefined) throw new Error(`"${start.call}" is no call`);
    return call(lab, start.words);
  };
  answer().then(
    (value) => finish(socket, { value: value ?? null }),
    (error: unknown) => finish(socket, { problem: sentenceOf(error) }),
  );
  return () => undefined;
}

function runProgram(socket: Socket, start: ProgramStart): Hear {
  let words: string[];
  try {
    const { namespaces, cwd } = start;
    words = enterArguments(holderOf(lab, start.host), {
      ...(namespaces === undefined ? {} : { namespaces }),
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (error) {
    finish(socket, { problem: sentenceOf(error) });
    return () => undefined;
  }
  const [file = "", ...rest] = [...words, ...start.argv];
  const child = spawn(file, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: start.env ?? process.env,
  });
  for (const [kind, stream] of [
    ["output", child.stdout],
    ["error", child.stderr],
  ] as const) {
    stream.on("data", (chunk: Buffer) => {
      if (socket.destroyed || socket.write(encodeFrame(kind, chunk))) return;
      stream.pause();
      socket.once("drain", () => stream.resume());
    });
  }
  let timer: NodeJS.Timeout | undefined;
  const ended = (code: number | null, signal: NodeJS.Signals | null) => {
    clearTimeout(timer);
    finish(socket, { code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
  };
  child.on("error", (error) => finish(socket, { problem: error.message }));
  child.on("exit", (code, signal) => {
    timer = setTimeout(() => ended(code, signal), LAST_WORDS_MS);
  });
  child.on("close", ended);
  child.stdin.on("error", () => undefined);
  socket.on("close", () => child.kill("SIGKILL"));
  return ({ kind, payload }) => {
    if (kind === "signal") child.kill(Buffer.from(payload).toString("utf8") as NodeJS.Signals);
    if (kind !== "input") return;
    if (payload.length === 0) child.stdin.end();
    else child.stdin.write(payload);
  };
}

/** Only the first word counts: afterwards the talk is over. */
function finish(socket: Socket, end: End): void {
  if (!socket.writableEnded) socket.end(encodeFrame("end", JSON.stringify(end)));
}

function parseJson(payload: Uint8Array): unknown {
  return JSON.parse(Buffer.from(payload).toString("utf8"));
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

createServer({ noDelay: true }, talk).listen(Number(port), host, () => {
  writeFileSync("/mnt/lab/config/agent-ready", "");
});
