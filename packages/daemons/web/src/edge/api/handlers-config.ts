import type { Operation } from "@passerelle/api";
import {
  configApply,
  configConfirm,
  configExport,
  configHistory,
  configImport,
  configPlan,
  configRollback,
  configShow,
} from "@passerelle/contract";
import { doorFault } from "../../core/faults.ts";
import { apiFault } from "./faults.ts";
import { type Handling, shown, tell } from "./handling.ts";
import type { Mirror } from "./mirror.ts";
import { authorOf, type Call, type Handlers, type Outcome } from "./port.ts";

/** The configuration as a whole: `config` plans, stores and undoes; it alone judges. */
export function configHandlers(
  handling: Handling,
): Handlers<Extract<Operation, `${string} /config${string}`>> {
  const { bus, mirror, configuration } = handling;
  return {
    "GET /config": async ({ input: { query } }) => bus.request(configShow, given(query)),
    "GET /config/state": async () => shown(configStateOf(mirror)),
    "GET /config/history": async ({ input: { query } }) => bus.request(configHistory, given(query)),
    "POST /config/plan": async ({ input: { body } }) => bus.request(configPlan, body),
    "POST /config/apply": async ({ input: { body }, caller, ifMatch }) => {
      const reply = await bus.request(configApply, {
        ...given(body),
        changes: body.changes,
        author: authorOf(caller),
        ...(ifMatch === undefined ? {} : { basedOn: ifMatch }),
      });
      if (!reply.ok) return reply;
      configuration.forget();
      const sections = [...new Set(body.changes.map(({ section }) => section))].join(", ");
      tell(handling, "configuration_changed", caller, `${reply.data.revision}: ${sections}`);
      return reply;
    },
    "POST /config/confirm": (call) => confirm(handling, call),
    "POST /config/rollback": async ({ input: { body }, caller }) => {
      // Ending a probation must be easy; an older revision may open what was closed since.
      if (body.to !== undefined && !caller.steppedUp) {
        return { ok: false, fault: apiFault("step_up_required") };
      }
      const reply = await bus.request(configRollback, {
        ...given(body),
        author: authorOf(caller),
      });
      if (!reply.ok) return reply;
      configuration.forget();
      tell(handling, "configuration_changed", caller, `${reply.data.revision}: rollback`);
      return reply;
    },
    "POST /config/export": async ({ input: { body }, caller }) => {
      const reply = await bus.request(configExport, body);
      if (reply.ok) tell(handling, "configuration_exported", caller);
      return reply;
    },
    "POST /config/import": async ({ input: { body }, caller }) => {
      const reply = await bus.request(configImport, {
        ...given(body),
        document: body.document,
        author: authorOf(caller),
      });
      if (!reply.ok) return reply;
      configuration.forget();
      tell(handling, "configuration_imported", caller, `${reply.data.revision}`);
      return reply;
    },
  };
}

export function configStateOf(mirror: Mirror) {
  const state = mirror.get("configState");
  if (state === undefined) return undefined;
  const { revision, phase, lastRollback } = state;
  return { revision, phase, ...(lastRollback === undefined ? {} : { lastRollback }) };
}

/**
 * S-25: the token is the right, whoever has it; the cookie may be lost with the old address. A wrong one counts as a
 * failure of the address it came from.
 */
async function confirm(
  { bus, attempts, configuration }: Handling,
  { input, caller }: Call<"POST /config/confirm">,
): Promise<Outcome<{ revision: number }>> {
  const wait = attempts.check(caller.source);
  if (wait !== undefined)
    return { ok: false, fault: doorFault("too_many_attempts"), retryAfter: wait };
  const reply = await bus.request(configConfirm, {
    token: input.body.token,
    author: authorOf(caller),
  });
  if (reply.ok) configuration.forget();
  else if (reply.fault.code === "wrong_token") attempts.fail(caller.source);
  return reply;
}

/** Members that were given, without those that are undefined. */
function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
