import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A network namespace with nothing in it but what a test puts there. It ends with its holder process. */
export interface Host {
  readonly name: string;
  readonly pid: number;
  /** Runs a program in the namespace to its end. */
  run(argv: readonly string[], input?: string): Promise<Outcome>;
  /** Like `run`, but a bad exit is an error. */
  must(argv: readonly string[], input?: string): Promise<string>;
  /** Starts a program and leaves it running; `end` of the neighbourhood ends it. */
  spawn(argv: readonly string[]): ChildProcess;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostSet {
  host(name: string): Promise<Host>;
  /** Ends every process that was started; the namespaces go with them. */
  end(): Promise<void>;
}

export function createHosts(): HostSet {
  const children: ChildProcess[] = [];
  const keep = (argv: readonly string[], options: { readonly stdin?: "pipe" } = {}) => {
    const [file = "", ...rest] = argv;
    const child = spawn(file, rest, { stdio: [options.stdin ?? "ignore", "pipe", "pipe"] });
    child.on("error", () => {});
    children.push(child);
    return child;
  };
  return {
    async host(name) {
      const argv = ["unshare", "--net", "--", "sh", "-c", FIRST_PROCESS];
      const holder = keep(argv, { stdin: "pipe" });
      if (holder.stdout === null) throw new Error("a holder says when it is ready");
      await once(holder.stdout, "data");
      const { pid } = holder;
      if (pid === undefined) throw new Error(`host ${name} did not start`);
      const enter = (command: readonly string[]) => [
        ...["nsenter", "--target", `${pid}`, "--net", "--"],
        ...["setpriv", "--pdeathsig", "KILL", ...command],
      ];
      const run = (command: readonly string[], input?: string) => collect(enter(command), input);
      return {
        name,
        pid,
        run,
        async must(command, input) {
          const done = await run(command, input);
          if (done.code !== 0) {
            throw new Error(`${name}: ${command.join(" ")}: ${done.stderr || done.stdout}`);
          }
          return done.stdout;
        },
        spawn: (command) => keep(enter(command), { stdin: "pipe" }),
      };
    },
    async end() {
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
    },
  };
}

/** Without duplicate address detection, which would take a second before a router may ask for neighbours. */
const FIRST_PROCESS =
  "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad && ip link set lo up && echo ready && cat";

function collect(argv: readonly string[], input = ""): Promise<Outcome> {
  const [file = "", ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"], timeout: 110_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 128, stdout, stderr }));
    child.stdin.end(input);
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks until the answer is something; every wait has an end. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  limitMs = 10_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
}
