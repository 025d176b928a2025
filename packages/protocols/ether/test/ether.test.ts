import { bytesEqual, fromHex, toHex } from "@passerelle/bytes";
import { IPV4_ANY, type Ipv4, ipv4, type Mac, parseIpv4 } from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arpConflicts,
  arpProbe,
  decodeArp,
  decodeEthernet,
  decodeIpv4,
  decodeUdpPacket,
  encodeArp,
  encodeEthernet,
  encodeUdpPacket,
  internetChecksum,
} from "../src/index.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? fail(text);
const fail = (text: string): never => {
  throw new Error(`not hexadecimal: ${text}`);
};
const ip = (text: string): Ipv4 => parseIpv4(text) ?? fail(text);

// source: computed by hand from RFC 1071 section 3, the example words 0001 f203 f4f5 f6f7 (sum ddf2).
test("the checksum of RFC 1071 section 3", () => {
  expect(internetChecksum(hex("0001f203f4f5f6f7"))).toBe(~0xddf2 & 0xffff);
  expect(internetChecksum(hex("0001f203f4f5f6"))).toBe(internetChecksum(hex("0001f203f4f5f600")));
});

describe("Ethernet", () => {
  const tagged = "ffffffffffff 001122334455 8100 c340 0806 0102";
  test("reads and writes the 802.1Q tag", () => {
    const decoded = decodeEthernet(hex(tagged));
    expect(decoded).toEqual({
      ok: true,
      value: {
        destination: "ff:ff:ff:ff:ff:ff",
        source: "00:11:22:33:44:55",
        tag: { priority: 6, dropEligible: false, vlan: 832 },
        etherType: 0x0806,
        payload: hex("0102"),
      },
    });
    if (decoded.ok) expect(toHex(encodeEthernet(decoded.value))).toBe(tagged.replaceAll(" ", ""));
  });
  test("takes the tag that the kernel reports beside the frame", () => {
    const decoded = decodeEthernet(hex("ffffffffffff 001122334455 0800"), 0x7005);
    expect(decoded.ok && decoded.value.tag).toEqual({ priority: 3, dropEligible: true, vlan: 5 });
  });
  test("refuses 802.2 lengths and short frames", () => {
    expect(decodeEthernet(hex("ffffffffffff 001122334455 0026 4242"))).toEqual({
      ok: false,
      error: { code: "frame_not_ethernet_ii", at: 12 },
    });
    const cut = cutAtEveryByte(hex(tagged).slice(0, 18), (part) => decodeEthernet(part));
    expect(cut).toEqual({ threw: [], accepted: [] });
  });
});

describe("ARP", () => {
  // source: written from RFC 5227 section 2.1.1, sender 00:11:22:33:44:55 probing 192.168.1.60.
  const probe = "0001 0800 06 04 0001 001122334455 00000000 000000000000 c0a8013c";
  test("a probe has no sender address", () => {
    const built = arpProbe("00:11:22:33:44:55" as Mac, ip("192.168.1.60"));
    expect(toHex(encodeArp(built))).toBe(probe.replaceAll(" ", ""));
    expect(decodeArp(hex(`${probe} ${"00".repeat(18)}`))).toEqual({ ok: true, value: built });
  });
  test("cut at every octet", () => {
    expect(cutAtEveryByte(hex(probe), decodeArp)).toEqual({ threw: [], accepted: [] });
  });
  test.each([
    ["0002 0800 0604 0001", "arp_hardware"],
    ["0001 86dd 0604 0001", "arp_protocol"],
    ["0001 0800 0804 0001", "arp_lengths"],
    [probe.replace("04 0001", "04 0009"), "arp_operation"],
  ])("%s is %s", (text, code) => {
    const decoded = decodeArp(hex(text));
    expect(decoded.ok ? undefined : decoded.error.code).toBe(code);
  });
  test("a conflict is another's address or another's probe for it", () => {
    const me = "00:11:22:33:44:55" as Mac;
    const other = "00:11:22:33:44:66" as Mac;
    const address = ip("192.168.1.60");
    expect(arpConflicts(arpProbe(me, address), me, address)).toBe(false);
    expect(arpConflicts(arpProbe(other, address), me, address)).toBe(true);
    expect(arpConflicts({ ...arpProbe(other, address), spa: address }, me, address)).toBe(true);
    // An ordinary question for the address proves nobody's ownership of it.
    const question = { ...arpProbe(other, address), spa: ip("192.168.1.2") };
    expect(arpConflicts(question, me, address)).toBe(false);
  });
});

