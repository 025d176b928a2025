import { asciiBytes, concatBytes, fromHex, toHex } from "@passerelle/bytes";
import { ORANGE_LOGIN_MAX, orangeAuthentication } from "@passerelle/chap";
import { type Ipv6, type Mac, macBytes } from "@passerelle/net";
import type { AuthenticationMethod } from "@passerelle/ppp";
import { invariant } from "@passerelle/result";

/**
 * What an operator expects of the box on one offer, as data (profiles/*.json, schema in src/profile.ts).
 * Text of options may hold `{boxModel}`; hexadecimal may hold it, `{mac}` and `{auth}`. There are no scripts.
 */
export interface Profile {
  /** File name without its ending; what the configuration names. */
  readonly id: string;
  readonly title: string;
  /** Where the facts come from. */
  readonly sources: readonly { readonly about: string; readonly date: string }[];
  readonly link: {
    /** Absent: untagged. */
    readonly vlan?: { readonly id: number; readonly pcpControl: number; readonly pcpData: number };
    /** What the operator is known to check: "clone" asks for the MAC of the box that is replaced. */
    readonly mac: "own" | "clone";
  };
  /** One of both: how the line gets IPv4. */
  readonly dhcp?: DhcpProfile;
  readonly pppoe?: PppoeProfile;
  /** Absent: the operator has no IPv6. */
  readonly ipv6?: {
    /** An address of the line by DHCPv6, and a prefix for the home; "auto": where a router advertisement says so. */
    readonly address: "auto" | "always" | "never";
    readonly prefix: "auto" | "always" | "never";
    /** Length of the prefix to ask for. */
    readonly prefixLength: number;
    readonly rapidCommit: boolean;
    /** Option 6, in the order of the wire. */
    readonly optionRequest: readonly number[];
    /** Sent in every message, in this order, after the options of the protocol itself. */
    readonly options: readonly OptionTemplate[];
    /** Where the operator sends no router advertisements. */
    readonly router?: Ipv6;
  };
  readonly boxModel?: string;
  readonly authentication?: { readonly scheme: "orange-chap" };
  readonly health: {
    /** Addresses an operator gives to who failed its check ("192.0.2.0/24"). */
    readonly parkingPrefixes: readonly string[];
  };
}

export interface DhcpProfile {
  /** Option 55, in the order of the wire. */
  readonly parameterRequestList: readonly number[];
  /** Ask for broadcast answers (RFC 2131 section 4.1). */
  readonly broadcast: boolean;
  /** Sent in DISCOVER and every REQUEST, in this order, after the options of the protocol itself. */
  readonly options: readonly OptionTemplate[];
  /** Whether option 12 goes out where the configuration has a host name. */
  readonly hostname: boolean;
  /** Probe a new address by ARP before use (RFC 2131 section 4.4.1); off where the access does not carry ARP between homes. */
  readonly conflictProbe: boolean;
  readonly retransmit: Retransmit;
}

/** IPv4 by PPP over Ethernet (RFC 2516). */
export interface PppoeProfile {
  /** Octets of the largest packet that the line carries: above 1492 RFC 4638 is asked for. */
  readonly payloadMax: number;
  /** The service to ask for; absent: any. */
  readonly serviceName?: string;
  /** How we may be asked who we are, the best first; absent: CHAP, then PAP. */
  readonly methods?: readonly AuthenticationMethod[];
  /** What every line of the operator says; absent: the login and the password of its letter. */
  readonly credentials?: { readonly login: string; readonly password: string };
}

export interface OptionTemplate {
  readonly code: number;
  /** ASCII with `{boxModel}`. */
  readonly text?: string;
  /** Hexadecimal with `{mac}`, `{auth}` and `{boxModel}`. */
  readonly hex?: string;
  /** The value starts with an octet that counts the rest (RFC 3004 section 4). */
  readonly lengthByte?: boolean;
  /** The same in two octets (RFC 9915 section 21.15). */
  readonly lengthWord?: boolean;
}

/** RFC 2131 section 4.1 asks for 4 s doubling to 64 s; a gateway starts sooner, because a home waits behind it. */
export interface Retransmit {
  readonly firstMs: number;
  readonly capMs: number;
}

export interface OptionValue {
  readonly code: number;
  readonly value: Uint8Array;
}

export interface IdentityInputs {
  readonly mac: Mac;
  readonly boxModel: string;
  readonly login: string;
  readonly password: string;
  /** 16 octets, new at every INIT. */
  readonly challenge: Uint8Array;
}

/** The options that say who we are, filled in; a pure function of profile and inputs. */
export function identityOptions(profile: Profile, inputs: IdentityInputs): readonly OptionValue[] {
  return (profile.dhcp?.options ?? []).map((template) => {
    const value = fillTemplate(template, profile, inputs);
    invariant(value.length <= 255, "an option of a profile fits into one option");
    return { code: template.code, value };
  });
}

export function needsCredentials(profile: Profile): boolean {
  const { authentication, pppoe } = profile;
  return authentication !== undefined || (pppoe !== undefined && pppoe.credentials === undefined);
}

/** Longest login that fits into the profile's authentication option. */
export const LOGIN_MAX = ORANGE_LOGIN_MAX;

/** The value of an option. */
export function fillTemplate(
  template: OptionTemplate,
  profile: Profile,
  inputs: IdentityInputs,
): Uint8Array {
  const value =
    template.text === undefined
      ? fillHex(template.hex ?? "", profile, inputs)
      : asciiBytes(template.text.replaceAll("{boxModel}", inputs.boxModel));
  const { length } = value;
  if (template.lengthWord === true) {
    return concatBytes(Uint8Array.of(length >>> 8, length & 0xff), value);
  }
  return template.lengthByte === true ? concatBytes(Uint8Array.of(length), value) : value;
}

function fillHex(hex: string, profile: Profile, inputs: IdentityInputs): Uint8Array {
  const filled = hex
    .replaceAll("{mac}", toHex(macBytes(inputs.mac)))
    .replaceAll("{boxModel}", () => toHex(asciiBytes(inputs.boxModel)))
    .replaceAll("{auth}", () => toHex(authentication(profile, inputs)));
  const bytes = fromHex(filled);
  invariant(bytes !== undefined, "a profile's schema allows hexadecimal only");
  return bytes;
}

function authentication(profile: Profile, inputs: IdentityInputs): Uint8Array {
  invariant(profile.authentication?.scheme === "orange-chap", "{auth} needs a scheme");
  const challenge = challengeText(inputs.challenge);
  return orangeAuthentication({
    login: inputs.login,
    password: inputs.password,
    challenge,
    // Community clients use the first octet of the challenge; any octet does, as the digest holds it too.
    identifier: challenge[0] ?? 0,
  });
}

/** The box sends its challenge as 16 hexadecimal characters, so ours carries 64 bits of the entropy. */
function challengeText(entropy: Uint8Array): Uint8Array {
  return asciiBytes(toHex(entropy.subarray(0, 8)));
}
