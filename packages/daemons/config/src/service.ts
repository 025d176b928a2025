import { join } from "node:path";
import { type AnySection, appliedState, configState, DAEMONS } from "@passerelle/contract";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import type { Logger, Service, ServiceContext } from "@passerelle/service";
import { openStore, type StoreOpening } from "@passerelle/store";
import { type ConfigConfig, section } from "./config.ts";
import { type Document, knownSections, type Sections } from "./core/document.ts";
import type { ChangeEffect, ChangeView } from "./core/effect.ts";
import { faultOf } from "./core/faults.ts";
import type { ChangeInput } from "./core/input.ts";
import { makePassword } from "./core/password.ts";
import { type DefaultsOverride, factoryDocument } from "./core/restore.ts";
import { createChangeMachine } from "./core/step.ts";
import { bootFrom } from "./edge/boot.ts";
import { inForce, serveCommands } from "./edge/commands.ts";
import { sha256 } from "./edge/crypto.ts";
import { DefaultsError, readDefaultsOverride } from "./edge/defaults.ts";
import { createRequests } from "./edge/requests.ts";
import {
  createRevisionStore,
  MIGRATIONS,
  type RevisionStore,
  toWall,
} from "./edge/revision-store.ts";
import { readSafetyCopy, writeSafetyCopy } from "./edge/safety-copy.ts";

export { type ConfigConfig, section } from "./config.ts";
export type { DefaultsOverride } from "./core/restore.ts";
export { DefaultsError } from "./edge/defaults.ts";

export interface ConfigServiceOptions {
  /** Merge patches of the factory's values, by section. Absent: those of the file that PASSERELLE_DEFAULTS names, if any. */
  readonly defaultsOverride?: DefaultsOverride;
}

/**
 * The daemon that owns the desired state. `sections` are those of all daemons of this release; its own is added.
 * It needs no `context.config`: it reads its section from its own store.
 */
export function createConfigService(
  sections: readonly AnySection[],
  options: ConfigServiceOptions = {},
): Service<ConfigConfig> {
  const known = knownSections([...sections.filter(({ name }) => name !== "config"), section]);
  return {
    name: "config",
    section,
    selfConfigured: true,
    start: async (context) => start(context, known, options),
  };
}

function start(
  context: ServiceContext<ConfigConfig>,
  sections: Sections,
  options: ConfigServiceOptions,
) {
  const { bus, clock, log } = context;
  const factory = factoryOf(context, sections, options);
  const path = join(context.stateDirectory, "config.db");
  const copyPath = join(context.stateDirectory, "confirmed.json");
  const store = openStore({ path, migrations: MIGRATIONS });
  const { opening } = store;
  const revisions = createRevisionStore(store, path, clock);
  const loaded = bootFrom({
    revisions,
    sections,
    sha256,
    factory: () => orThrow(factory()),
    plainFactory: () => {
      const made = factory();
      if (made.ok) return made.value;
      log.error("defaults_invalid", { problems: made.error.raw });
      return orThrow(factoryOf(context, sections, { defaultsOverride: {} })());
    },
    safetyCopy: readSafetyCopy(copyPath),
    ...lostBy(opening, log),
    log,
    now: () => ({ kind: "instant", at: clock.now() }),
  });
  const requests = createRequests();
  const driver = context.drive(createChangeMachine({ sections, sha256 }), {
    name: "change",
    redact,
    run: (effect: ChangeEffect) => {
      switch (effect.kind) {
        case "store":
          return driver.input(stored(revisions, effect, context));
        case "publish":
          if (effect.view.probation === undefined) keepCopy(effect.view);
          return publish(context, effect.view);
        case "answer":
          return requests.answer(effect.request, effect.reply);
      }
    },
  });
  function keepCopy(view: ChangeView): void {
    try {
      writeSafetyCopy(copyPath, view.head.document);
    } catch (thrown) {
      // The database holds it; the copy is only for the day when the database is damaged.
      log.warn("safety_copy_failed", { reason: String(thrown) });
    }
  }
  driver.input(loaded);
  const subscriptions = [
    ...serveCommands({
      bus,
      driver,
      requests,
      revisions,
      sections,
      drawBytes: (length) => context.entropy.bytes(length),
      factory,
    }),
    ...[...sections.keys()]
      .filter((daemon) => daemon !== "config")
      .map((daemon) =>
        bus.subscribe(appliedState[daemon], (applied) =>
          driver.input({ kind: "reported", daemon, applied }),
        ),
      ),
  ];
  return {
    reconfigure: async () => ok(undefined),
    stop: async () => {
      for (const subscription of subscriptions) subscription.close();
      driver.stop();
      store.close();
    },
    dump: () => ({
      kind: driver.state.kind,
      revision: inForce(driver.state)?.revision,
      waiting: requests.waiting,
      opening: opening.kind,
    }),
  };
}

