/**
 * A program in the lab's machine as a child of this one: input, output and exit code pass through as they come, and who
 * ends us ends it. Arguments: LAB CMD …; the rest of what it is told is in LAB_START.
 */
import { codeOf, START_VARIABLE, Talk } from "./channel.ts";
import type { ProgramStart } from "./talk.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function standIn(lab: string, argv: readonly string[]): Promise<number> {
  const start = JSON.parse(process.env[START_VARIABLE] ?? "") as Omit<ProgramStart, "argv">;
  const outputs = { output: process.stdout, error: process.stderr };
  const talk = new Talk(lab, { ...start, argv }, (kind, payload) => {
    if (kind !== "output" && kind !== "error") return;
    const stream = outputs[kind];
    if (!stream.write(payload)) talk.pause((goOn) => stream.once("drain", goOn));
  });
  for (const signal of SIGNALS) process.on(signal, () => talk.say("signal", signal));
  // Nobody reads any more: the program would be ended by SIGPIPE here.
  for (const stream of Object.values(outputs)) stream.on("error", () => talk.breakOff());
  process.stdin.on("data", (chunk: Buffer) => {
    if (talk.say("input", chunk)) return;
    process.stdin.pause();
    talk.onceWritten(() => process.stdin.resume());
  });
  process.stdin.on("end", () => talk.say("input"));
  const code = codeOf(await talk.end, argv);
  // What nobody will read must not keep us.
  process.stdin.destroy();
  return code;
}

const [lab = "", ...argv] = process.argv.slice(2);
try {
  process.exitCode = await standIn(lab, argv);
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
  process.stdin.destroy();
}