describe("IPv4 and UDP", () => {
  const packet = {
    source: IPV4_ANY,
    destination: ipv4(0xffffffff),
    sourcePort: 68,
    destinationPort: 67,
    payload: hex("010203"),
  };
  // source: checksums computed independently with Python (struct, ones' complement sum) for these fields.
  const golden = "4500001f00004000 4011 3acf 00000000 ffffffff 0044 0043 000b fb4f 010203";
  test("writes headers with both checksums", () => {
    expect(toHex(encodeUdpPacket(packet))).toBe(golden.replaceAll(" ", ""));
    expect(decodeUdpPacket(hex(golden))).toEqual({
      ok: true,
      value: { ...packet, ttl: 64, trafficClass: 0 },
    });
  });
  test("ignores Ethernet padding, accepts a zero UDP checksum, skips options", () => {
    expect(decodeUdpPacket(hex(`${golden} 000000000000`)).ok).toBe(true);
    expect(decodeUdpPacket(hex(golden.replace("fb4f", "0000"))).ok).toBe(true);
    const withOptions = hex(
      "46000023 00004000 4011 0000 00000000 ffffffff 01010100 0044 0043 000b 0000 010203",
    );
    const sum = internetChecksum(withOptions.subarray(0, 24));
    withOptions[10] = sum >>> 8;
    withOptions[11] = sum & 0xff;
    const decoded = decodeUdpPacket(withOptions);
    expect(decoded.ok && toHex(decoded.value.payload)).toBe("010203");
  });
  test("a checksum left to the card is not looked at", () => {
    const unfinished = hex(golden.replace("fb4f", "1234"));
    expect(decodeUdpPacket(unfinished)).toEqual({
      ok: false,
      error: { code: "udp_checksum", at: 26 },
    });
    expect(decodeUdpPacket(unfinished, false).ok).toBe(true);
  });
  test("every flipped bit of the headers is refused, except where it means something else", () => {
    const bytes = hex(golden);
    let refused = 0;
    for (let bit = 0; bit < 28 * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (!decodeUdpPacket(flipped).ok) refused += 1;
    }
    expect(refused).toBe(28 * 8);
  });
  test("refuses fragments", () => {
    const bytes = hex(golden);
    bytes[6] = 0x20;
    bytes[10] = 0;
    bytes[11] = 0;
    const sum = internetChecksum(bytes.subarray(0, 20));
    bytes[10] = sum >>> 8;
    bytes[11] = sum & 0xff;
    expect(decodeIpv4(bytes)).toEqual({ ok: false, error: { code: "ipv4_fragment", at: 6 } });
  });
  test("cut at every octet", () => {
    expect(cutAtEveryByte(hex(golden), (cut) => decodeUdpPacket(cut))).toEqual({
      threw: [],
      accepted: [],
    });
  });
  test("round trip of any payload", () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.nat(0xffffffff),
        fc.nat(0xffff),
        fc.nat(0xffff),
        fc.uint8Array({ maxLength: 1500 }),
        (source, destination, sourcePort, destinationPort, payload) => {
          const bytes = encodeUdpPacket({
            source: ipv4(source),
            destination: ipv4(destination),
            sourcePort,
            destinationPort,
            payload,
          });
          const back = decodeUdpPacket(bytes);
          return (
            back.ok &&
            back.value.source === source &&
            back.value.destinationPort === destinationPort &&
            bytesEqual(back.value.payload, payload)
          );
        },
      ),
    );
  });
});

test("fuzz: no decoder throws for any octets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const decode of [decodeEthernet, decodeArp, decodeIpv4, decodeUdpPacket]) {
        const decoded = decode(bytes);
        if (!decoded.ok && !(decoded.error.at >= 0 && decoded.error.at <= bytes.length))
          return false;
      }
      return true;
    }),
    { numRuns: 1_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
