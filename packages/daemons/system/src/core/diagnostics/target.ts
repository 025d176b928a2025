import { type NameText, parseName, reverseName4, reverseName6 } from "@passerelle/dns";
import { formatIpv4, type Ipv4, type Ipv6, parseIpv4, parseIpv6 } from "@passerelle/net";

/** What a person typed, read: from here on it is a value and never a text that something could take for an order. */
export type Target =
  | { readonly kind: "address"; readonly address: Ipv4 | Ipv6 }
  /** A name that goes into a DNS message; well formed. */
  | { readonly kind: "name"; readonly name: NameText };

const TEXT = /^[a-zA-Z0-9_.:-]{1,253}$/;

/**
 * Undefined for what is neither a name nor an address. The contract refuses the same: whoever comes past it
 * (a later caller, a mistake in a pattern) is refused here.
 */
export function readTarget(text: string): Target | undefined {
  if (text.startsWith("-") || !TEXT.test(text)) return undefined;
  const address = readAddress(text);
  if (address !== undefined) return { kind: "address", address };
  if (text.includes(":")) return undefined;
  const wire = parseName(text);
  // The root is a name of DNS but no machine; looked up by nobody who means it.
  if (wire === undefined || wire.length <= 1) return undefined;
  return { kind: "name", name: text.endsWith(".") ? text.slice(0, -1) : text };
}

export function readAddress(text: string): Ipv4 | Ipv6 | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** False for groups, broadcasts and "any": one machine is asked, never a whole network. */
export function isOneMachine(address: Ipv4 | Ipv6): boolean {
  if (typeof address === "number") return address >>> 28 < 0xe && address >>> 24 !== 0;
  // Link-local addresses need an interface, which no target names.
  return !address.startsWith("ff") && !/^fe[89ab]/.test(address) && address !== "::";
}

/** A name of the home may be written without its domain. */
export function qualify(name: NameText, homeDomain: string | undefined): NameText {
  return name.includes(".") || homeDomain === undefined || homeDomain === ""
    ? name
    : `${name}.${homeDomain}`;
}

export function reverseName(address: Ipv4 | Ipv6): NameText {
  return typeof address === "number" ? reverseName4(address) : reverseName6(address);
}

export function addressText(address: Ipv4 | Ipv6): string {
  return typeof address === "number" ? formatIpv4(address) : address;
}
