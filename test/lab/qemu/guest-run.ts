/**
 * A program in the virtual machine as a child of this one: its output comes as it is written, its exit code is ours,
 * and who ends us by SIGTERM, SIGINT or SIGHUP ends it. Arguments: LAB CMD …; standard input goes in as a whole,
 * unless it is a terminal or `LAB_INPUT=no`. The environment of LAB_ENVIRONMENT (JSON) is the program's.
 */
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { Agent, exitCode, type GuestEnd, killInGuest, mustInGuest, startInGuest } from "./agent.ts";

const POLL_MS = { first: 20, most: 300 };
const READ_OCTETS = 256 * 1024;
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

async function runStreaming(lab: string, argv: readonly string[]): Promise<number> {
  // The agent gives what it captured only at the end: the program writes to files, which are read meanwhile.
  const directory = (await mustInGuest(lab, ["mktemp", "-d", "/run/lab.XXXXXX"])).trim();
  using agent = await Agent.open(lab);
  const streams = await Promise.all([
    follow(agent, `${directory}/out`, process.stdout),
    follow(agent, `${directory}/err`, process.stderr),
  ]);
  const script = 'exec "$@" >"$0/out" 2>"$0/err"';
  const { pid } = await startInGuest(agent, ["sh", "-c", script, directory, ...argv], {
    capture: false,
    env: environment(),
    input: standardInput(),
  });
  let ending: number | undefined;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      ending = number;
      void killInGuest(agent, pid, signal.slice(3));
    });
  }
  let end: GuestEnd | undefined;
  process.stdout.on("error", () => void killInGuest(agent, pid, "PIPE"));
  for (let wait = POLL_MS.first; ; wait = Math.min(wait * 1.5, POLL_MS.most)) {
    // Told once: the agent forgets a program whose end it has reported.
    end = end?.exited ? end : await agent.call<GuestEnd>("guest-exec-status", { pid });
    let moved = 0;
    for (const { read } of streams) moved += await read();
    if (end.exited && moved === 0) {
      await mustInGuest(lab, ["rm", "-rf", directory]);
      return ending !== undefined && end.signal !== undefined ? 128 + ending : exitCode(end);
    }
    if (moved > 0) wait = POLL_MS.first;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function follow(agent: Agent, path: string, to: NodeJS.WritableStream) {
  // Made here, so that it is there whatever the program does.
  const handle = await agent.call<number>("guest-file-open", { path, mode: "w+" });
  return {
    /** Octets that came since the last look. */
    async read(): Promise<number> {
      const chunk = await agent.call<{ readonly count: number; readonly "buf-b64": string }>(
        "guest-file-read",
        { handle, count: READ_OCTETS },
      );
      if (chunk.count > 0) to.write(Buffer.from(chunk["buf-b64"], "base64"));
      return chunk.count;
    },
  };
}

function environment(): NodeJS.ProcessEnv {
  return JSON.parse(process.env.LAB_ENVIRONMENT ?? "{}") as NodeJS.ProcessEnv;
}

function standardInput(): Uint8Array {
  return process.env.LAB_INPUT === "no" || isatty(0) ? new Uint8Array() : readFileSync(0);
}

const [lab = "", ...argv] = process.argv.slice(2);
process.exitCode = await runStreaming(lab, argv);
