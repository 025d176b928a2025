import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes the broker's configuration, the very text that the board gets from the contract, and answers the command
 * line that runs it.
 */
export async function brokerConfiguration(directory: string, runtime: string): Promise<string[]> {
  // Loaded when needed: `bin/lab exec` starts without the contract and its schemas.
  const { mosquittoConfiguration } = await import("@passerelle/bus-broker");
  mkdirSync(join(runtime, "bus"), { recursive: true });
  mkdirSync(directory, { recursive: true });
  const files = mosquittoConfiguration({
    runtimeDirectory: runtime,
    configurationDirectory: directory,
    user: "root",
  });
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
  return ["mosquitto", "-c", join(directory, "mosquitto.conf")];
}
