import { EXIT_USAGE, UsageError } from "./usage.ts";

type Tool = (words: readonly string[]) => Promise<number>;

/** Loaded when asked for: a person's command carries no bus and no daemon. */
const TOOLS: Readonly<Record<string, () => Promise<Tool>>> = {
  run: async () => (await import("./run.ts")).run,
  watch: async () => (await import("./talk.ts")).watch,
  get: async () => (await import("./talk.ts")).get,
  call: async () => (await import("./talk.ts")).call,
  "bus-config": async () => (await import("./bus-config.ts")).busConfig,
  provision: async () => (await import("./provision.ts")).provision,
};

async function main(words: readonly string[]): Promise<number> {
  const [name = "", ...rest] = words;
  const load = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (load === undefined) return (await import("@passerelle/cli")).runCli(words);
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write((await import("./tools-help.ts")).HELP);
    return 0;
  }
  return (await load())(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`passerelle: ${error.message}\nTry passerelle --help.\n`);
  process.exitCode = EXIT_USAGE;
}
// What a command left open (a timer, a socket that won't close) does not hold the process.
process.stdout.write("", () => process.exit());
