import { bytesEqual } from "@passerelle/bytes";
import { clientIdOf, hasOption, reconfigureMessageOf, serverIdOf } from "./accessors.ts";
import { type Dhcpv6Message, MESSAGE_TYPE, type MessageType } from "./message.ts";
import { OPTION } from "./option-codes.ts";

/** Why a message is dropped unanswered (RFC 9915 section 16). */
export type Refusal =
  /** The other side's kind of message. */
  | "wrong_direction"
  | "client_id_missing"
  | "client_id_of_another"
  /** A Reply to a client that gave no identifier has one. */
  | "client_id_unexpected"
  | "server_id_missing"
  | "server_id_of_another"
  /** The message goes to all servers and names one. */
  | "server_id_unexpected"
  | "transaction_of_another"
  | "ia_unexpected"
  | "reconfigure_message";

/** What a client knows of the exchange that an answer must belong to. */
export interface ClientExpectation {
  /** Undefined where none is under way: only a Reconfigure is for this client. */
  readonly transactionId: number | undefined;
  /** Undefined where the client sent no identifier. */
  readonly clientId: Uint8Array | undefined;
}

/**
 * RFC 9915 sections 16.2 to 16.14 for a server. Undefined: it is to be answered.
 *
 * @param ownServerId the server's DUID
 */
export function refusalByServer(
  message: Dhcpv6Message,
  ownServerId: Uint8Array,
): Refusal | undefined {
  const rule = SERVER_RULES[message.msgType];
  if (rule === undefined) return "wrong_direction";
  if (rule.clientId === "needed" && clientIdOf(message) === undefined) return "client_id_missing";
  const hasServerId = hasOption(message, OPTION.SERVERID);
  if (rule.serverId === "forbidden" && hasServerId) return "server_id_unexpected";
  if (rule.serverId === "needed" && !hasServerId) return "server_id_missing";
  if (hasServerId && !isSame(serverIdOf(message), ownServerId)) return "server_id_of_another";
  const isStateless = message.msgType === MESSAGE_TYPE.INFORMATION_REQUEST;
  return isStateless && IA_CODES.some((code) => hasOption(message, code))
    ? "ia_unexpected"
    : undefined;
}

/**
 * RFC 9915 sections 16.2 to 16.14 for a client. Undefined: it is the client's. Of a Reconfigure that
 * leaves how it came (unicast) and its proof (`verifyReconfigure`).
 */
export function refusalByClient(
  message: Dhcpv6Message,
  { transactionId, clientId }: ClientExpectation,
): Refusal | undefined {
  const { msgType } = message;
  const isAnswer = msgType === MESSAGE_TYPE.ADVERTISE || msgType === MESSAGE_TYPE.REPLY;
  if (!isAnswer && msgType !== MESSAGE_TYPE.RECONFIGURE) return "wrong_direction";
  if (isAnswer && message.transactionId !== transactionId) return "transaction_of_another";
  if (serverIdOf(message) === undefined) return "server_id_missing";
  const given = clientIdOf(message);
  if (clientId === undefined && msgType === MESSAGE_TYPE.REPLY) {
    return hasOption(message, OPTION.CLIENTID) ? "client_id_unexpected" : undefined;
  }
  if (given === undefined) return "client_id_missing";
  if (!isSame(given, clientId)) return "client_id_of_another";
  if (isAnswer || reconfigureMessageOf(message) !== undefined) return undefined;
  return "reconfigure_message";
}

interface ServerRule {
  readonly clientId: "needed" | "allowed";
  readonly serverId: "needed" | "allowed" | "forbidden";
}

const TO_ALL: ServerRule = { clientId: "needed", serverId: "forbidden" };
const TO_ONE: ServerRule = { clientId: "needed", serverId: "needed" };
const SERVER_RULES: Readonly<Partial<Record<MessageType, ServerRule>>> = {
  [MESSAGE_TYPE.SOLICIT]: TO_ALL,
  [MESSAGE_TYPE.REQUEST]: TO_ONE,
  [MESSAGE_TYPE.CONFIRM]: TO_ALL,
  [MESSAGE_TYPE.RENEW]: TO_ONE,
  [MESSAGE_TYPE.REBIND]: TO_ALL,
  [MESSAGE_TYPE.RELEASE]: TO_ONE,
  [MESSAGE_TYPE.DECLINE]: TO_ONE,
  [MESSAGE_TYPE.INFORMATION_REQUEST]: { clientId: "allowed", serverId: "allowed" },
};

const IA_CODES = [OPTION.IA_NA, OPTION.IA_TA, OPTION.IA_PD] as const;

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && bytesEqual(a, b);
}
