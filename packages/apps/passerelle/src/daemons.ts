import { type AnySection, DAEMONS, type DaemonName } from "@passerelle/contract";
import { type HostedService, hosted } from "@passerelle/service";

/**
 * The only place that knows the daemons. Each is loaded when it is asked for, so that a process holds
 * the code of its own services and no more.
 */
const LOADERS: Readonly<Partial<Record<DaemonName, () => Promise<HostedService>>>> = {
  config: async () => {
    const { createConfigService } = await import("@passerelle/config");
    return hosted(createConfigService(await loadSections()));
  },
  system: async () => hosted((await import("@passerelle/system")).system),
  firewall: async () => hosted((await import("@passerelle/firewall")).firewall),
  wan: async () => hosted((await import("@passerelle/wan")).wan),
  lan: async () => hosted((await import("@passerelle/lan")).lan),
  web: async () => hosted((await import("@passerelle/web")).web),
};

/** In the order of start. */
export const AVAILABLE: readonly DaemonName[] = DAEMONS.filter((name) => name in LOADERS);

/** Undefined where this release has no such daemon. */
export async function loadDaemon(name: DaemonName): Promise<HostedService | undefined> {
  return LOADERS[name]?.();
}

/** The sections of every daemon but `config`, which knows its own. Loads their `config.ts` alone. */
export async function loadSections(): Promise<readonly AnySection[]> {
  return [
    (await import("@passerelle/system/config")).section,
    (await import("@passerelle/firewall/config")).section,
    (await import("@passerelle/wan/config")).section,
    (await import("@passerelle/lan/config")).section,
    (await import("@passerelle/web/config")).section,
  ];
}
