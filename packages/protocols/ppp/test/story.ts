import { asciiBytes, concatBytes } from "@passerelle/bytes";
import type { ScenarioTeller } from "@passerelle/testkit";
import type { Instant } from "@passerelle/time";
import {
  CODE,
  encodeControlPacket,
  encodeOptions,
  encodePppoe,
  linkPhaseOf,
  type Negotiation,
  PPP_PROTOCOL,
  PPPOE_CODE,
  type PppEffect,
  type PppInput,
  type PppoeTag,
  type PppSettings,
  type PppStart,
  type PppState,
  pppMachine,
  TAG,
} from "../src/index.ts";
import { AC, describeEffect, describeState, mac, rng } from "./fixtures.ts";
import { hex, optionOf, protocolNamed, textBytes } from "./wire.ts";

export function teller(
  settings: PppSettings,
  start: PppStart = {},
): ScenarioTeller<PppState, PppInput, PppEffect> {
  return { machine: pppMachine(settings, rng(), start), parseInput, describeEffect, describeState };
}

/** The words of a story as inputs; what a good peer would copy from us is taken from the state. */
export function parseInput(words: readonly string[], _now: Instant, state: PppState): PppInput {
  const [verb = "", ...rest] = words;
  switch (verb) {
    case "link":
      return { kind: rest[0] === "up" ? "link_up" : "link_down" };
    case "stop":
    case "reconnect":
    case "heard":
    case "channel_ended":
    case "channel_failed":
      return { kind: verb };
    case "pado":
    case "pads":
    case "padt":
      return discovery(verb, rest, state);
    case "frame":
      return { kind: "discovery_frame", source: AC, payload: hex(rest[0] ?? "") };
    case "raw":
      return {
        kind: "packet",
        protocol: protocolNamed(rest[0] ?? ""),
        payload: hex(rest[1] ?? ""),
      };
    case "pap":
      return pap(rest, state);
    case "chap":
      return chap(rest, state);
    case "lcp":
    case "ipcp":
    case "ipv6cp":
      return control(verb, rest, state);
    default:
      throw new Error(`scenario: unknown word ${verb}`);
  }
}

function pairsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.map((word) => word.split("=") as [string, string]));
}

const ERRORS: Readonly<Record<string, number>> = {
  service_error: TAG.SERVICE_NAME_ERROR,
  system_error: TAG.AC_SYSTEM_ERROR,
  generic_error: TAG.GENERIC_ERROR,
};

/** `pado name=bras service=internet cookie=0a0b relay=0c from=… max=1500 uniq=other system_error=full` */
function discovery(verb: string, words: readonly string[], state: PppState): PppInput {
  const pairs = pairsOf(words);
  const tags: PppoeTag[] = [];
  const add = (type: number, value: Uint8Array | undefined): void => {
    if (value !== undefined) tags.push({ type, value });
  };
  const given = (name: string): Uint8Array | undefined => {
    const value = pairs.get(name);
    return value === undefined ? undefined : hex(value);
  };
  const uniq = pairs.get("uniq") === "other" ? hex("00") : uniqOf(state);
  if (verb !== "padt") {
    add(TAG.SERVICE_NAME, asciiBytes(pairs.get("service") ?? ""));
    add(TAG.HOST_UNIQ, uniq);
  }
  if (verb === "pado") add(TAG.AC_NAME, asciiBytes(pairs.get("name") ?? "bras"));
  add(TAG.AC_COOKIE, given("cookie"));
  add(TAG.RELAY_SESSION_ID, given("relay"));
  const max = pairs.get("max");
  if (max !== undefined) add(TAG.PPP_MAX_PAYLOAD, hex(Number(max).toString(16).padStart(4, "0")));
  for (const [name, type] of Object.entries(ERRORS)) {
    const text = pairs.get(name);
    if (text !== undefined) add(type, textBytes(text));
  }
  const code = { pado: PPPOE_CODE.PADO, pads: PPPOE_CODE.PADS, padt: PPPOE_CODE.PADT }[verb] ?? 0;
  const sessionId = Number(pairs.get("sid") ?? (verb === "pado" ? 0 : 17));
  const from = pairs.get("from");
  return {
    kind: "discovery_frame",
    source: from === undefined ? AC : mac(from),
    payload: encodePppoe({ code, sessionId, tags }),
  };
}

