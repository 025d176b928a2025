import { MESSAGE_TYPE, type MessageType } from "@passerelle/dhcpv4";
import { parseCidr4 } from "@passerelle/net";
import type { ScenarioTeller } from "@passerelle/testkit";
import type { Instant } from "@passerelle/time";
import type { WanEffect } from "../src/core/effect.ts";
import type { WanInput } from "../src/core/input.ts";
import type { Remembered } from "../src/core/session/state.ts";
import type { WanMachineState } from "../src/core/state.ts";
import type { WanSettings } from "../src/core/step.ts";
import {
  CHALLENGE,
  describeEffect,
  ip,
  MAC,
  mac,
  machine,
  type ReplyFields,
  reply,
  settings,
} from "./fixtures.ts";

/** Words of a scenario as inputs, and states as words. */
export function teller(
  chosen: WanSettings = settings(),
  remembered?: Remembered,
): ScenarioTeller<WanMachineState, WanInput, WanEffect> {
  return { machine: machine(chosen, 1, remembered), parseInput, describeEffect, describeState };
}

export function describeState(state: WanMachineState): string {
  const { access, session, reach, marks } = state;
  const watched = reach.kind === "down" ? "down" : reach.verdict.kind;
  const held = session.held === undefined ? "" : "+held";
  return `${access.kind}/${session.phase.kind}${held}/${watched}${marks.cause === undefined ? "" : ` ${marks.cause}`}`;
}

export function xidOf(state: WanMachineState): number {
  const { phase } = state.session;
  return "exchange" in phase ? phase.exchange.entropy.xid : 0;
}

const TYPES: Readonly<Record<string, MessageType>> = {
  offer: MESSAGE_TYPE.DHCPOFFER,
  ack: MESSAGE_TYPE.DHCPACK,
  nak: MESSAGE_TYPE.DHCPNAK,
};

export function parseInput(
  words: readonly string[],
  _now: Instant,
  state: WanMachineState,
): WanInput {
  const [verb = "", ...rest] = words;
  const type = TYPES[verb];
  if (type !== undefined) return { kind: "datagram", payload: reply(type, fieldsOf(rest, state)) };
  switch (verb) {
    case "link":
      return link(rest[0] ?? "");
    case "entropy":
      return {
        kind: "entropy",
        entropy: { xid: Number.parseInt(rest[0] ?? "1", 16), challenge: CHALLENGE },
      };
    case "lan":
      return { kind: "lan_networks", networks: rest.flatMap((text) => parseCidr4(text) ?? []) };
    case "conflict":
      return { kind: "arp_conflict", address: ip(rest[0] ?? "") };
    case "configure_failed":
      return { kind: "configure_failed", address: ip(rest[0] ?? "") };
    case "dsl": {
      const word = WORDS.find((known) => known === rest[0]);
      return { kind: "dsl", ...(word === undefined ? {} : { word }) };
    }
    case "reconnect":
      return { kind: "reconnect" };
    case "garbage":
      return { kind: "datagram", payload: new Uint8Array(30) };
    case "resolver":
      return {
        kind: "resolver_answered",
        round: roundOf(state),
        index: Number(rest[1] ?? 0),
        good: rest[0] === "good",
        ...(rest[0] === "good" ? { rttMs: 5 } : {}),
      };
    case "probe":
      return { kind: "probe_finished", round: roundOf(state), good: rest[0] === "good" };
    default:
      throw new Error(`scenario: unknown word ${verb}`);
  }
}

const WORDS = ["no_signal", "handshake", "training", "up", "unreachable"] as const;

function link(word: string): WanInput {
  switch (word) {
    case "up":
      return { kind: "link", link: { adminUp: true, carrier: true, mac: MAC } };
    case "no_carrier":
      return { kind: "link", link: { adminUp: true, carrier: false, mac: MAC } };
    case "down":
      return { kind: "link", link: { adminUp: false, carrier: false, mac: MAC } };
    case "gone":
      return { kind: "link" };
    default:
      throw new Error(`scenario: unknown link ${word}`);
  }
}

function fieldsOf(words: readonly string[], state: WanMachineState): ReplyFields {
  const pairs = Object.fromEntries(words.map((word) => word.split("=") as [string, string]));
  const numbers = ["lease", "t1", "t2"].flatMap((key) =>
    pairs[key] === undefined ? [] : [[key, Number(pairs[key])]],
  );
  return {
    ...pairs,
    ...Object.fromEntries(numbers),
    ...(pairs.mac === undefined ? {} : { mac: mac(pairs.mac) }),
    xid: pairs.xid === undefined ? xidOf(state) : Number.parseInt(pairs.xid, 16),
  };
}

function roundOf(state: WanMachineState): number {
  return state.reach.kind === "watching" ? state.reach.roundId : 0;
}
