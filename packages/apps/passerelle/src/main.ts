import { TOPIC_ROOT } from "@passerelle/contract";
import { busConfig } from "./bus-config.ts";
import { run } from "./run.ts";
import { call, get, watch } from "./talk.ts";
import { EXIT_USAGE, UsageError } from "./usage.ts";

const HELP = `passerelle: the userland of a home gateway

  passerelle run NAME... [--embedded-broker]   run these daemons in this process
  passerelle run --all [--external-broker]     run every daemon of this release, and the embedded broker
  passerelle bus-config DIR [--user NAME]      write mosquitto's configuration and access lists
  passerelle watch [TOPIC...]                  print what is published, one JSON line each
  passerelle get TOPIC                         print one state
  passerelle call COMMAND [JSON]               call a command, print its reply; exit 1 on a fault

TOPIC and COMMAND are names of docs/bus.md; "${TOPIC_ROOT}/" and "cmd/" may be left out: wan/state, wan/reconnect.

Environment: PASSERELLE_STATE_DIR (/var/lib/passerelle), PASSERELLE_RUNTIME_DIR (/run/passerelle),
PASSERELLE_BUS (socket of one daemon; <runtime>/bus/<daemon>.sock), PASSERELLE_LOG (debug, info, warn,
error), PASSERELLE_DEFAULTS (JSON file: overrides of the factory's values, used at the first start).
`;

const COMMANDS: Readonly<Record<string, (words: readonly string[]) => Promise<number>>> = {
  run,
  watch,
  get,
  call,
  "bus-config": busConfig,
};

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === "--help" || name === "-h" || name === "help" || rest.includes("--help")) {
    process.stdout.write(HELP);
    return 0;
  }
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) throw new UsageError(`no command ${name ?? "given"}`);
  return command(rest);
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
