import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Operation } from "@passerelle/api";
import type { Bus } from "@passerelle/bus-client";
import type { WebSecurityEvent } from "@passerelle/contract";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import type { Caller, Handlers } from "./port.ts";

/** Operations that the door itself answers: who may come in. */
export type DoorOperation = Extract<
  Operation,
  | `${string} /welcome`
  | `${string} /sessions${string}`
  | `${string} /password`
  | `${string} /apps${string}`
  | `${string} /certificate`
  | `${string} /first-run`
>;

export interface ApiOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  /** Of the software, for the document and nowhere else. */
  readonly version: string;
  readonly doorHandlers: Handlers<DoorOperation>;
  /** Tells `system` (web/event/security) who did something dangerous; the API fills in all but the time. */
  readonly audit: (event: Omit<WebSecurityEvent, "at">) => void;
  /** Wrong confirmation tokens count as failures of the address they came from, together with wrong passwords. */
  readonly attempts: Attempts;
  /**
   * The caller as it is now (its rights may have changed), or undefined where its session is over.
   * Asked every second for each live connection, and at once after `changed("sessions")` or `changed("apps")`.
   */
  readonly recheck: (caller: Caller) => Caller | undefined;
}

export interface Attempts {
  /** Seconds to wait before this address may try again; undefined: now. */
  check(source: string): number | undefined;
  fail(source: string): void;
}

/** What the door calls once its guard let a request through. */
export interface Api {
  /** Anything below /api/v1. Never rejects; limits what it reads of the body. */
  fetch(request: Request, caller: Caller): Promise<Response>;
  /** An upgrade on /api/v1/events; any other is refused and the socket closed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, caller: Caller): void;
  /** Sessions or apps changed: who follows them is told, who lost a right loses its connection. */
  changed(channel: "sessions" | "apps"): void;
  /** Sizes for the dump of the service. */
  dump(): unknown;
  /** Ends every live connection (1001) and subscription. */
  close(): void;
}

export function createApi(_options: ApiOptions): Api {
  throw new Error("not yet");
}
