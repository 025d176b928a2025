/**
 * What Orange's concentrator thinks of a DHCPv4 message, byte by byte. Written from the facts about real lines and
 * independent of the product's codecs, because it judges them. Two published vectors prove the reading of option 90.
 *
 * Three verdicts: what is not built like the operator's box is not answered at all; what is built rightly but has
 * wrong identifiers goes to the parking (172.19.0.0/16); the rest is served.
 */
import { createHash } from "node:crypto";

export interface OrangeLine {
  readonly login: string;
  readonly password: string;
  /** Option 60. */
  readonly vendorClass: string;
  /** Option 77 without its length octet. */
  readonly userClass: string;
}

export const ORANGE_LINE: OrangeLine = {
  login: "fti/labtest",
  password: "azerty1",
  vendorClass: "sagem",
  userClass: "FSVDSL_livebox.Internet.softathome.Livebox6",
};

/** Where a line is on its cable, and the priority bits of what runs it (operators.md 3.1). */
export const ORANGE_VLAN = 832;
export const ORANGE_PCP = 6;

export type Verdict =
  | { readonly kind: "silence"; readonly reason: string }
  | { readonly kind: "parked"; readonly reason: string }
  | { readonly kind: "granted" };

export interface DhcpRequest {
  readonly type: number;
  readonly xid: string;
  readonly flags: number;
  readonly ciaddr: string;
  readonly giaddr: string;
  readonly mac: string;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export const TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

const FIXED_LENGTH = 240;
const COOKIE = "63825363";

/** Reads a message; a text instead of it is the reason why it can't be read. */
export function readRequest(bytes: Uint8Array): DhcpRequest | string {
  if (bytes.length < FIXED_LENGTH) return `message_of_${bytes.length}_octets`;
  if (bytes[0] !== 1) return `op_is_${bytes[0]}`;
  if (bytes[1] !== 1 || bytes[2] !== 6) return `hardware_is_${bytes[1]}_${bytes[2]}`;
  if (hex(bytes.subarray(236, 240)) !== COOKIE) return "no_magic_cookie";
  const options = new Map<number, Uint8Array>();
  let at = FIXED_LENGTH;
  for (;;) {
    const code = bytes[at];
    if (code === undefined) return "no_end_option";
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) return `option_${code}_overruns`;
    if (options.has(code)) return `option_${code}_twice`;
    options.set(code, bytes.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const type = options.get(53);
  if (type?.length !== 1 || type[0] === undefined) return "no_message_type";
  return {
    type: type[0],
    xid: hex(bytes.subarray(4, 8)),
    flags: ((bytes[10] ?? 0) << 8) | (bytes[11] ?? 0),
    ciaddr: ip(bytes.subarray(12, 16)),
    giaddr: ip(bytes.subarray(24, 28)),
    mac: macText(bytes.subarray(28, 34)),
    options,
  };
}

export function judge(request: DhcpRequest, line: OrangeLine): Verdict {
  const silence = (reason: string): Verdict => ({ kind: "silence", reason });
  if (request.giaddr !== "0.0.0.0") return silence("giaddr_is_set");
  // A client that has an address is answered there; one that has none must ask for a broadcast.
  if (request.ciaddr === "0.0.0.0" && request.flags !== 0x8000) {
    return silence(`flags_are_${request.flags.toString(16).padStart(4, "0")}`);
  }
  const exact =
    differs(request, 60, ascii(line.vendorClass)) ??
    differs(request, 61, `01${request.mac.replaceAll(":", "")}`) ??
    // RFC 3004 section 4: each user class starts with its length, 0x2b for the 43 letters of the box.
    differs(request, 77, byte(line.userClass.length) + ascii(line.userClass)) ??
    wrongParameterList(request);
  if (exact !== undefined) return silence(exact);
  const auth = request.options.get(90);
  if (auth === undefined) return silence("option_90_missing");
  return judgeAuthentication(auth, line);
}

/** Option 90: an RFC 3118 header of zeroes, then RADIUS attributes with a CHAP answer (RFC 1994, RFC 2865). */
export function judgeAuthentication(auth: Uint8Array, line: OrangeLine): Verdict {
  const silence = (reason: string): Verdict => ({ kind: "silence", reason: `option_90_${reason}` });
  if (hex(auth.subarray(0, 11)) !== "00".repeat(11)) return silence("header");
  if (hex(auth.subarray(11, 20)) !== "1a0900000558010341") return silence("vendor_attribute");
  if (auth[20] !== 1) return silence("user_name_type");
  const nameLength = auth[21] ?? 0;
  // A login of the shape fti/… has at least one letter after the slash.
  if (nameLength < 3 || 20 + nameLength + 18 + 19 !== auth.length) return silence("length");
  const login = auth.subarray(22, 20 + nameLength);
  const challengeAt = 20 + nameLength;
  if (hex(auth.subarray(challengeAt, challengeAt + 2)) !== "3c12") return silence("challenge");
  const challenge = auth.subarray(challengeAt + 2, challengeAt + 18);
  const passwordAt = challengeAt + 18;
  if (hex(auth.subarray(passwordAt, passwordAt + 2)) !== "0313") return silence("chap_password");
  const identifier = auth.subarray(passwordAt + 2, passwordAt + 3);
  const digest = hex(auth.subarray(passwordAt + 3, passwordAt + 19));
  if (Buffer.from(login).toString("latin1") !== line.login) {
    return { kind: "parked", reason: "unknown_login" };
  }
  const expected = createHash("md5")
    .update(identifier)
    .update(line.password, "latin1")
    .update(challenge)
    .digest("hex");
  return digest === expected ? { kind: "granted" } : { kind: "parked", reason: "wrong_password" };
}

/** 120 (SIP servers) is asked for by some boxes only. */
const PARAMETER_LISTS = [
  [1, 3, 6, 15, 28, 51, 58, 59, 90, 119, 125],
  [1, 3, 6, 15, 28, 51, 58, 59, 90, 119, 120, 125],
].map((list) => hex(Uint8Array.from(list)));

function wrongParameterList(request: DhcpRequest): string | undefined {
  const sent = request.options.get(55);
  if (sent === undefined) return "option_55_missing";
  return PARAMETER_LISTS.includes(hex(sent)) ? undefined : `option_55_is_${hex(sent)}`;
}

function differs(request: DhcpRequest, code: number, expected: string): string | undefined {
  const sent = request.options.get(code);
  if (sent === undefined) return `option_${code}_missing`;
  return hex(sent) === expected ? undefined : `option_${code}_is_${hex(sent)}`;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function ip(bytes: Uint8Array): string {
  return bytes.join(".");
}

function macText(bytes: Uint8Array): string {
  return [...bytes].map(byte).join(":");
}

function ascii(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
