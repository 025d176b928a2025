import { parseIpv4 } from "@passerelle/net";

/**
 * S-17: a page of somebody else whose name was made to point at us (DNS rebinding) still says its own name in Host.
 * So the box answers only to its own names, and to the address that the connection came in by.
 */
export function isOwnHost(
  header: string | undefined,
  own: { readonly address: string; readonly names: ReadonlySet<string> },
): boolean {
  const host = header === undefined ? undefined : hostOf(header);
  return host !== undefined && (host === own.address || own.names.has(host));
}

/** The host of a Host header in small letters, without port and final dot; undefined where it is no host of ours. */
export function hostOf(header: string): string | undefined {
  const match = HOST.exec(header.toLowerCase());
  return match?.[1];
}

const HOST = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)\.?(?::\d{1,5})?$/;

/** Every name under which people may call the box. */
export function ownNames(options: {
  /** What people call it. */
  readonly device: string | undefined;
  /** Domain of the home as `lan` serves it. */
  readonly domain: string | undefined;
  /** Of the configuration. */
  readonly further: readonly string[];
}): readonly string[] {
  const label = options.device === undefined ? undefined : hostLabel(options.device);
  const labels = [...LABELS, ...(label === undefined ? [] : [label])];
  const domains = [HOME, ...(options.domain === undefined ? [] : [options.domain.toLowerCase()])];
  return [
    ...new Set([
      ...domains.flatMap((domain) => labels.map((one) => `${one}.${domain}`)),
      // The resolver of the home knows single labels too.
      ...LABELS,
      ...options.further,
    ]),
  ];
}

/** Those of the names for which the box's own authority may vouch: names below home.arpa. */
export function certifiedNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.endsWith(`.${HOME}`) && parseIpv4(name) === undefined);
}

/** What is left of a free text as a label of a name; undefined where nothing is. */
export function hostLabel(text: string): string | undefined {
  const label = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
  return label === "" ? undefined : label;
}

/** RFC 8375. */
const HOME = "home.arpa";
/** What `lan` answers for the box itself. */
const LABELS: readonly string[] = ["box", "passerelle"];
