import { join } from "node:path";
import type { AnySection } from "@passerelle/contract";
import { ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { openStore } from "@passerelle/store";
import { type ConfigConfig, section } from "./config.ts";
import { knownSections, type Sections } from "./core/document.ts";
import type { DefaultsOverride } from "./core/restore.ts";
import { ConfigDaemon } from "./edge/daemon.ts";
import { createFactory } from "./edge/factory.ts";
import { MIGRATIONS, RevisionStore } from "./edge/revision-store.ts";

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
  { defaultsOverride }: ConfigServiceOptions,
): RunningService<ConfigConfig> {
  const path = join(context.stateDirectory, "config.db");
  const store = openStore({ path, migrations: MIGRATIONS });
  const daemon = new ConfigDaemon({
    context,
    sections,
    store,
    revisions: new RevisionStore(store, path, context.clock),
    safetyCopy: join(context.stateDirectory, "confirmed.json"),
    factory: createFactory(sections, context.entropy, defaultsOverride),
    plainFactory: createFactory(sections, context.entropy, {}),
  });
  daemon.start();
  return {
    // Nobody hands config its own section.
    reconfigure: async () => ok(undefined),
    stop: async () => {
      daemon.stop();
      store.close();
    },
    dump: () => daemon.dump(),
  };
}
