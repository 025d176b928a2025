import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { systemButton } from "@passerelle/contract";
import { MqttClient } from "mqtt";
import type { Lab } from "../lab/lab.ts";

/** Somebody presses the button of the box: said on the bus as `system` would, by the socket that is its name. */
export async function pressButton(lab: Lab): Promise<void> {
  const path = join(lab.paths.gateway, "run", "bus", "system.sock");
  const client = new MqttClient(() => connectSocket(path), {
    protocolVersion: 5,
    clientId: `finger-${process.pid}`,
  });
  await new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
  });
  await client.publishAsync(systemButton.name, JSON.stringify({ at: Date.now() }), { qos: 1 });
  await client.endAsync();
}
