import { toHex } from "@passerelle/bytes";
import { type Mac, macFromBytes } from "@passerelle/net";
import { cutAtEveryByte } from "@passerelle/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMagicPacket, encodeMagicPacket } from "../src/index.ts";

// source: AMD publication 20213 section 2.1, the example of a card 11:22:33:44:55:66.
const EXAMPLE = `ffffffffffff${"112233445566".repeat(16)}`;
const MAC = "11:22:33:44:55:66" as Mac;

test("the example of the specification", () => {
  expect(toHex(encodeMagicPacket(MAC))).toBe(EXAMPLE);
  expect(decodeMagicPacket(encodeMagicPacket(MAC))).toEqual({ ok: true, value: MAC });
});

test("cut at every octet it is refused", () => {
  const cut = cutAtEveryByte(encodeMagicPacket(MAC), decodeMagicPacket);
  expect(cut).toEqual({ threw: [], accepted: [] });
});

test("any address comes back; any changed octet is noticed", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 6, maxLength: 6 }),
      fc.nat(101),
      fc.integer({ min: 1, max: 255 }),
      (address, at, change) => {
        const mac = macFromBytes(address) ?? MAC;
        const packet = encodeMagicPacket(mac);
        expect(decodeMagicPacket(packet)).toEqual({ ok: true, value: mac });
        packet[at] = (packet[at] ?? 0) ^ change;
        const decoded = decodeMagicPacket(packet);
        expect(decoded.ok).toBe(false);
        if (!decoded.ok) expect(decoded.error.at).toBeLessThanOrEqual(packet.length);
      },
    ),
  );
});
