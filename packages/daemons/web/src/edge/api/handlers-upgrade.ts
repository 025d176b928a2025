import type { Operation } from "@passerelle/api";
import {
  systemUpgradeForget,
  systemUpgradeInspect,
  systemUpgradeInstall,
  systemUpgradeRollback,
} from "@passerelle/contract";
import { seconds } from "@passerelle/time";
import { apiFault } from "./faults.ts";
import { done, type Handling, notReady, shown, tell } from "./handling.ts";
import { authorOf, type Handlers } from "./port.ts";
import type { LooseHandler } from "./router.ts";
import type { Uploads } from "./uploads.ts";

type UpgradeOperation = Exclude<
  Extract<Operation, `${string} /system/upgrade${string}`>,
  "POST /system/upgrade"
>;

/** Another version of the system. */
export function upgradeHandlers(handling: Handling): Handlers<UpgradeOperation> {
  const { bus, mirror } = handling;
  return {
    "GET /system/upgrade": async () => shown(mirror.get("systemUpgrade")),
    "DELETE /system/upgrade": async () => done(await bus.request(systemUpgradeForget, {})),
    "POST /system/upgrade/install": async ({ input: { body }, caller }) => {
      const phase = mirror.get("systemUpgrade")?.phase;
      const author = authorOf(caller).name;
      const reply = await bus.request(systemUpgradeInstall, { ...body, author });
      const version = phase?.kind === "ready" ? phase.bundle.version : "?";
      if (reply.ok) tell(handling, "upgrade_started", caller, version);
      return reply;
    },
    "POST /system/upgrade/rollback": async ({ caller }) => {
      const reply = await bus.request(systemUpgradeRollback, { author: authorOf(caller).name });
      if (reply.ok) tell(handling, "upgrade_rollback", caller);
      return reply;
    },
  };
}

/** Takes the file, then has it looked into. What can't be installed now is not read at all. */
export function uploadHandler(handling: Handling, uploads: Uploads): LooseHandler {
  const { bus, mirror } = handling;
  // What nobody looks into, waits for or writes is not kept.
  const clean = (): void => {
    const kind = mirror.get("systemUpgrade")?.phase.kind;
    if (kind !== undefined && !NEEDS_FILE.has(kind)) uploads.clear();
  };
  mirror.onChange((name) => {
    if (name === "systemUpgrade") clean();
  });
  return async ({ caller, upload }) => {
    const phase = mirror.get("systemUpgrade")?.phase;
    if (phase === undefined || upload === undefined) return notReady();
    if (!TAKES_FILE.has(phase.kind)) {
      // The owner says why, in its own words: there is no such file.
      const asked = await bus.request(systemUpgradeInspect, { file: "none.raucb", author: "web" });
      if (!asked.ok) return asked;
    }
    // Who sends nothing asks whether a file would be taken: a large one is refused more politely before it is sent.
    if (upload.length === 0) return { ok: false, fault: apiFault("length_required") };
    // Its file gives way.
    if (phase.kind === "ready") await bus.request(systemUpgradeForget, {});
    const taken = await uploads.take(upload);
    if (!taken.ok) return { ok: false, ...taken.error };
    tell(handling, "upgrade_uploaded", caller);
    const author = authorOf(caller).name;
    // The box has just written as much as it ever does: its other services may be late, and a person would send it all again.
    const reply = await bus.request(
      systemUpgradeInspect,
      { file: taken.value, author },
      { timeout: AFTER_UPLOAD },
    );
    if (!reply.ok) clean();
    return reply.ok ? { ok: true, data: {} } : reply;
  };
}

const AFTER_UPLOAD = seconds(60);
const NEEDS_FILE: ReadonlySet<string> = new Set(["inspecting", "ready", "installing"]);
/** A bundle that is ready gives way to another one. */
const TAKES_FILE: ReadonlySet<string> = new Set(["idle", "ready", "refused", "failed"]);
