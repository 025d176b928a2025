import type { Host } from "@passerelle/api";
import { plainName } from "./plain-name.ts";

export const DAY_MS = 86_400_000;

/** Marked for a day, unless a person has named it: then they know it. */
export function isNew(host: Host, now: number): boolean {
  return host.nameSource !== "person" && now - host.firstSeen < DAY_MS;
}

export type HostState = "blocked" | "online" | "offline";

export function stateOf(host: Host): HostState {
  if (host.blocked) return "blocked";
  return host.online ? "online" : "offline";
}

export type HostFilter = "all" | "online" | "new" | "blocked";

export function countsOf(
  hosts: readonly Host[],
  now: number,
): Readonly<Record<HostFilter, number>> {
  return {
    all: hosts.length,
    online: hosts.filter((host) => host.online).length,
    new: hosts.filter((host) => isNew(host, now)).length,
    blocked: hosts.filter((host) => host.blocked).length,
  };
}

/** Those a filter and a search leave; the search looks at names, addresses and makers. */
export function findHosts(
  hosts: readonly Host[],
  filter: HostFilter,
  search: string,
  now: number,
): readonly Host[] {
  const wanted = fold(search);
  return hosts.filter((host) => {
    if (filter === "online" && !host.online) return false;
    if (filter === "new" && !isNew(host, now)) return false;
    if (filter === "blocked" && !host.blocked) return false;
    if (wanted === "") return true;
    const words = [
      host.name,
      host.hostname ?? "",
      host.vendor ?? "",
      ...host.addresses,
      ...host.macs,
    ];
    return words.some((word) => fold(word).includes(wanted));
  });
}

/** Without case and accents: "tele" finds "Télé". */
function fold(text: string): string {
  return plainName(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/^\?$/, "");
}

/** A number to sort addresses by; those without one come last. */
export function addressRank(host: Host): number {
  const parts = (host.addresses.find((one) => /^[\d.]+$/.test(one)) ?? "").split(".").map(Number);
  if (parts.length !== 4) return Number.MAX_SAFE_INTEGER;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
