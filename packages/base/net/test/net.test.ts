import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  broadcastOf,
  type Cidr4,
  contains4,
  formatCidr4,
  formatIpv4,
  ipv4,
  ipv4Bytes,
  ipv4FromBytes,
  ipv6Bytes,
  ipv6FromBytes,
  isLocallyAdministered,
  isMulticastMac,
  macBytes,
  macFromBytes,
  netmask4,
  networkOf,
  overlaps4,
  parseCidr4,
  parseIpv4,
  parseIpv6,
  parseMac,
  prefixLengthOf,
} from "../src/index.ts";

function cidr(text: string): Cidr4 {
  const parsed = parseCidr4(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

describe("Ipv4", () => {
  test("every address goes to text and bytes and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (n) => {
        const address = ipv4(n);
        expect(parseIpv4(formatIpv4(address))).toBe(address);
        expect(ipv4FromBytes(ipv4Bytes(address))).toBe(address);
      }),
    );
  });

  test("accepts exactly what Node's own parser accepts", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.stringMatching(/^[0-9.]{0,16}$/), fc.string({ maxLength: 18 })),
        (text) => {
          expect(parseIpv4(text) !== undefined).toBe(isIPv4(text));
        },
      ),
    );
  });

  test.each(["1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", "", "0x1.2.3.4"])(
    "refuses %j",
    (text) => expect(parseIpv4(text)).toBeUndefined(),
  );

  test("no address comes out of too few octets", () => {
    expect(ipv4FromBytes(Uint8Array.of(1, 2, 3))).toBeUndefined();
    expect(ipv4FromBytes(Uint8Array.of(1, 2, 3, 4), 1)).toBeUndefined();
  });
});

describe("Cidr4", () => {
  test.each([
    ["192.168.1.77/24", "192.168.1.0", "192.168.1.255"],
    ["10.0.0.1/8", "10.0.0.0", "10.255.255.255"],
    ["203.0.113.9/32", "203.0.113.9", "203.0.113.9"],
    ["1.2.3.4/0", "0.0.0.0", "255.255.255.255"],
  ])("%s", (text, network, broadcast) => {
    expect(formatIpv4(networkOf(cidr(text)))).toBe(network);
    expect(formatIpv4(broadcastOf(cidr(text)))).toBe(broadcast);
    expect(formatCidr4(cidr(text))).toBe(text);
  });

  test("netmask and prefix length are each other's inverse; a mask with a hole is none", () => {
    for (let length = 0; length <= 32; length += 1) {
      expect(prefixLengthOf(netmask4(length))).toBe(length);
    }
    expect(prefixLengthOf(ipv4(0xff00ff00))).toBeUndefined();
  });

  test("overlap is symmetric and means a shared address", () => {
    expect(overlaps4(cidr("192.168.0.0/16"), cidr("192.168.1.1/24"))).toBe(true);
    expect(overlaps4(cidr("192.168.1.1/24"), cidr("192.168.0.0/16"))).toBe(true);
    expect(overlaps4(cidr("192.168.1.1/24"), cidr("192.168.2.1/24"))).toBe(false);
    expect(contains4(cidr("192.168.1.1/24"), ipv4(0xc0a80201))).toBe(false);
  });

  test.each(["1.2.3.4/33", "1.2.3.4", "/24", "1.2.3.4/-1", "1.2.3.4/2x"])("refuses %j", (text) =>
    expect(parseCidr4(text)).toBeUndefined(),
  );
});

describe("Ipv6", () => {
  test.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ])("RFC 5952 section 4: %s is written %s", (text, canonical) => {
    expect(parseIpv6(text)).toBe(canonical);
  });

  test("accepts exactly what Node's own parser accepts, without zones", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,40}$/)), (text) => {
        expect(parseIpv6(text) !== undefined).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("every sixteen octets go to text and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const address = ipv6FromBytes(bytes);
        expect(address).toBeDefined();
        if (address !== undefined) expect(ipv6Bytes(address)).toEqual(bytes);
      }),
    );
  });
});

describe("Mac", () => {
  test("text, bytes and back; hyphens and capitals are read", () => {
    const mac = parseMac("02-AB-00-11-22-33");
    expect(mac).toBe("02:ab:00:11:22:33");
    if (mac === undefined) return;
    expect(macFromBytes(macBytes(mac))).toBe(mac);
    expect(isLocallyAdministered(mac)).toBe(true);
    expect(isMulticastMac(mac)).toBe(false);
  });

  test.each(["02:ab:00:11:22", "02:ab:00:11:22:33:44", "02ab00112233", "g2:ab:00:11:22:33"])(
    "refuses %j",
    (text) => expect(parseMac(text)).toBeUndefined(),
  );
});
