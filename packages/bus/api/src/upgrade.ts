import { systemUpgrade, systemUpgradeInstall } from "@passerelle/contract";
import * as v from "valibot";
import { route } from "./define.ts";

/** More than any bundle of a board. */
const BUNDLE_BYTES_MAX = 256 * 1024 * 1024;

const refusals = [
  "upgrade_unsupported",
  "upgrade_not_ready",
  "upgrade_running",
  "upgrade_on_trial",
  "upgrade_waits",
] as const;

/** Another version of the system: it is uploaded, looked at, installed, and proves itself or goes. */
export const upgradeRoutes = {
  "GET /system/upgrade": route({
    tag: "Upgrade",
    access: "read",
    about: "Which version runs, what is on the other slot, and what becomes of an update.",
    reply: systemUpgrade.schema,
  }),
  "POST /system/upgrade": route({
    tag: "Upgrade",
    access: "admin",
    stepUp: true,
    status: 202,
    upload: { media: "application/octet-stream", bytesMax: BUNDLE_BYTES_MAX },
    about:
      "Uploads a bundle (the file as it is, with its Content-Length) and looks into it; what it is comes in GET /system/upgrade. Nothing is installed. An empty body asks whether a file would be taken: length_required says yes.",
    reply: v.strictObject({}),
    errors: [
      ...refusals,
      "length_required",
      "body_too_large",
      "unsupported_media_type",
      "upload_no_room",
      "upload_cut",
    ],
  }),
  "DELETE /system/upgrade": route({
    tag: "Upgrade",
    access: "admin",
    about: "Takes a bundle that is ready, or the message of one that was refused, away.",
    errors: [...refusals],
  }),
  "POST /system/upgrade/install": route({
    tag: "Upgrade",
    access: "admin",
    stepUp: true,
    status: 202,
    about:
      "Writes the bundle that was looked into to the other slot. It starts with the next restart, and is given up by itself unless it proves itself.",
    body: v.strictObject({ restart: systemUpgradeInstall.request.entries.restart }),
    reply: v.strictObject({}),
    errors: [...refusals, "upgrade_nothing_ready", "upgrade_probation"],
  }),
  "POST /system/upgrade/rollback": route({
    tag: "Upgrade",
    access: "admin",
    stepUp: true,
    status: 202,
    about: "Starts the box with the system of the other slot.",
    reply: v.strictObject({}),
    errors: [...refusals, "upgrade_no_other", "upgrade_probation"],
  }),
};
