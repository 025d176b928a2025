import type { Operation } from "@passerelle/api";
import {
  systemCancel,
  systemDiagnose,
  systemDismiss,
  systemFactoryReset,
  systemHistory,
  systemLog,
  systemReboot,
  systemSupportBundle,
} from "@passerelle/contract";
import { seconds } from "@passerelle/time";
import { apiFault } from "./faults.ts";
import { done, type Handling, notReady, shown, tell } from "./handling.ts";
import { authorOf, type Handlers } from "./port.ts";

type SystemOperation = Exclude<
  Extract<
    Operation,
    | `${string} /system${string}`
    | `${string} /event-log`
    | `${string} /notifications${string}`
    | `${string} /diagnostics`
    | `${string} /jobs${string}`
  >,
  "GET /jobs/{id}/file" | `${string} /system/upgrade${string}`
>;

/** The machine, its log, and the diagnoses it runs. */
export function systemHandlers(handling: Handling): Handlers<SystemOperation> {
  const { bus, mirror } = handling;
  return {
    "GET /system": async () => shown(mirror.get("systemState")),
    "GET /system/interfaces": async () => shown(mirror.get("systemInterfaces")),
    "GET /system/history": async ({ input: { query } }) => bus.request(systemHistory, query),
    "GET /event-log": async ({ input: { query } }) => {
      const { category, before, limit = LOG_LINES } = query;
      return bus.request(systemLog, {
        limit,
        ...(category === undefined ? {} : { category }),
        ...(before === undefined ? {} : { before }),
      });
    },
    "GET /notifications": async () => shown(mirror.get("systemNotifications")),
    "DELETE /notifications/{id}": async ({ input }) =>
      done(await bus.request(systemDismiss, { id: input.params.id })),
    // Told before it is done: afterwards there may be nobody to tell.
    "POST /system/reboot": async ({ caller }) => {
      tell(handling, "reboot", caller);
      return bus.request(systemReboot, { author: authorOf(caller).name });
    },
    "POST /system/factory-reset": async ({ caller }) => {
      tell(handling, "factory_reset", caller);
      return bus.request(systemFactoryReset, { author: authorOf(caller).name });
    },
    "POST /system/support-bundle": async ({ caller }) => {
      const reply = await bus.request(systemSupportBundle, {}, { timeout: BUNDLE_TIMEOUT });
      if (reply.ok) tell(handling, "support_bundle", caller);
      return reply;
    },
    "POST /diagnostics": async ({ input: { body }, caller }) => {
      const reply = await bus.request(systemDiagnose, body);
      if (reply.ok && body.kind === "capture") {
        tell(handling, "capture_started", caller, `${body.network} ${body.mac ?? ""}`.trim());
      }
      return reply;
    },
    "GET /jobs": async () => shown(mirror.get("systemJobs")),
    "GET /jobs/{id}": async ({ input }) => {
      const jobs = mirror.get("systemJobs")?.jobs;
      if (jobs === undefined) return notReady();
      const job = jobs.find(({ id }) => id === input.params.id);
      return job === undefined
        ? { ok: false, fault: apiFault("unknown_job") }
        : { ok: true, data: job };
    },
    "DELETE /jobs/{id}": async ({ input }) => {
      if (input.params.id.length > JOB_ID_MAX) return { ok: false, fault: apiFault("unknown_job") };
      return done(await bus.request(systemCancel, { id: input.params.id }));
    },
  };
}

/** It looks at everything, and asks everybody. */
const BUNDLE_TIMEOUT = seconds(30);
const LOG_LINES = 50;
/** The longest id that `system` takes. */
const JOB_ID_MAX = 64;
