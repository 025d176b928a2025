import { getSystemErrorName } from "node:util";
import {
  FLAG_TRUNCATED,
  isNativeError,
  META_STRIDE,
  Meta,
  NAMES_STRIDE,
  native,
  type SocketHandle,
} from "@passerelle/native";
import {
  decodeMessages,
  decodeNetlinkError,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from "@passerelle/netlink-codec";
import { err, ok, type Result } from "@passerelle/result";
import type { NetlinkError } from "./port.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const ENOBUFS = 105;

/** The kernel fills 32 KiB at most for a reader that offers as much. */
const SLOT_BYTES = 32_768;
const SLOTS = 4;
const DUMP_TRIES = 5;

/** Where a receive call puts datagrams; one for both sockets of a Netlink, since no call overlaps another. */
interface Room {
  readonly data: Uint8Array;
  readonly meta: Int32Array;
  readonly names: Uint8Array;
}

/**
 * Requests and their answers. The kernel works a route request off within the sending call and queues
 * the answer before that returns, so an answer is read at once and nothing ever waits for it.
 */
export class RequestSocket {
  readonly #handle: SocketHandle;
  readonly #room = makeRoom();
  #sequence = 0;

  constructor() {
    this.#handle = openNetlink();
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
      native().setOption(this.#handle, SOL_NETLINK, option, int32(1));
    }
  }

  /** One change; the kernel acknowledges it. */
  change(type: number, flags: number, payload: Uint8Array): Result<void, NetlinkError> {
    const answer = this.#exchange(type, flags | NLM_F_ACK, payload);
    return answer.ok ? ok(undefined) : answer;
  }

  /** A whole table. Asked again where it changed meanwhile (NLM_F_DUMP_INTR). */
  dump(type: number, payload: Uint8Array): Result<readonly NetlinkMessage[], NetlinkError> {
    for (let attempt = 0; attempt < DUMP_TRIES; attempt += 1) {
      const answer = this.#exchange(type, NLM_F_DUMP, payload);
      if (!answer.ok && answer.error.code !== "ENOBUFS") return answer;
      if (answer.ok && !answer.value.interrupted) return ok(answer.value.messages);
    }
    return err({ code: "EBUSY", text: "the table changed during every dump" });
  }

  close(): void {
    native().close(this.#handle);
  }

  #exchange(type: number, flags: number, payload: Uint8Array): Result<Exchange, NetlinkError> {
    this.#sequence = (this.#sequence + 1) >>> 0 || 1;
    const sequence = this.#sequence;
    const request = { type, flags: flags | NLM_F_REQUEST, sequence, port: 0, payload };
    try {
      native().send(this.#handle, encodeMessage(request), undefined);
    } catch (thrown) {
      if (!isNativeError(thrown)) throw thrown;
      return err({ code: thrown.code, text: thrown.message });
    }
    return this.#answers(sequence);
  }

  #answers(sequence: number): Result<Exchange, NetlinkError> {
    const messages: NetlinkMessage[] = [];
    let interrupted = false;
    // Ends: each round takes datagrams off the queue, and an empty queue is an error.
    for (;;) {
      const got = receive(this.#handle, this.#room);
      if (typeof got === "number") return err(errnoError(got));
      if (got.length === 0) return err({ code: "ENODATA", text: "the kernel did not answer" });
      for (const message of got) {
        // What is left of an exchange that was given up.
        if (message.sequence !== sequence) continue;
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (message.type !== NLMSG_DONE && message.type !== NLMSG_ERROR) {
          messages.push({ ...message, payload: message.payload.slice() });
          continue;
        }
        const end = decodeNetlinkError(message, message.type === NLMSG_DONE);
        if (end.errno === 0) return ok({ messages, interrupted });
        return err(errnoError(end.errno, end.text));
      }
    }
  }
}

interface Exchange {
  readonly messages: readonly NetlinkMessage[];
  readonly interrupted: boolean;
}

/** Events of some groups; `lost` where the kernel had to throw events away. */
export function watchGroups(
  groups: readonly number[],
  receiveBufferBytes: number,
  handler: (message: NetlinkMessage) => void,
  lost: () => void,
): { close(): void } {
  const handle = openNetlink();
  const room = makeRoom();
  let closed = false;
  try {
    setReceiveBuffer(handle, receiveBufferBytes);
    for (const group of groups) {
      native().setOption(handle, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(group));
    }
    native().watch(handle, () => {
      for (let round = 0; round < ROUNDS_MAX && !closed; round += 1) {
        const got = receive(handle, room);
        if (typeof got === "number") {
          lost();
          continue;
        }
        if (got.length === 0) return;
        for (const message of got) if (!closed) handler(message);
      }
    });
  } catch (thrown) {
    native().close(handle);
    throw thrown;
  }
  return {
    close() {
      closed = true;
      native().close(handle);
    },
  };
}

/** Datagrams handled in one wake-up before other work gets its turn. */
const ROUNDS_MAX = 64;

export function errnoError(errno: number, text?: string): NetlinkError {
  const code = getSystemErrorName(-errno);
  return { code, text: text ?? code };
}

function openNetlink(): SocketHandle {
  const handle = native().open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  const name = new Uint8Array(12);
  name[0] = AF_NETLINK;
  native().bind(handle, name);
  return handle;
}

/** The messages of some datagrams, none where the queue is empty, or an errno. */
function receive(handle: SocketHandle, room: Room): readonly NetlinkMessage[] | number {
  const got = native().receiveBatch(handle, room.data, room.meta, room.names, 0, SLOTS);
  if (got < 0) return -got;
  const messages: NetlinkMessage[] = [];
  const names = new DataView(room.names.buffer);
  for (let i = 0; i < got; i += 1) {
    const row = i * META_STRIDE;
    const at = room.meta[row + Meta.offset] ?? 0;
    if (((room.meta[row + Meta.flags] ?? 0) & FLAG_TRUNCATED) !== 0) return ENOBUFS;
    // Any process may send to our port; only the kernel has port 0.
    if (names.getUint32(i * NAMES_STRIDE + 4, true) !== 0) continue;
    const end = at + (room.meta[row + Meta.length] ?? 0);
    messages.push(...decodeMessages(room.data.subarray(at, end)).messages);
  }
  return messages;
}

function makeRoom(): Room {
  return {
    data: new Uint8Array(SLOTS * SLOT_BYTES),
    meta: new Int32Array(SLOTS * META_STRIDE),
    names: new Uint8Array(SLOTS * NAMES_STRIDE),
  };
}

function setReceiveBuffer(handle: SocketHandle, bytes: number): void {
  try {
    native().setOption(handle, SOL_SOCKET, SO_RCVBUFFORCE, int32(bytes));
  } catch {
    // Without CAP_NET_ADMIN the system's limit holds.
    native().setOption(handle, SOL_SOCKET, SO_RCVBUF, int32(bytes));
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
