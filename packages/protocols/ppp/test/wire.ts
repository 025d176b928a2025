import { asciiBytes, fromHex, latin1Text, toHex } from "@passerelle/bytes";
import { formatIpv4, ipv4Bytes, ipv4FromBytes, parseIpv4 } from "@passerelle/net";
import {
  CODE,
  type ControlPacket,
  decodeControlPacket,
  decodeOptions,
  decodePppoe,
  PPP_PROTOCOL,
  type PppOption,
  TAG,
} from "../src/index.ts";

/** The words of the stories for what goes over the wire, to and fro. */
export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [PPP_PROTOCOL.LCP]: "lcp",
  [PPP_PROTOCOL.PAP]: "pap",
  [PPP_PROTOCOL.CHAP]: "chap",
  [PPP_PROTOCOL.IPCP]: "ipcp",
  [PPP_PROTOCOL.IPV6CP]: "ipv6cp",
};

export function protocolNamed(name: string): number {
  const found = Object.entries(PROTOCOL_NAMES).find(([, known]) => known === name);
  return found === undefined ? Number.parseInt(name, 16) : Number(found[0]);
}

interface OptionWord {
  readonly name: string;
  readonly protocol: string;
  readonly type: number;
  readonly read: (text: string) => Uint8Array;
  readonly say: (data: Uint8Array) => string;
}

const AUTHENTICATION: Readonly<Record<string, string>> = {
  pap: "c023",
  chap: "c22305",
  mschap2: "c22381",
  eap: "c227",
};

const plain = { read: hex, say: toHex };
const address = {
  read: (text: string): Uint8Array => {
    const ip = parseIpv4(text);
    if (ip === undefined) throw new Error(`no address: ${text}`);
    return ipv4Bytes(ip);
  },
  say: (data: Uint8Array): string => {
    const ip = data.length === 4 ? ipv4FromBytes(data) : undefined;
    return ip === undefined ? toHex(data) : formatIpv4(ip);
  },
};

const OPTIONS: readonly OptionWord[] = [
  {
    name: "mru",
    protocol: "lcp",
    type: 1,
    read: (text) => hex(Number(text).toString(16).padStart(4, "0")),
    say: (data) => String(Number.parseInt(toHex(data), 16)),
  },
  { name: "accm", protocol: "lcp", type: 2, ...plain },
  {
    name: "auth",
    protocol: "lcp",
    type: 3,
    read: (text) => hex(AUTHENTICATION[text] ?? text),
    say: (data) =>
      Object.keys(AUTHENTICATION).find((name) => AUTHENTICATION[name] === toHex(data)) ??
      toHex(data),
  },
  { name: "quality", protocol: "lcp", type: 4, ...plain },
  { name: "magic", protocol: "lcp", type: 5, ...plain },
  { name: "pfc", protocol: "lcp", type: 7, ...plain },
  { name: "acfc", protocol: "lcp", type: 8, ...plain },
  { name: "vj", protocol: "ipcp", type: 2, ...plain },
  { name: "address", protocol: "ipcp", type: 3, ...address },
  { name: "dns1", protocol: "ipcp", type: 129, ...address },
  { name: "dns2", protocol: "ipcp", type: 131, ...address },
  { name: "iid", protocol: "ipv6cp", type: 1, ...plain },
  { name: "compression", protocol: "ipv6cp", type: 2, ...plain },
];

/** `mru=1492`; an option without a word is its number. */
export function optionOf(protocol: string, word: string): PppOption {
  const [name = "", value = ""] = word.split("=");
  const known = OPTIONS.find((one) => one.protocol === protocol && one.name === name);
  if (known === undefined) return { type: Number(name), data: hex(value) };
  return { type: known.type, data: known.read(value) };
}

function sayOption(protocol: string, { type, data }: PppOption): string {
  const known = OPTIONS.find((one) => one.protocol === protocol && one.type === type);
  return known === undefined ? `${type}=${toHex(data)}` : `${known.name}=${known.say(data)}`;
}

const CODE_WORDS = new Map<number, string>(
  Object.entries(CODE).map(([name, code]) => [code, name.toLowerCase().replace("configure_", "")]),
);
const PAP_WORDS: Readonly<Record<number, string>> = { 1: "request", 2: "ack", 3: "nak" };
const CHAP_WORDS: Readonly<Record<number, string>> = {
  1: "challenge",
  2: "response",
  3: "success",
  4: "failure",
};

export function sayPacket(protocol: number, payload: Uint8Array): string {
  const name = PROTOCOL_NAMES[protocol] ?? protocol.toString(16);
  const decoded = decodeControlPacket(payload);
  if (!decoded.ok) return `${name} ${toHex(payload)}`;
  const packet = decoded.value;
  if (name === "pap") return `pap ${PAP_WORDS[packet.code]} #${packet.identifier}`;
  if (name === "chap") {
    return `chap ${CHAP_WORDS[packet.code]} #${packet.identifier} ${toHex(packet.data.subarray(1, 17))} ${latin1Text(packet.data.subarray(17))}`;
  }
  return `${name} ${sayControl(name, packet)}`;
}

function sayControl(name: string, packet: ControlPacket): string {
  const code = CODE_WORDS.get(packet.code) ?? String(packet.code);
  const head = `${code} #${packet.identifier}`;
  if (packet.code <= CODE.CONFIGURE_REJECT) {
    const options = decodeOptions(packet.data);
    if (!options.ok) return `${head} ${options.error.code}`;
    return [head, ...options.value.map((option) => sayOption(name, option))].join(" ");
  }
  if (packet.data.length === 0) return head;
  const long = packet.data.length > 40;
  return long ? `${head} ${packet.data.length} octets` : `${head} ${toHex(packet.data)}`;
}

const PPPOE_WORDS: Readonly<Record<number, string>> = {
  7: "PADO",
  9: "PADI",
  25: "PADR",
  101: "PADS",
  167: "PADT",
};
const TAG_WORDS = new Map<number, string>(
  Object.entries(TAG).map(([name, type]) => [type, name.toLowerCase()]),
);

export function sayDiscovery(payload: Uint8Array): string {
  const decoded = decodePppoe(payload);
  if (!decoded.ok) return decoded.error.code;
  const { code, sessionId, tags } = decoded.value;
  const words = tags.map(({ type, value }) => {
    const word = TAG_WORDS.get(type) ?? type.toString(16);
    // Its octets are drawn by lot; that they are there is what is told.
    if (type === TAG.HOST_UNIQ) return word;
    const text = latin1Text(value);
    return `${word}=${/^[\x20-\x7e]*$/.test(text) ? text : toHex(value)}`;
  });
  return [
    PPPOE_WORDS[code] ?? String(code),
    ...(sessionId === 0 ? [] : [sessionId]),
    ...words,
  ].join(" ");
}

/** `text=too_many_sessions`: a story's words have no spaces. */
export function textBytes(word: string): Uint8Array {
  return asciiBytes(word.replaceAll("_", " "));
}
