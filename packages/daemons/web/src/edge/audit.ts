import { aliveState, type WebSecurityEvent, webSecurityEvent } from "@passerelle/contract";
import type { ServiceContext } from "@passerelle/service";
import type { Audit } from "./port.ts";

/** S-35: who did what, for the event log of `system`. */
export interface AuditTrail {
  readonly audit: Audit;
  close(): void;
}

/** Events are lost while the bus or `system` is away: those of who may do what wait for them. */
export function createAudit({
  bus,
  clock,
  log,
}: Pick<ServiceContext<unknown>, "bus" | "clock" | "log">): AuditTrail {
  let held: WebSecurityEvent[] = [];
  let isHeard = false;
  const flush = (): void => {
    if (!bus.connected || !isHeard) return;
    const waiting = held;
    held = [];
    for (const event of waiting) bus.publish(webSecurityEvent, event);
  };
  const subscription = bus.subscribe(aliveState.system, ({ status }) => {
    isHeard = status === "online";
    flush();
  });
  return {
    audit(event) {
      const { kind, source, subject } = event;
      log.info("security", { kind, source });
      held.push({
        ...event,
        at: clock.wall(),
        actor: event.actor.slice(0, TEXT_MAX),
        ...(subject === undefined ? {} : { subject: subject.slice(0, TEXT_MAX) }),
      });
      if (held.length > HELD_MAX) held.shift();
      flush();
    },
    close: () => subscription.close(),
  };
}

const HELD_MAX = 64;
const TEXT_MAX = 255;
