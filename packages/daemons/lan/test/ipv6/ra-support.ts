import { seedRng } from "@passerelle/machine";
import {
  dnsSearchListsOf,
  mtuBytesOf,
  PREFIX_FLAG,
  prefixesOf,
  RA_FLAG,
  type RouterAdvertisement,
  recursiveDnsServersOf,
  routesOf,
} from "@passerelle/ndp";
import { ALL_NODES, formatCidr6 } from "@passerelle/net";
import { type Instant, seconds } from "@passerelle/time";
import { type HomePrefix, planPrefixes } from "../../src/core/ipv6/plan.ts";
import type { Announced, Home, RaConfig, RaEffect, RaState } from "../../src/core/ipv6/ra/index.ts";
import { homePrefix, mac } from "./support.ts";

export const RNG = seedRng([1, 2, 3, 4]);

export function raConfig(parts: Partial<RaConfig> = {}): RaConfig {
  return {
    network: "lan",
    addressing: "slaac",
    maxInterval: seconds(600),
    mtuBytes: undefined,
    resolvers: [],
    searchDomains: ["home.arpa"],
    ...parts,
  };
}

/** The network "lan" as the plan makes it of some prefixes. */
export function homeOf(prefixes: readonly HomePrefix[], now: Instant, reachable = true): Home {
  const { subnets, pools } = planPrefixes(["lan"], { lan: 0 }, prefixes, now);
  return {
    mac: mac("02:00:00:00:00:01"),
    subnets: subnets.lan ?? [],
    routes: pools.map(({ prefix, preferredUntil, validUntil }) => ({
      prefix,
      ...(preferredUntil === undefined ? {} : { preferredUntil }),
      ...(validUntil === undefined ? {} : { validUntil }),
    })),
    reachable,
  };
}

export function homeOfTexts(texts: readonly string[], now: Instant, reachable = true): Home {
  return homeOf(
    texts.map((text) => homePrefix(text, now)),
    now,
    reachable,
  );
}

export function describeEffect(effect: RaEffect): string {
  switch (effect.kind) {
    case "send":
      return `send to ${effect.to === ALL_NODES ? "all" : effect.to}: ${describeMessage(effect.message)}`;
    case "store": {
      const { told, former } = effect.record;
      const before = former.map(({ what, until }) => `${described(what)} until ${until}ms`);
      return `store [${told.map(described).join(" ")}] former [${before.join(", ")}]`;
    }
    case "stopped":
      return "stopped";
  }
}

export function describeMessage(message: RouterAdvertisement): string {
  const parts = [`router ${message.routerLifetime}`];
  if ((message.flags & RA_FLAG.M) !== 0) parts.push("M");
  if ((message.flags & RA_FLAG.O) !== 0) parts.push("O");
  const mtu = mtuBytesOf(message);
  if (mtu !== undefined) parts.push(`mtu ${mtu}`);
  for (const { prefix, flags, preferredLifetime, validLifetime } of prefixesOf(message)) {
    const letters = `${flags & PREFIX_FLAG.L ? "L" : ""}${flags & PREFIX_FLAG.A ? "A" : ""}`;
    parts.push(`prefix ${formatCidr6(prefix)} ${letters} ${preferredLifetime}/${validLifetime}`);
  }
  for (const { prefix, routeLifetime } of routesOf(message)) {
    parts.push(`route ${formatCidr6(prefix)} ${routeLifetime}`);
  }
  for (const { addresses, lifetime } of recursiveDnsServersOf(message)) {
    parts.push(`dns ${addresses.join(" ")} ${lifetime}`);
  }
  for (const { names, lifetime } of dnsSearchListsOf(message)) {
    parts.push(`search ${names.join(" ")} ${lifetime}`);
  }
  return parts.join(", ");
}

export function describeState(state: RaState): string {
  if (state.kind !== "announcing") return state.kind;
  const { told, former } = state;
  const before = former.length === 0 ? "" : ` former ${former.length}`;
  return `announcing ${told.length}${before}`;
}

function described(what: Announced): string {
  if (what.kind === "resolver") return `dns ${what.address}`;
  const flags =
    what.kind === "prefix" ? `${what.onLink ? "L" : ""}${what.autonomous ? "A" : ""}` : "";
  return `${what.kind} ${formatCidr6(what.prefix)}${flags === "" ? "" : ` ${flags}`}`;
}
