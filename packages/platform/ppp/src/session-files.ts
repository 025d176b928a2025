import { native, type SocketHandle } from "@passerelle/native";
import { err, type Result } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import { sessionAddress } from "./kernel-arguments.ts";
import { AF_PPPOX, PX_PROTO_OE, SOCK_STREAM } from "./kernel-numbers.ts";
import type { PppError, PppOptions } from "./port.ts";

/** The open files that a session lives by: it ends with the last copy of them. */
export interface SessionHandles {
  /** The socket that has the session. */
  readonly session: SocketHandle;
  /** /dev/ppp for what concerns the link. */
  readonly channel: SocketHandle;
  /** /dev/ppp for what concerns its networks; the interface lives as long as this. */
  readonly unit: SocketHandle;
}

/** Who opens the files of a session, and has copies of them when this process is gone. */
export interface SessionFiles {
  /** A socket that is connected, and two files that nothing was asked of yet. */
  open(options: PppOptions): Result<SessionHandles, PppError>;
  /** Copies of those of an earlier life. ENOENT: there are none. */
  take(name: string): Result<SessionHandles, PppError>;
  /** Nobody but this process has them from now on. */
  drop(name: string): void;
}

/** This process alone: its end is the end of its sessions. */
export const OWN_FILES: SessionFiles = {
  open: ({ sessionId, peer, interface: lower }) =>
    attempt(() => {
      const session = native().open(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE);
      const opened = [session];
      try {
        native().connect(session, sessionAddress(sessionId, peer, lower));
        const channel = native().openFile(DEVICE);
        opened.push(channel);
        return { session, channel, unit: native().openFile(DEVICE) };
      } catch (thrown) {
        for (const handle of opened.toReversed()) native().close(handle);
        throw thrown;
      }
    }),
  take: (name) => err({ code: "ENOENT", text: `nobody holds ${name}` }),
  drop: () => {},
};

/** The unit goes first, and with it the interface. */
export function closeHandles({ session, channel, unit }: SessionHandles): void {
  for (const handle of [unit, channel, session]) native().close(handle);
}

const DEVICE = "/dev/ppp";
