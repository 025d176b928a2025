import { native } from "@passerelle/native";
import { macBytes } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import { nameBytes } from "./kernel-arguments.ts";
import { IFNAMSIZ, SOCK_SEQPACKET } from "./kernel-numbers.ts";
import type { PppError, PppOptions } from "./port.ts";
import type { SessionFiles, SessionHandles } from "./session-files.ts";

/**
 * Files that another process has copies of (holder/passerelle-ppp-holder.c): sessions outlive this one. It is asked
 * blocking: it answers in microseconds, and one that hangs costs a second.
 *
 * @param path of its socket
 */
export function heldFiles(path: string): SessionFiles {
  return {
    open: (options) => handlesOf(ask(path, requestOf(VERB.open, options.name, options))),
    take: (name) => handlesOf(ask(path, requestOf(VERB.take, name))),
    drop: (name) => void ask(path, requestOf(VERB.drop, name)),
  };
}

type Files = ReturnType<ReturnType<typeof native>["receiveFiles"]>;

function ask(path: string, request: Uint8Array): Result<Files, PppError> {
  const asked = attempt(() => {
    const socket = native().open(AF_UNIX, SOCK_SEQPACKET, 0);
    try {
      native().connect(socket, unixAddress(path));
      native().send(socket, request, undefined);
      const answer = new Uint8Array(ERRNO_BYTES);
      const files = native().receiveFiles(socket, answer, PATIENCE_MS);
      return { files, errno: new DataView(answer.buffer).getInt32(0, true) };
    } finally {
      native().close(socket);
    }
  });
  if (!asked.ok) return asked;
  const { files, errno } = asked.value;
  return errno === 0 ? ok(files) : err({ code: nameOf(errno), text: `the holder: ${errno}` });
}

function handlesOf(answer: Result<Files, PppError>): Result<SessionHandles, PppError> {
  if (!answer.ok) return answer;
  const [session, channel, unit] = answer.value;
  if (session !== undefined && channel !== undefined && unit !== undefined) {
    return ok({ session, channel, unit });
  }
  for (const handle of answer.value) native().close(handle);
  return err({ code: "EPROTO", text: "the holder gave no files" });
}

/** struct Request of the holder. */
function requestOf(
  verb: number,
  name: string,
  session?: Pick<PppOptions, "sessionId" | "peer" | "interface">,
): Uint8Array {
  const bytes = new Uint8Array(16 + 2 * IFNAMSIZ);
  bytes[0] = verb;
  bytes.set(nameBytes(name), 16 + IFNAMSIZ);
  if (session === undefined) return bytes;
  new DataView(bytes.buffer).setUint16(2, session.sessionId);
  bytes.set(macBytes(session.peer), 4);
  bytes.set(nameBytes(session.interface), 16);
  return bytes;
}

/** struct sockaddr_un. */
function unixAddress(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  const bytes = new Uint8Array(2 + name.length + 1);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  return bytes;
}

/** The refusals that mean something to somebody. */
function nameOf(errno: number): string {
  return ERRNO_NAMES.get(errno) ?? `E${errno}`;
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map([
  ...([
    [1, "EPERM"],
    [2, "ENOENT"],
    [6, "ENXIO"],
    [13, "EACCES"],
    [17, "EEXIST"],
    [19, "ENODEV"],
    [22, "EINVAL"],
    [24, "EMFILE"],
    [97, "EAFNOSUPPORT"],
    [114, "EALREADY"],
  ] as const),
]);

const VERB = { open: 1, take: 2, drop: 3 } as const;
const AF_UNIX = 1;
const ERRNO_BYTES = 4;
const PATIENCE_MS = 1000;
