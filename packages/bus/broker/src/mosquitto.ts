import { accessList, CLIENTS, type ClientName } from "@passerelle/contract";
import { DEFAULT_LIMITS, PAYLOAD_BYTES_MAX } from "./limits.ts";
import { busSocketPath } from "./socket-path.ts";

export interface MosquittoOptions {
  /** The sockets are `<runtimeDirectory>/bus/<client>.sock`, unless `socketPath` says otherwise. */
  readonly runtimeDirectory: string;
  /** Where the files of the answer will lie; mosquitto.conf names the access lists by it. */
  readonly configurationDirectory: string;
  /** The user that mosquitto becomes when root starts it; absent: its own choice, "mosquitto". */
  readonly user?: string;
  /** A board that gives each client a directory of its own (setgid, one group each) says where. */
  readonly socketPath?: (client: ClientName) => string;
}

/** Name of a file in the configuration directory → its text. Made from the contract; nothing in it is edited by hand. */
export function mosquittoConfiguration(options: MosquittoOptions): ReadonlyMap<string, string> {
  const files = new Map<string, string>([["mosquitto.conf", mainFile(options)]]);
  for (const client of CLIENTS) files.set(accessFile(client), accessText(client));
  return files;
}

function mainFile(options: MosquittoOptions): string {
  const { runtimeDirectory, configurationDirectory, user } = options;
  const path = options.socketPath ?? ((client) => busSocketPath(runtimeDirectory, client));
  const { packetBytesMax, queueMessagesMax, queueBytesMax, inFlightMax, connectionsPerClientMax } =
    DEFAULT_LIMITS;
  const global = [
    "# Generated from the contract of the bus by `passerelle bus-config`. Do not edit.",
    "# Every client has its own socket: who can open it is that client (file permissions).",
    "# There is no TCP listener and no default listener.",
    ...(user === undefined ? [] : [`user ${user}`]),
    "per_listener_settings true",
    "persistence false",
    "log_dest stderr",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "connection_messages false",
    "sys_interval 0",
    `message_size_limit ${PAYLOAD_BYTES_MAX}`,
    `max_packet_size ${packetBytesMax}`,
    `max_inflight_messages ${inFlightMax}`,
    `max_queued_messages ${queueMessagesMax}`,
    `max_queued_bytes ${queueBytesMax}`,
    "max_keepalive 60",
    "persistent_client_expiration 1h",
  ];
  const listeners = CLIENTS.flatMap((client) => [
    "",
    `listener 0 ${path(client)}`,
    "allow_anonymous true",
    `acl_file ${configurationDirectory}/${accessFile(client)}`,
    `max_connections ${connectionsPerClientMax}`,
    "max_topic_alias 0",
    "max_qos 1",
  ]);
  return `${[...global, ...listeners].join("\n")}\n`;
}

function accessFile(client: ClientName): string {
  return `${client}.acl`;
}

function accessText(client: ClientName): string {
  const { publish, read } = accessList(client);
  const lines = [
    `# What ${client} may do. Generated; everything else is denied.`,
    ...publish.map((topic) => `topic write ${topic}`),
    ...read.map((topic) => `topic read ${topic}`),
  ];
  return `${lines.join("\n")}\n`;
}
