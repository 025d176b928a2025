import { MESSAGE_TYPE, type MessageType } from "@passerelle/dhcpv6";
import type { ScenarioTeller } from "@passerelle/testkit";
import type { Instant } from "@passerelle/time";
import type { Dhcpv6Effect, Dhcpv6Input } from "../../src/core/dhcpv6/input.ts";
import type { Dhcpv6State } from "../../src/core/dhcpv6/state.ts";
import { CHALLENGE } from "../fixtures.ts";
import { ip6, type Machine6 } from "./fixtures.ts";
import { describeEffect6, describeState6, serverMessage } from "./words.ts";

/** Words of a scenario as inputs of the DHCPv6 client, and states as words. */
export function teller6(machine: Machine6): ScenarioTeller<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect> {
  return {
    machine,
    parseInput,
    describeEffect: describeEffect6,
    describeState: describeState6,
  };
}

const TYPES: Readonly<Record<string, MessageType>> = {
  advertise: MESSAGE_TYPE.ADVERTISE,
  reply: MESSAGE_TYPE.REPLY,
  reconfigure: MESSAGE_TYPE.RECONFIGURE,
  solicit: MESSAGE_TYPE.SOLICIT,
};

function parseInput(words: readonly string[], _now: Instant, state: Dhcpv6State): Dhcpv6Input {
  const [verb = "", ...rest] = words;
  const type = TYPES[verb];
  if (type !== undefined) {
    return { kind: "datagram", payload: serverMessage(type, transactionOf(state), rest) };
  }
  switch (verb) {
    case "link":
      if (rest[0] === "up") return { kind: "link_up", challenge: CHALLENGE };
      return { kind: "link_down" };
    case "wanted":
      return {
        kind: "wanted",
        wanted: {
          address: rest.includes("address"),
          prefix: rest.includes("prefix"),
          information: rest.includes("information"),
        },
      };
    case "conflict":
      return { kind: "address_conflict", address: ip6(rest[0] ?? "") };
    case "reconnect":
      return { kind: "reconnect" };
    case "garbage":
      return { kind: "datagram", payload: new Uint8Array(3) };
    default:
      throw new Error(`scenario: unknown word ${verb}`);
  }
}

export function transactionOf({ phase }: Dhcpv6State): number {
  return "talk" in phase ? phase.talk.transactionId : 0;
}
