import { toHex } from "@passerelle/bytes";
import {
  addressesOption,
  clientIdOption,
  type Dhcpv6Message,
  type Dhcpv6Option,
  decodeDhcpv6,
  elapsedTimeOf,
  emptyOption,
  encodeDhcpv6,
  hasOption,
  iaNaOption,
  iaNasOf,
  iaPdOption,
  iaPdsOf,
  MESSAGE_TYPE,
  type MessageType,
  namesOption,
  OPTION,
  optionOf,
  STATUS,
  serverIdOf,
  serverIdOption,
  statusCodeOption,
  uint8Option,
  uint32Option,
} from "@passerelle/dhcpv6";
import { formatCidr6 } from "@passerelle/net";
import type { Dhcpv6Effect } from "../../src/core/dhcpv6/input.ts";
import { IAID, type Lease6 } from "../../src/core/dhcpv6/lease.ts";
import type { Dhcpv6State } from "../../src/core/dhcpv6/state.ts";
import { cidr6, DUID, ip6, NEIGHBOUR, parseSeconds, SERVERS } from "./fixtures.ts";

/**
 * A server's message from words of a story:
 * `na=ADDRESS@PREFERRED-VALID`, `pd=PREFIX@PREFERRED-VALID`, each as often as it has leases, or a status instead
 * (`na=NoAddrsAvail`, `pd=NoBinding`), `t1=`, `t2=`, `iaid=`, `server=a|b|none`, `client=other|none`, `xid=`, `pref=`,
 * `status=`, `rapid`, `solmaxrt=`, `infmaxrt=`, `refresh=`, `dns=`, `domain=`, `aftr=`.
 */
export function serverMessage(
  msgType: MessageType,
  transactionId: number,
  words: readonly string[],
): Uint8Array {
  const said = (key: string): readonly string[] =>
    words.flatMap((word) => {
      const [name, value = ""] = word.split("=");
      return name === key ? [value] : [];
    });
  const [xid] = said("xid");
  const known = new Set(["na", "pd", "t1", "t2", "iaid", "xid", ...Object.keys(PLAIN)]);
  const strange = words.find((word) => !known.has(word.split("=")[0] ?? ""));
  if (strange !== undefined) throw new Error(`scenario: unknown word ${strange}`);
  const times = {
    iaid: Number(said("iaid")[0] ?? IAID),
    t1: parseSeconds(said("t1")[0] ?? "900"),
    t2: parseSeconds(said("t2")[0] ?? "1440"),
  };
  const plain = Object.entries(PLAIN).flatMap(([key, option]) => option(said(key)[0]));
  return encodeDhcpv6({
    msgType,
    transactionId: xid === undefined ? transactionId : Number.parseInt(xid, 16),
    options: [...plain, ...addressesOf(said("na"), times), ...prefixesOf(said("pd"), times)],
  });
}

/** An option that one word makes; what is not said has its usual value, or none. */
const PLAIN: Readonly<Record<string, (word: string | undefined) => readonly Dhcpv6Option[]>> = {
  client: (word = "us") =>
    word === "none" ? [] : [clientIdOption(word === "other" ? NEIGHBOUR : DUID)],
  server: (word = "a") =>
    word === "none" ? [] : [serverIdOption(word === "b" ? SERVERS.b : SERVERS.a)],
  pref: (word) => (word === undefined ? [] : [uint8Option(OPTION.PREFERENCE, Number(word))]),
  rapid: (word) => (word === undefined ? [] : [emptyOption(OPTION.RAPID_COMMIT)]),
  status: (word) => (word === undefined ? [] : [statusCodeOption(statusNamed(word))]),
  solmaxrt: (word) => secondsOption(OPTION.SOL_MAX_RT, word),
  infmaxrt: (word) => secondsOption(OPTION.INF_MAX_RT, word),
  refresh: (word) => secondsOption(OPTION.INFORMATION_REFRESH_TIME, word),
  dns: (word) =>
    word === undefined ? [] : [addressesOption(OPTION.DNS_SERVERS, word.split(",").map(ip6))],
  domain: (word) => (word === undefined ? [] : [namesOption(OPTION.DOMAIN_LIST, word.split(","))]),
  aftr: (word) => (word === undefined ? [] : [namesOption(OPTION.AFTR_NAME, [word])]),
};

function secondsOption(code: number, word: string | undefined): readonly Dhcpv6Option[] {
  return word === undefined ? [] : [uint32Option(code, parseSeconds(word))];
}

interface Times {
  readonly iaid: number;
  readonly t1: number;
  readonly t2: number;
}

