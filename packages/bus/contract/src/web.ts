import * as v from "valibot";
import { event, state } from "./define.ts";
import { count, fault, hostileText, ipText, wallTime } from "./values.ts";

export const webState = state({
  name: "state",
  owner: "web",
  about: "Where the page and the API are served, and how to know the box's certificate.",
  schema: v.strictObject({
    kind: v.picklist(["starting", "serving", "degraded"]),
    since: wallTime,
    /** Addresses that listen: those of the home's LAN networks only. */
    addresses: v.array(ipText),
    /** Where HTTP is spoken at them; absent: 80. */
    httpPort: v.optional(count),
    names: v.array(v.string()),
    /** SHA-256 of the box's own authority's certificate, as browsers show it. */
    fingerprint: v.optional(v.string()),
    /** True once somebody went through the first screens. */
    firstRunDone: v.boolean(),
    faults: v.array(fault),
  }),
});

/** S-35: everything about who may do what. `system` keeps it in the event log. */
export const webSecurityEvent = event({
  name: "security",
  owner: "web",
  about: "Somebody logged in, failed to, was given or lost a right, or did something dangerous.",
  schema: v.strictObject({
    at: wallTime,
    kind: v.picklist([
      "login",
      "login_failed",
      "logout",
      "session_revoked",
      "step_up",
      "step_up_failed",
      "password_changed",
      "app_requested",
      "app_approved",
      "app_changed",
      "app_revoked",
      "configuration_changed",
      "configuration_exported",
      "configuration_imported",
      "port_opened",
      "port_closed",
      "device_blocked",
      "device_unblocked",
      "support_bundle",
      "capture_started",
      "reboot",
      "factory_reset",
      "upgrade_uploaded",
      "upgrade_started",
      "upgrade_rollback",
    ]),
    /** The person, the app or the program. */
    actor: hostileText,
    /** Address it came from; "local" for a program on the box. */
    source: v.string(),
    /** What it was done to, e.g. the name of an app or a port. */
    subject: v.optional(hostileText),
  }),
});
export type WebSecurityEvent = v.InferOutput<typeof webSecurityEvent.schema>;
