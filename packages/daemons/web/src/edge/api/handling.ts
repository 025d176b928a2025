import type { Bus, Reply } from "@passerelle/bus-client";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import type { Configuration } from "./configuration.ts";
import type { ApiOptions } from "./create-api.ts";
import { apiFault } from "./faults.ts";
import type { Mirror } from "./mirror.ts";
import type { Caller, Outcome } from "./port.ts";

/** What the operations are answered from. */
export interface Handling {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly mirror: Mirror;
  readonly configuration: Configuration;
  readonly audit: ApiOptions["audit"];
  readonly attempts: ApiOptions["attempts"];
}

/** The state of an owner; while it has not spoken since we started, the caller is asked to wait. */
export function shown<T>(value: T | undefined): Outcome<T> {
  return value === undefined ? notReady() : { ok: true, data: value };
}

export function notReady(): Outcome<never> {
  return { ok: false, fault: apiFault("not_ready") };
}

/** An operation without an answer of its own. */
export function done(reply: Reply<unknown>): Outcome<undefined> {
  return reply.ok ? { ok: true, data: undefined } : reply;
}

export function tell(
  { audit }: Handling,
  kind: Parameters<ApiOptions["audit"]>[0]["kind"],
  caller: Caller,
  subject?: string,
): void {
  const { actor, source } = caller;
  audit({
    kind,
    actor,
    source,
    ...(subject === undefined ? {} : { subject: subject.slice(0, 255) }),
  });
}
