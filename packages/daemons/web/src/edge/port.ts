import type { IncomingHttpHeaders } from "node:http";
import type { WebSecurityEvent } from "@passerelle/contract";
import type { DoorOperation } from "./api/create-api.ts";
import type { Caller, Handlers } from "./api/port.ts";

/** Who may come in: what the listeners, the API and the page ask of the door. */
export interface Door {
  /** Finds out who asks: by the cookie, the bearer token or the local socket. Counts as a sign of life of a session. */
  resolveCaller(request: CallerRequest): Caller;
  /** The caller as it is now, without a sign of life; undefined where its session is over. */
  recheck(caller: Caller): Caller | undefined;
  /** Every operation of `doorRoutes`. */
  readonly handlers: Handlers<DoorOperation>;
  readonly attempts: AttemptCounter;
  readonly audit: Audit;
}

/** As much of a request as says who asks. */
export interface CallerRequest {
  readonly headers: IncomingHttpHeaders;
  /** Address it came from; "local" for the unix socket. */
  readonly source: string;
  readonly secure: boolean;
  readonly local: boolean;
}

/** Failures of every kind of guess are counted together, by address and in all. */
export interface AttemptCounter {
  /** Seconds to wait before this address may try again; undefined: now. */
  check(source: string): number | undefined;
  fail(source: string): void;
}

/** S-35: tells `system` who did what; the door adds the time. */
export type Audit = (event: Omit<WebSecurityEvent, "at">) => void;
