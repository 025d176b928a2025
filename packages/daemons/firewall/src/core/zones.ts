import type { HomeModel } from "./model.ts";
import { anyOf, quoted } from "./ruleset.ts";

/** Interface names as nft match values, per zone; undefined where the zone has none. */
export interface ZoneNames {
  readonly wan: string | undefined;
  readonly lan: string | undefined;
  readonly guest: string | undefined;
  /** LAN and guest together. */
  readonly home: string | undefined;
  readonly wanAndLan: string | undefined;
}

export function zoneNames(model: HomeModel): ZoneNames {
  const lan = interfacesOf(model, "lan");
  const guest = interfacesOf(model, "guest");
  const wan = model.wanInterfaces;
  return {
    wan: match(wan),
    lan: match(lan),
    guest: match(guest),
    home: match([...lan, ...guest]),
    wanAndLan: match([...wan, ...lan]),
  };
}

/** Each once, however many networks are on it. */
export function interfacesOf(model: HomeModel, zone: "lan" | "guest"): string[] {
  return [...new Set(model.networks.filter((n) => n.zone === zone).map((n) => n.interface))];
}

/** A verdict map from interface to the chain of its zone. */
export function zoneMap(
  model: HomeModel,
  chains: Readonly<Record<"wan" | "lan" | "guest", string>>,
): string[] {
  const pairs = [
    ...model.wanInterfaces.map((name) => `"${name}" : goto ${chains.wan}`),
    ...interfacesOf(model, "lan").map((name) => `"${name}" : goto ${chains.lan}`),
    ...interfacesOf(model, "guest").map((name) => `"${name}" : goto ${chains.guest}`),
  ];
  return pairs.length === 0 ? [] : [`iifname vmap { ${pairs.join(", ")} }`];
}

function match(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : anyOf(quoted(names));
}
