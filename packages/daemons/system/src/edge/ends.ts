import { dirname } from "node:path";
import type { Bus, Subscription } from "@passerelle/bus-client";
import { systemFactoryReset, systemReboot } from "@passerelle/contract";
import {
  type Clock,
  type Entropy,
  isResetPending,
  type Logger,
  orderFactoryReset,
} from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { faultOf } from "../core/faults.ts";
import type { BootCause, Boots } from "./boot.ts";
import type { Power, Restart } from "./power.ts";

export interface EndsOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  readonly boots: Boots;
  readonly power: Power;
  /** Why the box starts again where a person asks: another version may wait for it. Asked once, at the end. */
  readonly restartCause: () => BootCause;
  /** Ends this service: everything is written after it. */
  readonly stop: () => Promise<void>;
  /** The box is going to start again, or is not any more: the system refused. */
  readonly leaving: () => void;
  readonly staying: () => void;
}

/** The answer leaves, and the page may say so, before everything ends. */
const ANSWER_TIME = milliseconds(500);
const FLUSH_TIME = seconds(1);

/** The one way to start the box again. */
export interface Ends {
  readonly subscriptions: readonly Subscription[];
  restart(cause: BootCause, actor?: string): void;
  /** Undefined where it was ordered: nothing can stop it any more. */
  factoryReset(author: string): EndFault | undefined;
}

type EndFault = ReturnType<typeof faultOf>;

/** Reboot and factory reset. */
export function serveEnds(options: EndsOptions): Ends {
  const { bus, clock, log, entropy, boots } = options;
  const directories = {
    state: dirname(options.stateDirectory),
    runtime: dirname(options.runtimeDirectory),
  };
  let timer: { cancel(): void } | undefined;
  const restart = (what: Restart): void => {
    if (timer !== undefined) return;
    options.leaving();
    timer = clock.later(ANSWER_TIME, () => void end(options, what));
  };
  const factoryReset = (author: string): EndFault | undefined => {
    const id = Buffer.from(entropy.bytes(16)).toString("hex");
    try {
      orderFactoryReset(directories, id);
    } catch (error) {
      log.error("factory_reset_not_ordered", { error });
      return faultOf("reset_not_prepared");
    }
    log.warn("factory_reset_ordered", { author });
    restart("factory-reset");
    return undefined;
  };
  // Killed between the order and the reboot: what was acknowledged is done.
  if (isResetPending(directories)) {
    log.warn("factory_reset_resumed");
    restart("factory-reset");
  }
  const subscriptions = [
    { close: () => timer?.cancel() },
    bus.serve(systemReboot, ({ author }) => {
      log.warn("reboot_asked", { author });
      // Not being able to write down why is no reason not to start again.
      boots.expect(options.restartCause(), author);
      restart("reboot");
      return { ok: true, data: {} };
    }),
    bus.serve(systemFactoryReset, ({ author }) => {
      const fault = factoryReset(author);
      return fault === undefined ? { ok: true, data: {} } : { ok: false, fault };
    }),
  ];
  return {
    subscriptions,
    factoryReset,
    restart(cause, actor) {
      log.warn("restart", { cause });
      boots.expect(cause, actor);
      restart("reboot");
    },
  };
}

async function end({ bus, log, stop, power, staying }: EndsOptions, what: Restart): Promise<void> {
  await bus.flush(FLUSH_TIME);
  const fault = await power.restart(what, stop);
  if (fault === undefined) return;
  log.error("reboot_refused", { code: fault.code });
  staying();
}
