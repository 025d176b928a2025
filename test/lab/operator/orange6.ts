/**
 * What Orange's concentrator thinks of a DHCPv6 message, byte by byte (operators.md 3.4), independent of the product's
 * codecs as `orange.ts` is. What is not built like the operator's box is not answered; what is built rightly but says
 * who it is in another way than its DHCPv4 does goes to the parking, in both families.
 */
import { hex, judgeAuthentication, type OrangeLine, type Verdict } from "./orange.ts";

export interface Dhcpv6Request {
  readonly type: number;
  readonly xid: string;
  /** Code → values, in the order of the wire: only an association may be there twice. */
  readonly options: ReadonlyMap<number, readonly Uint8Array[]>;
}

export interface PrefixAssociation {
  readonly iaid: string;
  /** As text, e.g. "2a01:cb08:1000::/56"; a hint is "::/56". */
  readonly prefixes: readonly string[];
}

export const TYPE6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  information: 11,
} as const;

/**
 * What the DHCPv4 of a line has to do with these octets of option 11: it said the same last; it said the same once,
 * and something else since; it has not said it yet, and may be on its way; it still has not where they come again.
 */
export type Standing = "nobody" | "current" | "stale" | "early" | "early_again";

/** What the concentrator knows of lines from their DHCPv4. */
export interface Known4 {
  /** Of option 11 in hexadecimal; "nobody": no DHCPv4 of this hardware address was ever heard. */
  readonly standing: (mac: string, authentication: string) => Standing;
}

/** Reads a message; a text instead of it is the reason why it can't be read. */
export function readRequest6(bytes: Uint8Array): Dhcpv6Request | string {
  if (bytes.length < 4) return `message_of_${bytes.length}_octets`;
  const options = readOptions(bytes.subarray(4));
  if (typeof options === "string") return options;
  return { type: bytes[0] ?? 0, xid: hex(bytes.subarray(1, 4)), options };
}

export function judge6(request: Dhcpv6Request, line: OrangeLine, known: Known4): Verdict {
  const silence = (reason: string): Verdict => ({ kind: "silence", reason });
  const twice = [...request.options].find(([, values]) => values.length > 1);
  if (twice !== undefined) return silence(`option_${twice[0]}_twice`);
  const mac = macOf(request);
  if (mac === undefined) return silence(clientFault(only(request, 1)));
  const unwanted = UNWANTED.find((code) => request.options.has(code));
  if (unwanted !== undefined) return silence(`option_${unwanted}_sent`);
  const wrong = exact(line).find(([code, value]) => textOf(request, code) !== value);
  if (wrong !== undefined) {
    const sent = textOf(request, wrong[0]);
    return silence(`option_${wrong[0]}_${sent === undefined ? "missing" : `is_${sent}`}`);
  }
  if (readAssociation(request) === undefined) return silence("option_25_unusable");
  const authentication = only(request, 11);
  if (authentication === undefined) return silence("option_11_missing");
  const verdict = judgeAuthentication(authentication, line);
  if (verdict.kind === "silence") return silence(verdict.reason.replace("option_90", "option_11"));
  switch (known.standing(mac, hex(authentication))) {
    case "nobody":
      return silence("no_dhcpv4_of_this_mac");
    case "early":
      return silence(EARLY);
    case "current":
      return verdict;
    default:
      return { kind: "parked", reason: "option_11_is_not_option_90" };
  }
}

/** The two families are sent at once, and come in either order. */
export const EARLY = "option_11_before_option_90";

/** The hardware address in the DUID; undefined where there is none to be trusted. */
export function macOf(request: Dhcpv6Request): string | undefined {
  const duid = hex(only(request, 1) ?? new Uint8Array(0));
  const mac = /^00030001([0-9a-f]{12})$/.exec(duid)?.[1];
  return mac?.match(/../g)?.join(":");
}

/** The one association for a prefix, if it is built rightly. */
export function readAssociation(request: Dhcpv6Request): PrefixAssociation | undefined {
  const value = only(request, 25);
  if (value === undefined || value.length < 12) return undefined;
  const options = readOptions(value.subarray(12));
  if (typeof options === "string") return undefined;
  const prefixes = (options.get(26) ?? []).map(readPrefix);
  if (prefixes.includes("")) return undefined;
  return { iaid: hex(value.subarray(0, 4)), prefixes };
}

/** The value of an option that is there once. */
export function only({ options }: Dhcpv6Request, code: number): Uint8Array | undefined {
  const values = options.get(code);
  return values?.length === 1 ? values[0] : undefined;
}

/** Eight groups without a shortening: compared as text, never parsed by others. */
export function prefixText(bytes: Uint8Array, length: number): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return `${groups.join(":")}/${length}`;
}

function readPrefix(value: Uint8Array): string {
  return value.length < 25 ? "" : prefixText(value.subarray(9, 25), value[8] ?? 0);
}

function readOptions(bytes: Uint8Array): Map<number, Uint8Array[]> | string {
  const options = new Map<number, Uint8Array[]>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return "option_header_overruns";
    const code = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 4 + length;
    if (end > bytes.length) return `option_${code}_overruns`;
    options.set(code, [...(options.get(code) ?? []), bytes.slice(at + 4, end)]);
    at = end;
  }
  return options;
}

function exact(line: OrangeLine): readonly (readonly [number, string])[] {
  const { userClass } = line;
  return [
    [6, "000b001100170018"],
    // RFC 9915 section 21.15: here the length has two octets.
    [15, userClass.length.toString(16).padStart(4, "0") + ascii(userClass)],
    // 1038 is Sagem; 1368 is Orange.
    [16, `0000040e0005${ascii(line.vendorClass)}`],
    [17, `000005580006000e${ascii("IPV6_REQUESTED")}`],
  ];
}

function clientFault(duid: Uint8Array | undefined): string {
  if (duid === undefined) return "option_1_missing";
  return hex(duid.subarray(0, 2)) === "0001" ? "duid_llt" : `duid_is_${hex(duid)}`;
}

function textOf(request: Dhcpv6Request, code: number): string | undefined {
  const value = only(request, code);
  return value === undefined ? undefined : hex(value);
}

function ascii(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

/** Addresses, a name, and the will to be reconfigured: the box asks for none of them. */
const UNWANTED = [3, 4, 20, 39];
