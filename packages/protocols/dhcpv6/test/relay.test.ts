import { latin1Text, toHex } from "@passerelle/bytes";
import type { Ipv6 } from "@passerelle/net";
import { cutAtEveryByte } from "@passerelle/testkit";
import { describe, expect, test } from "vitest";
import {
  type Dhcpv6RelayMessage,
  decodeDhcpv6Relay,
  decodeRelayed,
  encodeDhcpv6,
  encodeDhcpv6Relay,
  encodeReplyBy,
  HOP_COUNT_LIMIT,
  MESSAGE_TYPE,
  OPTION,
  optionOf,
  RELAY_MESSAGE_TYPE,
} from "../src/index.ts";
import { decoded, golden, hex, value } from "./goldens.ts";

const solicit = golden("solicit-dhclient.hex");

function forward(carried: Uint8Array, hopCount: number): Dhcpv6RelayMessage {
  return {
    msgType: RELAY_MESSAGE_TYPE.RELAY_FORW,
    hopCount,
    linkAddress: `2001:db8:${hopCount + 1}::1` as Ipv6,
    peerAddress: "fe80::ff:fe00:c" as Ipv6,
    options: [
      { code: OPTION.INTERFACE_ID, data: new TextEncoder().encode(`port ${hopCount}`) },
      { code: OPTION.RELAY_MSG, data: carried },
      { code: OPTION.SUBSCRIBER_ID, data: hex("01") },
    ],
  };
}

/** The Solicit through so many relay agents. */
function through(relays: number): Uint8Array {
  let bytes = solicit;
  for (let hop = 0; hop < relays; hop += 1) bytes = encodeDhcpv6Relay(forward(bytes, hop));
  return bytes;
}

describe("relay agents", () => {
  test("a message without any is its own", () => {
    expect(value(decodeRelayed(solicit))).toEqual({ relays: [], message: decoded(solicit) });
  });

  test("two are read from the server's side", () => {
    const { relays, message } = value(decodeRelayed(through(2)));
    expect(message).toEqual(decoded(solicit));
    expect(relays.map(({ hopCount, linkAddress }) => [hopCount, linkAddress])).toEqual([
      [1, "2001:db8:2::1"],
      [0, "2001:db8:1::1"],
    ]);
  });

  test("an answer goes the same way back, with the interface identifiers and nothing else", () => {
    const { relays } = value(decodeRelayed(through(2)));
    const answer = decoded(golden("advertise-kea.hex"));
    const back = value(decodeRelayed(encodeReplyBy(relays, answer)));
    expect(back.message).toEqual(answer);
    expect(back.relays.map((relay) => relay.msgType)).toEqual([13, 13]);
    expect(back.relays.map((relay) => latin1Text(optionOf(relay, 18) ?? hex("")))).toEqual([
      "port 1",
      "port 0",
    ]);
    expect(back.relays.map((relay) => relay.options.length)).toEqual([2, 2]);
    expect(back.relays.map((relay) => relay.peerAddress)).toEqual([
      "fe80::ff:fe00:c",
      "fe80::ff:fe00:c",
    ]);
    expect(toHex(encodeReplyBy([], answer))).toBe(toHex(encodeDhcpv6(answer)));
  });

  test("as many as the hop count allows, and not one more", () => {
    expect(value(decodeRelayed(through(HOP_COUNT_LIMIT + 1))).relays).toHaveLength(9);
    expect(decodeRelayed(through(HOP_COUNT_LIMIT + 2))).toMatchObject({
      error: { code: "relays_too_many" },
    });
  });

  test("cut at every octet: never accepted before the message is whole", () => {
    const bytes = encodeDhcpv6Relay({ ...forward(solicit, 0), options: [] });
    expect(cutAtEveryByte(bytes, decodeDhcpv6Relay)).toEqual({ threw: [], accepted: [] });
    const twice = through(2);
    const { threw, accepted } = cutAtEveryByte(twice, decodeRelayed);
    expect(threw).toEqual([]);
    // Only the outer relay agent's last option can be missing.
    expect(accepted).toEqual([twice.length - 5]);
  });

  test.each([
    ["carries nothing", { options: [] }, "relay_message_missing", 0],
    [
      "carries half a message",
      { options: [{ code: OPTION.RELAY_MSG, data: hex("01 12") }] },
      "message_truncated",
      40,
    ],
    [
      "carries a type that nobody knows behind another option",
      {
        options: [
          { code: OPTION.INTERFACE_ID, data: hex("61") },
          { code: OPTION.RELAY_MSG, data: hex("ff 000000") },
        ],
      },
      "message_type",
      43,
    ],
  ])("a relay agent that %s is refused where the fault is", (_, parts, code, at) => {
    const bytes = encodeDhcpv6Relay({ ...forward(solicit, 0), ...parts });
    expect(decodeRelayed(bytes)).toEqual({ ok: false, error: { code, at } });
  });

  test("a client's message is no relay agent's", () => {
    const long = encodeDhcpv6({
      msgType: MESSAGE_TYPE.SOLICIT,
      transactionId: 0,
      options: [{ code: 1, data: new Uint8Array(40) }],
    });
    expect(decodeDhcpv6Relay(long)).toMatchObject({ error: { code: "message_type", at: 0 } });
  });
});