function uniqOf({ phase }: PppState): Uint8Array {
  if ("discovery" in phase && "hostUniq" in phase.discovery) return phase.discovery.hostUniq;
  return "link" in phase ? phase.link.session.hostUniq : hex("00");
}

function pap([word = "", text = ""]: readonly string[], state: PppState): PppInput {
  const message = textBytes(text);
  const data = concatBytes(Uint8Array.of(message.length), message);
  const own = linkPhaseOf(state)?.link.authentication?.identifier ?? 0;
  const identifier = word === "stale_ack" ? (own + 1) & 0xff : own;
  const payload = encodeControlPacket({ code: word === "nak" ? 3 : 2, identifier, data });
  return { kind: "packet", protocol: PPP_PROTOCOL.PAP, payload };
}

/** `chap challenge 7 0102…`, `chap success 7`, `chap failure 7 text` */
function chap(words: readonly string[], _state: PppState): PppInput {
  const [word = "", identifier = "", value = ""] = words;
  const code = { challenge: 1, success: 3, failure: 4 }[word] ?? 0;
  const challenge = hex(code === 1 ? value : "");
  const data =
    code === 1
      ? concatBytes(Uint8Array.of(challenge.length), challenge, asciiBytes("bras"))
      : textBytes(value);
  const payload = encodeControlPacket({ code, identifier: Number(identifier), data });
  return { kind: "packet", protocol: PPP_PROTOCOL.CHAP, payload };
}

/** `lcp request mru=1492 auth=chap`, `lcp ack`, `lcp nak mru=1400`, `ipcp reject dns1=0.0.0.0`, `lcp echo_request …` */
function control(
  name: "lcp" | "ipcp" | "ipv6cp",
  [word = "", ...rest]: readonly string[],
  state: PppState,
): PppInput {
  const negotiation = negotiationOf(name, state);
  const request = negotiation?.request;
  const asked = rest.map((one) => optionOf(name, ours(one, state)));
  const packet = (code: number, identifier: number, data: Uint8Array): PppInput => ({
    kind: "packet",
    protocol: protocolNamed(name),
    payload: encodeControlPacket({ code, identifier, data }),
  });
  const own = request?.identifier ?? negotiation?.identifier ?? 0;
  switch (word) {
    case "request":
      return packet(CODE.CONFIGURE_REQUEST, 1, encodeOptions(asked));
    case "ack":
      return packet(CODE.CONFIGURE_ACK, own, encodeOptions(request?.options ?? []));
    case "stale_ack":
      return packet(CODE.CONFIGURE_ACK, (own + 100) & 0xff, encodeOptions(request?.options ?? []));
    case "nak":
      return packet(CODE.CONFIGURE_NAK, own, encodeOptions(asked));
    case "reject":
      return packet(CODE.CONFIGURE_REJECT, own, encodeOptions(asked));
    case "terminate":
      return packet(CODE.TERMINATE_REQUEST, 9, textBytes(rest[0] ?? ""));
    case "terminate_ack":
      return packet(CODE.TERMINATE_ACK, own, new Uint8Array(0));
    case "code":
      return packet(Number(rest[0]), 9, hex(rest[1] ?? ""));
    case "echo_reply":
      return packet(CODE.ECHO_REPLY, Number(rest[0]), new Uint8Array(Number(rest[1] ?? 4)));
    default:
      throw new Error(`scenario: unknown packet ${word}`);
  }
}

function ours(word: string, state: PppState): string {
  const link = linkPhaseOf(state)?.link;
  if (word === "magic=ours") {
    return `magic=${(link?.lcp.negotiation.local.magic ?? 0).toString(16).padStart(8, "0")}`;
  }
  return word === "iid=ours" ? "iid=0200000000000001" : word;
}

function negotiationOf(
  name: "lcp" | "ipcp" | "ipv6cp",
  state: PppState,
): Negotiation<unknown, unknown> | undefined {
  const link = linkPhaseOf(state)?.link;
  return name === "lcp" ? link?.lcp.negotiation : link?.[name];
}
