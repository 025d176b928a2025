import { parseCidr4, parseIpv4 } from "@passerelle/net";
import { type FirewallConfig, section } from "../src/config.ts";
import type { HomeNetwork } from "../src/core/model.ts";
import type { LanFacts, WanFacts, Wanted } from "../src/core/wanted.ts";

/** What the tests write down instead of whole documents. */
export interface Facts {
  readonly config?: Partial<FirewallConfig>;
  /** "bridge zone address/length". */
  readonly networks?: readonly string[];
  /** Interface, then addresses. */
  readonly wan?: readonly string[];
  /** Hardware address → addresses. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

const NO_ENTROPY = {
  password: () => "",
  bytes: (length: number) => new Uint8Array(length),
};

export function configOf(change: Partial<FirewallConfig> = {}): FirewallConfig {
  return { ...section.defaults(NO_ENTROPY), ...change };
}

export function wantedOf(facts: Facts): Wanted {
  return {
    config: configOf(facts.config),
    ...(facts.networks === undefined ? {} : { lan: lanOf(facts.networks) }),
    ...(facts.wan === undefined ? {} : { wan: wanOf(facts.wan) }),
    addresses: new Map(Object.entries(facts.addresses ?? {})),
  };
}

export function lanOf(networks: readonly string[]): LanFacts {
  return {
    networks: networks.map((line): HomeNetwork => {
      const [bridge = "", zone, text = ""] = line.split(" ");
      const address = parseCidr4(text);
      if (address === undefined) throw new Error(`no network: ${line}`);
      return { interface: bridge, zone: zone === "guest" ? "guest" : "lan", address };
    }),
  };
}

export function wanOf([name = "", ...addresses]: readonly string[]): WanFacts {
  return {
    interfaces: [name],
    addresses: addresses.flatMap((text) => {
      const address = parseIpv4(text);
      return address === undefined ? [] : [address];
    }),
  };
}
