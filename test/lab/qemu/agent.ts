import type { Outcome, RunOptions } from "../process.ts";
import { connected, JsonDoor } from "./json-door.ts";
import { machinePaths } from "./paths.ts";

/** Programs inside the virtual machine, through the QEMU guest agent (board qemu-virt-arm64 has it, no other board). */

/** An emulated machine runs a program ten times slower than this one does. */
export const SLOWNESS = 5;
/** A program that nobody gave a time still ends. */
const RUN_MS = 600_000;
/** Questions to the agent before it gave up on the machine: it may be starting anew. */
const ANSWER_MS = 60_000;
const POLL_MS = { first: 15, most: 250 };

const ENVIRONMENT = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
} as const;

/** One talk with the agent; several may go on at the same time. */
export class Agent extends JsonDoor {
  static async open(lab: string): Promise<Agent> {
    return new Agent(await connected(machinePaths(lab).door), "guest agent", ANSWER_MS);
  }
}

export interface GuestEnd {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
  readonly "out-truncated"?: boolean;
  readonly "err-truncated"?: boolean;
}

/** Runs a program in the machine to its end; it has `timeoutMs` as it would have here, times SLOWNESS. */
export async function runInGuest(
  lab: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  using agent = await Agent.open(lab);
  const { pid } = await startInGuest(agent, argv, { ...options, capture: true });
  const limit = options.timeoutMs === undefined ? RUN_MS : options.timeoutMs * SLOWNESS;
  const deadline = performance.now() + limit;
  let timedOut = false;
  for (let wait = POLL_MS.first; ; wait = Math.min(wait * 1.5, POLL_MS.most)) {
    const end = await agent.call<GuestEnd>("guest-exec-status", { pid });
    if (end.exited) return outcome(end, timedOut ? `\n(lab: killed after ${limit} ms)` : "");
    if (performance.now() > deadline) {
      if (timedOut) throw new Error(`${argv.join(" ")} does not end in the machine`);
      timedOut = true;
      await killInGuest(agent, pid, "KILL");
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

export async function mustInGuest(
  lab: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runInGuest(lab, argv, options);
  if (code === 0) return stdout;
  throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
}

export function startInGuest(
  agent: Agent,
  argv: readonly string[],
  options: RunOptions & { readonly capture: boolean },
): Promise<{ readonly pid: number }> {
  const [path, ...arg] = argv;
  const env = Object.entries({ ...ENVIRONMENT, ...changed(options.env) });
  return agent.call("guest-exec", {
    ...{ path, arg, env: env.map(([key, value]) => `${key}=${value}`) },
    "capture-output": options.capture,
    ...(options.input === undefined || options.input.length === 0
      ? {}
      : { "input-data": Buffer.from(options.input).toString("base64") }),
  });
}

export async function killInGuest(agent: Agent, pid: number, signal: string): Promise<void> {
  await startInGuest(agent, ["kill", `-${signal}`, String(pid)], { capture: false });
}

/** What the caller set for this program: the rest of this machine's environment means nothing in there. */
function changed(env: NodeJS.ProcessEnv = {}): Readonly<Record<string, string>> {
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[0] !== "PATH" && process.env[entry[0]] !== entry[1],
  );
  return Object.fromEntries(own);
}

function outcome(end: GuestEnd, note: string): Outcome {
  const text = (data: string | undefined) => Buffer.from(data ?? "", "base64").toString("utf8");
  return {
    code: exitCode(end),
    stdout: text(end["out-data"]),
    stderr: text(end["err-data"]) + note,
  };
}

export function exitCode(end: GuestEnd): number {
  return end.exitcode ?? 128 + (end.signal ?? 0);
}
