import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { firewallState, lanDevices, lanLeases, wanState } from "@passerelle/contract";
import { MqttClient } from "mqtt";
import { pathsOf } from "../state.ts";

/** What the gateway says of itself on its bus, for the live view. The lab only reads, as the client `observer`. */
export interface GatewayWatch {
  lines(): readonly string[];
  close(): void;
}

const TOPICS = [wanState, lanLeases, lanDevices, firewallState].map(({ name }) => name);
const RECONNECT_MS = 1000;
const DEVICES_SHOWN = 12;

export function watchGateway(lab: string): GatewayWatch {
  const path = join(pathsOf(lab).gateway, "run", "bus", "observer.sock");
  const latest = new Map<string, unknown>();
  const client = new MqttClient(() => connectSocket(path), {
    protocolVersion: 5,
    clientId: `lab-${process.pid}`,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: 5000,
  });
  client.on("error", () => {
    // The broker is away just now, or there is none: the view says so by having nothing new.
  });
  client.on("connect", () => client.subscribe([...TOPICS]));
  client.on("close", () => latest.clear());
  client.on("message", (topic, payload) => {
    try {
      latest.set(topic, JSON.parse(payload.toString("utf8")));
    } catch {
      latest.delete(topic);
    }
  });
  return {
    lines: () => describe(latest),
    close: () => {
      client.end(true);
    },
  };
}

function describe(latest: ReadonlyMap<string, unknown>): readonly string[] {
  if (latest.size === 0) return ["the gateway's bus is silent"];
  const wan = record(latest.get(wanState.name));
  const session = record(wan.session);
  const cause = record(record(wan.cause).text);
  const firewall = record(latest.get(firewallState.name));
  const leases = list(record(latest.get(lanLeases.name)).leases).map(record);
  const devices = list(record(latest.get(lanDevices.name)).devices).map(record);
  return [
    `line: cable ${word(record(wan.access).kind)}, ${word(session.kind)} ${word(session.address)}, ` +
      `${word(record(wan.reach).kind)}${cause.en === undefined ? "" : `: ${word(cause.en)}`}`,
    `firewall: ${word(firewall.kind)}`,
    `leases: ${leases.length}`,
    ...devices.slice(0, DEVICES_SHOWN).map((one) => {
      const addresses = list(one.addresses).map(word).join(" ");
      return `  ${word(one.name).padEnd(18)} ${one.online === true ? "online" : "away  "} ${addresses}`;
    }),
  ];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Texts come from strangers on the LAN: nothing of them may reach the terminal but letters. */
function word(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number") return "";
  return String(value).replace(/\p{C}/gu, "?").slice(0, 80);
}