function addressesOf(words: readonly string[], times: Times): readonly Dhcpv6Option[] {
  if (words.length === 0) return [];
  const addresses = words.flatMap((word) => {
    if (isStatus(word)) return [];
    const { what, ...lifetimes } = leaseOf(word);
    return [{ address: ip6(what), ...lifetimes }];
  });
  return [iaNaOption({ ...times, addresses, options: words.filter(isStatus).map(statusOption) })];
}

function prefixesOf(words: readonly string[], times: Times): readonly Dhcpv6Option[] {
  if (words.length === 0) return [];
  const prefixes = words.flatMap((word) => {
    if (isStatus(word)) return [];
    const { what, ...lifetimes } = leaseOf(word);
    return [{ prefix: cidr6(what), ...lifetimes }];
  });
  return [iaPdOption({ ...times, prefixes, options: words.filter(isStatus).map(statusOption) })];
}

function leaseOf(word: string): {
  readonly what: string;
  readonly preferredLifetime: number;
  readonly validLifetime: number;
} {
  const [what = "", lifetimes = "1800-3600"] = word.split("@");
  const [preferred = "", valid = preferred] = lifetimes.split("-");
  return {
    what,
    preferredLifetime: parseSeconds(preferred),
    validLifetime: parseSeconds(valid),
  };
}

function isStatus(word: string): boolean {
  return word in STATUS;
}

function statusOption(word: string): Dhcpv6Option {
  return statusCodeOption(statusNamed(word));
}

function statusNamed(word: string): number {
  const [, code] = Object.entries(STATUS).find(([name]) => name === word) ?? [];
  if (code === undefined) throw new Error(`no status: ${word}`);
  return code;
}

export function decoded6(bytes: Uint8Array): Dhcpv6Message {
  const message = decodeDhcpv6(bytes);
  if (!message.ok) throw new Error(message.error.code);
  return message.value;
}

export function describeEffect6(effect: Dhcpv6Effect): string {
  switch (effect.kind) {
    case "send_dhcpv6":
      return `send ${describeMessage6(effect.payload)}`;
    case "store_lease6":
      return `store ${describeLease6(effect.lease)}`;
    case "forget_lease6":
      return "forget";
  }
}

/** Every option that matters, so that a golden shows what a server sees. */
function describeMessage6(bytes: Uint8Array): string {
  const message = decoded6(bytes);
  const words = [TYPE_NAMES.get(message.msgType) ?? "?"];
  const client = optionOf(message, OPTION.CLIENTID);
  if (client === undefined || toHex(client) !== toHex(DUID)) words.push("as A STRANGER");
  const server = serverIdOf(message);
  if (server !== undefined) words.push(`to ${serverName(server)}`);
  if (hasOption(message, OPTION.RAPID_COMMIT)) words.push("rapid");
  for (const { iaid, addresses } of iaNasOf(message)) {
    words.push(`na${iaid}[${addresses.map(({ address }) => address).join(" ")}]`);
  }
  for (const { iaid, prefixes } of iaPdsOf(message)) {
    words.push(`pd${iaid}[${prefixes.map(({ prefix }) => formatCidr6(prefix)).join(" ")}]`);
  }
  words.push(`xid ${message.transactionId.toString(16)} elapsed ${elapsedTimeOf(message)}ms`);
  return words.join(" ");
}

function describeLease6({ server, addresses, prefixes, renewsAt, rebindsAt }: Lease6): string {
  const ends = (validUntil: number | undefined): string =>
    validUntil === undefined ? "for ever" : `until ${validUntil}ms`;
  return [
    `of ${serverName(server)}:`,
    ...addresses.map((one) => `${one.address} ${ends(one.validUntil)},`),
    ...prefixes.map((one) => `${formatCidr6(one.prefix)} ${ends(one.validUntil)},`),
    renewsAt === undefined ? "never renewed" : `T1 ${renewsAt}ms T2 ${rebindsAt}ms`,
  ].join(" ");
}

/** The phase, what is held, what people are told, and what was passed over. */
export function describeState6({ phase, held, trouble, counters }: Dhcpv6State): string {
  const { malformed, notForUs, empty } = counters;
  return [
    phase.kind,
    (held?.addresses.length ?? 0) > 0 ? "+na" : "",
    (held?.prefixes.length ?? 0) > 0 ? "+pd" : "",
    trouble === undefined ? "" : ` ${trouble}`,
    malformed === 0 ? "" : ` malformed:${malformed}`,
    notForUs === 0 ? "" : ` notForUs:${notForUs}`,
    empty === 0 ? "" : ` empty:${empty}`,
  ].join("");
}

function serverName(duid: Uint8Array): string {
  const [name] = Object.entries(SERVERS).find(([, known]) => toHex(known) === toHex(duid)) ?? [];
  return name ?? toHex(duid);
}

const TYPE_NAMES = new Map<number, string>(
  Object.entries(MESSAGE_TYPE).map(([name, value]) => [value, name]),
);
