import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { applyFault, FAULTS, listFaults } from "./faults/faults.ts";
import { openForward } from "./forward/forward.ts";
import { guestRunWords, isInside } from "./gateway/inside.ts";
import { enterArguments } from "./holder.ts";
import { holderOf } from "./host.ts";
import { down, up } from "./neighbourhood.ts";
import { run } from "./process.ts";
import { fetchJournal, readTimes, timesText } from "./qemu/ready.ts";
import { runLive } from "./run.ts";
import { GATEWAYS, KERNELS, OPERATORS, pathsOf } from "./state.ts";
import { pageText, statusOf, statusText } from "./status.ts";
import { HOSTS, type HostName, isHost } from "./topology.ts";
import { isCarried, programStart, START_VARIABLE, standInWords } from "./vm/channel.ts";

const USAGE = `bin/lab: a neighbourhood in network namespaces (test/lab/README.md)

  bin/lab up [--gateway namespace|qemu|none] [--operator ethernet|orange] [--kernel host|vm|uml] [--all-in-one] [--movable-clock]
  bin/lab exec HOST -- CMD …       hosts: ${HOSTS.join(", ")}
  bin/lab fault NAME …             bin/lab fault  lists them
  bin/lab status [--json]
  bin/lab logs [DAEMON|SERVER]
  bin/lab run [as up]              up, a live view, and down at Ctrl-C
  bin/lab down

Every command takes --name N (or LAB_NAME): labs of different names stand side by side.`;

/** A mistake of the caller: one sentence, no stack. */
class UsageError extends Error {}

const OPTIONS = {
  name: { type: "string" },
  gateway: { type: "string", default: "namespace" },
  operator: { type: "string", default: "ethernet" },
  kernel: { type: "string", default: "host" },
  "all-in-one": { type: "boolean", default: false },
  "movable-clock": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const split = rest.indexOf("--");
  const own = split < 0 ? rest : rest.slice(0, split);
  const program = split < 0 ? [] : rest.slice(split + 1);
  const parsed = parse(own);
  const { values, positionals } = parsed;
  const name = values.name ?? process.env.LAB_NAME ?? "default";
  if (command === undefined || command === "help" || command === "--help" || values.help) {
    console.log(USAGE);
    return command === undefined ? 64 : 0;
  }
  switch (command) {
    case "up": {
      const state = await up(upOptions(name, values));
      console.log(`lab "${name}" is up after ${((state.upMs ?? 0) / 1000).toFixed(1)} s`);
      const times = readTimes(name);
      if (times !== undefined) console.log(timesText(times));
      if (state.gateway !== "none" && state.kernel === "host") await openForward(name);
      const page = pageText(await statusOf(name));
      if (page !== undefined) console.log(page);
      return 0;
    }
    case "down":
      await down(name);
      return 0;
    case "exec":
      return execAs(name, positionals, program);
    case "fault":
      return fault(name, positionals);
    case "status": {
      const status = await statusOf(name);
      console.log(values.json ? JSON.stringify(status, undefined, 2) : statusText(status));
      return status.up ? 0 : 1;
    }
    case "logs":
      return logs(name, positionals[0]);
    case "run":
      return runLive(upOptions(name, values));
    default:
      throw new UsageError(`"${command}" is no command of bin/lab\n\n${USAGE}`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parse>["values"];

function upOptions(name: string, values: Values) {
  const { gateway, operator, kernel } = values;
  if (operator === "pppoe") {
    throw new UsageError("the operator pppoe needs a kernel with PPP, in the QEMU lab: not yet");
  }
  return {
    name,
    gateway: oneOf("--gateway", gateway, GATEWAYS),
    operator: oneOf("--operator", operator, OPERATORS),
    kernel: oneOf("--kernel", kernel, KERNELS),
    allInOne: values["all-in-one"],
    movableClock: values["movable-clock"],
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) {
    throw new UsageError(`${option} is one of ${allowed.join(", ")}, not "${value}"`);
  }
  return found;
}

/** Becomes the program: its terminal, exit code and signals are the caller's own. */
function execAs(name: string, positionals: readonly string[], program: readonly string[]): never {
  const [host, ...words] = positionals;
  const argv = program.length > 0 ? program : words;
  if (host === undefined || !isHost(host)) {
    throw new UsageError(`exec needs a host: ${HOSTS.join(", ")}`);
  }
  if (argv.length === 0) throw new UsageError("exec needs a program: bin/lab exec HOST -- CMD …");
  if (process.execve === undefined) throw new Error("invariant: the pinned Node has execve");
  if (isCarried(name)) {
    const { argv: _, ...start } = programStart(host, [], {
      cwd: usableDirectory(),
      env: environmentOf(name, host),
    });
    const env = { ...process.env, [START_VARIABLE]: JSON.stringify(start) };
    return process.execve(process.execPath, [...standInWords(name), ...argv], env);
  }
  if (isInside(name, host)) {
    const words = guestRunWords(name, argv);
    return process.execve(process.execPath, [...words], { ...process.env, LAB_ENVIRONMENT: "{}" });
  }
  const [file = "", ...rest] = [
    ...enterArguments(holderOf(name, host), { cwd: usableDirectory() }),
    ...argv,
  ];
  return process.execve(`/usr/bin/${file}`, [file, ...rest], environmentOf(name, host));
}

/** On the gateway, `passerelle` finds its door as it would on a board. */
function environmentOf(name: string, host: HostName): NodeJS.ProcessEnv {
  if (host !== "gw") return process.env;
  return { PASSERELLE_RUNTIME_DIR: join(pathsOf(name).gateway, "run"), ...process.env };
}

/** Every host has the machine's files except /run: a caller there starts in the root. */
function usableDirectory(): string {
  const cwd = process.cwd();
  return cwd === "/run" || cwd.startsWith("/run/") ? "/" : cwd;
}

async function fault(name: string, positionals: readonly string[]): Promise<number> {
  const [which, ...rest] = positionals;
  if (which === undefined) {
    console.log(listFaults());
    return 0;
  }
  if (FAULTS[which] === undefined) {
    throw new UsageError(`"${which}" is no fault\n\n${listFaults()}`);
  }
  const said = await applyFault(name, which, rest);
  if (said) console.log(said);
  return 0;
}

async function logs(name: string, which: string | undefined): Promise<number> {
  const directory = pathsOf(name).logs;
  if (isInside(name, "gw")) await fetchJournal(name);
  if (which === undefined) {
    console.log(readdirSync(directory).join("\n"));
    return 0;
  }
  const file = readdirSync(directory).find((entry) => entry.replace(/\.\w+$/, "") === which);
  if (file === undefined) throw new UsageError(`no log "${which}": ${readdirSync(directory)}`);
  const outcome = await run(["cat", join(directory, file)]);
  process.stdout.write(outcome.stdout);
  return outcome.code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 64 : 1;
}
