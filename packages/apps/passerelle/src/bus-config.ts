import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { mosquittoConfiguration } from "@passerelle/bus-broker";
import { readEnvironment } from "@passerelle/service";
import { parseWords, UsageError } from "./usage.ts";

/** `passerelle bus-config DIR`: the files that mosquitto is started with. The directory of its sockets is the supervisor's to make. */
export async function busConfig(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { user: { type: "string" } });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0)
    throw new UsageError("bus-config wants one directory");
  const { runtimeDirectory } = readEnvironment(process.env, process.pid);
  const configurationDirectory = resolve(directory);
  const files = mosquittoConfiguration({
    runtimeDirectory,
    configurationDirectory,
    ...(values.user === undefined ? {} : { user: values.user }),
  });
  mkdirSync(configurationDirectory, { recursive: true });
  for (const [name, text] of files)
    writeFileSync(join(configurationDirectory, name), text, { mode: 0o644 });
  process.stdout.write(`${join(configurationDirectory, "mosquitto.conf")}\n`);
  return 0;
}