function lostBy(opening: StoreOpening, log: Logger): { readonly lost?: Fault } {
  if (opening.kind !== "replaced_corrupt") return {};
  log.error("config_lost", { movedTo: opening.movedTo, reason: opening.reason });
  return { lost: faultOf("config_lost", opening.reason) };
}

function orThrow(made: Result<Document, Fault>): Document {
  if (made.ok) return made.value;
  throw new DefaultsError(`${made.error.text.en}\n${made.error.raw ?? ""}`);
}

/** Inputs carry whole sections and tokens: dumps and crash files hold what happened, not with what. */
function redact(input: { readonly kind: string }): unknown {
  return { kind: input.kind, ...("request" in input ? { request: input.request } : {}) };
}

function stored(
  revisions: RevisionStore,
  { write }: Extract<ChangeEffect, { kind: "store" }>,
  { log }: ServiceContext<ConfigConfig>,
): Exclude<ChangeInput, { kind: "timeout" }> {
  const result = revisions.write(write);
  if (result.ok) return { kind: "stored", write: write.name };
  const { code, message } = result.error;
  log.error("config_not_stored", { write: write.name, code, message });
  return {
    kind: "store_failed",
    write: write.name,
    code: code === "store_full" ? "store_full" : "store_io",
    raw: message,
  };
}

function publish({ bus, clock, log }: ServiceContext<ConfigConfig>, view: ChangeView): void {
  const { head, probation, lastRollback } = view;
  log.info("config_in_force", {
    revision: head.revision,
    phase: probation === undefined ? "confirmed" : "probation",
  });
  bus.publish(configState, {
    revision: head.revision,
    phase:
      probation === undefined
        ? { kind: "confirmed" }
        : {
            kind: "probation",
            remainingMs: Math.round(probation.remaining),
            previous: probation.previous,
            author: probation.author,
          },
    digests: head.digests,
    ...(lastRollback === undefined
      ? {}
      : { lastRollback: { ...lastRollback, at: toWall(lastRollback.at, clock) } }),
  });
  // Nobody hands config its own section: what is in force is what it runs.
  bus.publish(appliedState.config, {
    revision: head.revision,
    digest: head.digests.config ?? "",
    result: { kind: "running" },
  });
}

/** The overrides are read when the factory's values are made: a file that is wrong does not stop a box that runs. */
function factoryOf(
  { entropy }: ServiceContext<ConfigConfig>,
  sections: Sections,
  options: ConfigServiceOptions,
): () => Result<Document, Fault> {
  const draw = (length: number): Uint8Array => entropy.bytes(length);
  const path = process.env.PASSERELLE_DEFAULTS;
  return () => {
    const overrides: Result<DefaultsOverride, DefaultsError> =
      options.defaultsOverride !== undefined
        ? ok(options.defaultsOverride)
        : path === undefined || path === ""
          ? ok({})
          : readDefaultsOverride(path);
    if (!overrides.ok) return err(faultOf("defaults_invalid", overrides.error.message));
    const stranger = Object.keys(overrides.value).find((name) => !DAEMON_NAMES.has(name));
    if (stranger !== undefined) return err(faultOf("defaults_invalid", `/${stranger}: no daemon`));
    const made = factoryDocument(
      sections,
      { bytes: draw, password: (bits) => makePassword(bits, draw) },
      overrides.value,
    );
    if (made.ok) return made;
    const problems = made.error.map((p) => `/${p.section}${p.path}: ${p.message}`);
    return err(faultOf("defaults_invalid", problems.join("\n")));
  };
}

const DAEMON_NAMES: ReadonlySet<string> = new Set(DAEMONS);
