import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { boardSocketPath, mosquittoConfiguration } from "@passerelle/bus-broker";
import { readEnvironment } from "@passerelle/service";
import { parseWords, UsageError } from "./usage.ts";

/**
 * `passerelle bus-config DIR`: the files that mosquitto is started with. The directory of its sockets is the supervisor's
 * to make. `--board PATH`: for an image in which they will lie at PATH, with a directory for the socket of each client.
 */
export async function busConfig(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    user: { type: "string" },
    board: { type: "string" },
  });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0)
    throw new UsageError("bus-config wants one directory");
  const { runtimeDirectory } = readEnvironment(process.env, process.pid);
  const folder = resolve(directory);
  const files = mosquittoConfiguration({
    runtimeDirectory,
    configurationDirectory: values.board ?? folder,
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.board === undefined
      ? {}
      : { socketPath: (client) => boardSocketPath(runtimeDirectory, client) }),
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text, { mode: 0o644 });
  process.stdout.write(`${join(folder, "mosquitto.conf")}\n`);
  return 0;
}
