import {
  configApply,
  configExport,
  configHistory,
  configImport,
  configPlan,
  configShow,
  configState,
  SERIES,
  systemDiagnose,
  systemHistory,
  systemInterfaces,
  systemJobs,
  systemLog,
  systemNotifications,
  systemState,
  values,
  wanDsl,
  wanDslHistory,
  wanDslSpectrum,
  wanHistory,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import * as v from "valibot";
import { queryLimit, queryNumber } from "./common.ts";
import { route } from "./define.ts";
import { applied } from "./home.ts";

const { count } = values;
const changeErrors = ["config_invalid", "stale_revision", "probation_running"] as const;
const change = configPlan.request.entries.changes;
/** Of a modem that is asked now. */
const modemErrors = [
  ...["dsl_no_modem", "dsl_unsupported", "dsl_unreachable"],
  ...["dsl_login_refused", "dsl_not_understood"],
  ...["dsl_not_at_home", "dsl_network_taken"],
] as const;
const token = v.pipe(v.string(), v.minLength(1), v.maxLength(128));

/** The line, the configuration, the machine. */
export const boxRoutes = {
  "GET /wan": route({
    tag: "Internet",
    access: "read",
    about: "The line from cable to Internet, and in one sentence why it is as it is.",
    reply: v.strictObject({
      line: wanState.schema,
      resolvers: wanResolvers.schema.entries.resolvers,
    }),
  }),
  "GET /wan/history": route({
    tag: "Internet",
    access: "read",
    about: "The last 200 changes of the line, oldest first.",
    reply: wanHistory.schema,
  }),
  "POST /wan/reconnect": route({
    tag: "Internet",
    access: "settings",
    about: "Starts the session with the operator again.",
  }),
  "GET /wan/dsl": route({
    tag: "Internet",
    access: "read",
    about: "The pair of wires of a DSL line, as its modem says it.",
    reply: wanDsl.schema,
  }),
  "GET /wan/dsl/history": route({
    tag: "Internet",
    access: "read",
    about: "Errors of the DSL line by the quarter of an hour and by the day.",
    reply: wanDslHistory.reply,
  }),
  "GET /wan/dsl/spectrum": route({
    tag: "Internet",
    access: "read",
    about: "What the DSL line does tone by tone, asked of the modem now.",
    reply: wanDslSpectrum.reply,
    errors: modemErrors,
  }),
  "POST /wan/dsl/resync": route({
    tag: "Internet",
    access: "settings",
    about: "Has the modem train the line anew: the Internet is away for a minute.",
    errors: modemErrors,
  }),
  "GET /config": route({
    tag: "Configuration",
    access: "settings",
    about: "Every section as a person may see it; a secret shows as dots.",
    query: v.strictObject({ revision: v.optional(queryNumber) }),
    reply: configShow.reply,
    errors: ["unknown_revision"],
  }),
  "GET /config/state": route({
    tag: "Configuration",
    access: "read",
    about: "The revision in force and its phase.",
    reply: v.strictObject({
      revision: configState.schema.entries.revision,
      phase: configState.schema.entries.phase,
      lastRollback: configState.schema.entries.lastRollback,
    }),
  }),
  "GET /config/history": route({
    tag: "Configuration",
    access: "settings",
    about: "The newest revisions with author, time and difference.",
    query: v.strictObject({ limit: v.optional(queryLimit) }),
    reply: configHistory.reply,
  }),
  "POST /config/plan": route({
    tag: "Configuration",
    access: "settings",
    about: "What a change would do to the people of the house, without doing it.",
    body: v.strictObject({ changes: change }),
    reply: configPlan.reply,
  }),
  "POST /config/apply": route({
    tag: "Configuration",
    access: "settings",
    stepUp: true,
    about:
      "Applies a change (JSON merge patches). Where it could cut its author off it is undone unless confirmed with the token in time. If-Match: the revision that was looked at.",
    body: v.strictObject({
      changes: change,
      note: configApply.request.entries.note,
      probationSeconds: configApply.request.entries.probationSeconds,
    }),
    reply: configApply.reply,
    errors: [...changeErrors],
  }),
  "POST /config/confirm": route({
    tag: "Configuration",
    access: "public",
    about:
      "Keeps the change on probation. The token of the apply is the right to do so, from any address of the LAN: the cookie may be lost with the old address.",
    body: v.strictObject({ token }),
    reply: v.strictObject({ revision: count }),
    errors: ["wrong_token", "no_probation", "too_many_attempts"],
  }),
  "POST /config/rollback": route({
    tag: "Configuration",
    access: "settings",
    about:
      "Ends a probation at once; with `to`, and with a proof as for a step-up, makes an older revision the newest again.",
    body: v.strictObject({ to: v.optional(count) }),
    reply: applied,
    errors: ["unknown_revision", "no_probation", "step_up_required", "probation_running"],
  }),
  "POST /config/export": route({
    tag: "Configuration",
    access: "admin",
    stepUp: true,
    about: "A backup of the whole configuration; with secrets only under a passphrase.",
    body: configExport.request,
    reply: configExport.reply,
  }),
  "POST /config/import": route({
    tag: "Configuration",
    access: "admin",
    stepUp: true,
    about: "Restores a backup, on probation.",
    body: v.strictObject({
      document: configImport.request.entries.document,
      passphrase: configImport.request.entries.passphrase,
    }),
    reply: configImport.reply,
    errors: [
      "import_not_json",
      "import_wrong_format",
      "import_too_big",
      "import_too_new",
      "passphrase_needed",
      "wrong_passphrase",
      ...changeErrors,
    ],
  }),
  "GET /system": route({
    tag: "System",
    access: "read",
    about: "The machine: what it is, how it is, its clock.",
    reply: systemState.schema,
  }),
  "GET /system/interfaces": route({
    tag: "System",
    access: "read",
    about: "Counters of every network interface.",
    reply: systemInterfaces.schema,
  }),
  "GET /system/history": route({
    tag: "System",
    access: "read",
    about: "One series over time: 1 s for 10 minutes, 10 s for 24 hours, 5 min for 30 days.",
    query: v.strictObject({
      series: v.picklist(SERIES),
      resolution: systemHistory.request.entries.resolution,
    }),
    reply: systemHistory.reply,
  }),
  "GET /event-log": route({
    tag: "System",
    access: "read",
    about: "What happened, newest first.",
    query: v.strictObject({
      category: systemLog.request.entries.category,
      before: v.optional(queryNumber),
      limit: v.optional(queryLimit),
    }),
    reply: systemLog.reply,
  }),
  "GET /notifications": route({
    tag: "System",
    access: "read",
    about: "What a person should know.",
    reply: systemNotifications.schema,
  }),
  "DELETE /notifications/{id}": route({
    tag: "System",
    access: "devices",
    about: "Takes a notification away.",
    errors: ["unknown_notification"],
  }),
  "POST /system/reboot": route({
    tag: "System",
    access: "admin",
    stepUp: true,
    status: 202,
    about: "Starts the box again.",
    reply: v.strictObject({}),
  }),
  "POST /system/factory-reset": route({
    tag: "System",
    access: "admin",
    stepUp: true,
    status: 202,
    about: "Erases everything that people and devices left on the box, then starts it again.",
    reply: v.strictObject({}),
  }),
  "POST /system/support-bundle": route({
    tag: "System",
    access: "admin",
    about: "State, events and figures for whoever helps, without a secret.",
    reply: v.strictObject({ document: v.string() }),
  }),
  "POST /diagnostics": route({
    tag: "Diagnostics",
    access: "settings",
    status: 202,
    about: "Starts a diagnosis: an assistant, ping, trace, look-up of a name, capture.",
    body: systemDiagnose.request,
    reply: v.strictObject({ id: v.string() }),
    errors: ["too_many_jobs", "too_many_captures", "diagnosis_invalid", "unknown_network"],
  }),
  "GET /jobs": route({
    tag: "Diagnostics",
    access: "settings",
    about: "Diagnoses that run, and the last ones that ended.",
    reply: systemJobs.schema,
  }),
  "GET /jobs/{id}": route({
    tag: "Diagnostics",
    access: "settings",
    about: "One diagnosis.",
    reply: systemJobs.schema.entries.jobs.item,
    errors: ["unknown_job"],
  }),
  "DELETE /jobs/{id}": route({
    tag: "Diagnostics",
    access: "settings",
    about: "Ends a diagnosis.",
    errors: ["unknown_job"],
  }),
  "GET /jobs/{id}/file": route({
    tag: "Diagnostics",
    access: "admin",
    stepUp: true,
    media: "application/vnd.tcpdump.pcap",
    about: "The file of a capture.",
    reply: v.string(),
    errors: ["unknown_job", "no_capture_file"],
  }),
};
