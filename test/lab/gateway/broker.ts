import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes the broker's configuration and answers the command line that runs it. One UNIX socket for each client,
 * named after it, is the lab's form of the board's: who may connect is who may open the socket.
 */
export async function brokerConfiguration(
  file: string,
  runtime: string,
  state: string,
): Promise<string[]> {
  const clients = ["config", "lan", "wan", "firewall", "web", "observer"];
  const bus = join(runtime, "bus");
  mkdirSync(bus, { recursive: true });
  const lines = [
    "per_listener_settings true",
    "persistence false",
    "log_dest stderr",
    "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    "user root",
    ...clients.flatMap((client) => [`listener 0 ${bus}/${client}.sock`, "allow_anonymous true"]),
  ];
  void state;
  writeFileSync(file, `${lines.join("\n")}\n`);
  return ["mosquitto", "-c", file];
}
