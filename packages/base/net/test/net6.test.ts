import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Cidr6,
  compareIpv6,
  contains6,
  eui64Host,
  formatCidr6,
  type Ipv6,
  ipv6FromBytes,
  isLinkLocal6,
  isMulticast6,
  isSolicitedNode,
  isUniqueLocal6,
  linkLocalOf,
  type Mac,
  networkOf6,
  overlaps6,
  parseCidr6,
  parseIpv6,
  solicitedNodeOf,
  subnet6,
  subnetCount6,
  withHost6,
} from "../src/index.ts";

function cidr(text: string): Cidr6 {
  const parsed = parseCidr6(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function address(text: string): Ipv6 {
  const parsed = parseIpv6(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const anyAddress = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => ipv6FromBytes(bytes) ?? address("::"));
const anyCidr = fc.record({
  address: anyAddress,
  prefixLength: fc.integer({ min: 0, max: 128 }),
});

describe("Cidr6", () => {
  test.each([
    ["2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::"],
    ["2001:db8:1:2ff::/56", "2001:db8:1:200::"],
    ["2001:db8::1/128", "2001:db8::1"],
    ["2001:db8::1/127", "2001:db8::"],
    ["ffff::1/0", "::"],
  ])("the network of %s is %s", (text, network) => {
    expect(networkOf6(cidr(text))).toBe(network);
    expect(formatCidr6(cidr(text))).toBe(text);
  });

  test.each(["2001:db8::/129", "2001:db8::", "/64", "::/-1", "::/064", "::/6x", "1.2.3.4/24"])(
    "refuses %j",
    (text) => expect(parseCidr6(text)).toBeUndefined(),
  );

  test("what is in a network is what Node's own list says", () => {
    fc.assert(
      fc.property(anyCidr, anyAddress, fc.boolean(), (network, other, isNear) => {
        const asked = isNear ? withHost6(network, other) : other;
        const list = new BlockList();
        list.addSubnet(network.address, network.prefixLength, "ipv6");
        expect(contains6(network, asked)).toBe(list.check(asked, "ipv6"));
        expect(contains6(network, networkOf6(network))).toBe(true);
      }),
    );
  });

  test("overlap is symmetric and means a shared address", () => {
    expect(overlaps6(cidr("2001:db8::/32"), cidr("2001:db8:1::/48"))).toBe(true);
    expect(overlaps6(cidr("2001:db8:1::/48"), cidr("2001:db8::/32"))).toBe(true);
    expect(overlaps6(cidr("2001:db8:1::/48"), cidr("2001:db8:2::/48"))).toBe(false);
  });
});

describe("subnets of a prefix", () => {
  test.each([
    ["2001:db8:0:ff00::/56", 64, 0, "2001:db8:0:ff00::/64"],
    ["2001:db8:0:ff00::/56", 64, 255, "2001:db8:0:ffff::/64"],
    ["2001:db8:0:ff00::/56", 60, 3, "2001:db8:0:ff30::/60"],
    ["2001:db8:0:f0::/60", 64, 10, "2001:db8:0:fa::/64"],
    ["2001:db8::/64", 64, 0, "2001:db8::/64"],
    ["2001:db8::/48", 63, 1, "2001:db8:0:2::/63"],
  ])("%s into /%i: number %i is %s", (prefix, prefixLength, index, expected) => {
    expect(formatCidr6(subnet6(cidr(prefix), prefixLength, index))).toBe(expected);
  });

  test("one too many, a longer prefix and half a one throw: ours is the mistake", () => {
    expect(subnetCount6(cidr("2001:db8::/56"), 64)).toBe(256);
    expect(subnetCount6(cidr("2001:db8::/64"), 56)).toBe(0);
    for (const [length, index] of [
      [64, 256],
      [64, -1],
      [64, 0.5],
      [48, 0],
      [129, 0],
    ] as const) {
      expect(() => subnet6(cidr("2001:db8::/56"), length, index)).toThrow("invariant");
    }
  });

  test("each lies in the prefix, in order, and they do not overlap", () => {
    fc.assert(
      fc.property(
        fc.record({ address: anyAddress, prefixLength: fc.integer({ min: 0, max: 120 }) }),
        fc.integer({ min: 1, max: 8 }),
        (prefix, more) => {
          const length = prefix.prefixLength + more;
          const all = Array.from({ length: subnetCount6(prefix, length) }, (_, index) =>
            subnet6(prefix, length, index),
          );
          for (const [i, one] of all.entries()) {
            expect(contains6(prefix, one.address)).toBe(true);
            const before = all[i - 1];
            if (before === undefined) continue;
            expect(overlaps6(before, one)).toBe(false);
            expect(compareIpv6(before.address, one.address)).toBeLessThan(0);
          }
        },
      ),
    );
  });
});

describe("addresses made of others", () => {
  const mac = "00:11:22:33:44:55" as Mac;
  test("EUI-64 turns the second bit (RFC 4291 appendix A)", () => {
    expect(eui64Host(mac)).toBe("::211:22ff:fe33:4455");
    expect(linkLocalOf(mac)).toBe("fe80::211:22ff:fe33:4455");
    // What a Linux kernel gave itself.
    expect(linkLocalOf("02:00:00:00:53:01" as Mac)).toBe("fe80::ff:fe00:5301");
    expect(withHost6(cidr("2001:db8:1:2::/64"), eui64Host(mac))).toBe(
      "2001:db8:1:2:211:22ff:fe33:4455",
    );
  });

  test("the solicited-node group is the example of RFC 4291 section 2.7.1", () => {
    expect(solicitedNodeOf(address("4037::01:800:200e:8c6c"))).toBe("ff02::1:ff0e:8c6c");
    expect(isSolicitedNode(address("ff02::1:ff0e:8c6c"))).toBe(true);
    expect(isSolicitedNode(address("ff02::1:fe0e:8c6c"))).toBe(false);
  });

  test.each([
    ["fe80::1", "link-local"],
    ["febf:ffff::1", "link-local"],
    ["fec0::1", ""],
    ["ff02::1", "multicast"],
    ["fd00::1", "unique-local"],
    ["fc00::1", "unique-local"],
    ["fe00::1", ""],
    ["2001:db8::1", ""],
  ])("%s is %s", (text, kind) => {
    const asked = address(text);
    expect(isLinkLocal6(asked)).toBe(kind === "link-local");
    expect(isMulticast6(asked)).toBe(kind === "multicast");
    expect(isUniqueLocal6(asked)).toBe(kind === "unique-local");
  });

  test("order is that of the octets", () => {
    const sorted = ["2001:db8::10", "2001:db8::9", "::", "ff02::1", "2001:db8::"]
      .map(address)
      .sort(compareIpv6);
    expect(sorted).toEqual(["::", "2001:db8::", "2001:db8::9", "2001:db8::10", "ff02::1"]);
    expect(compareIpv6(address("::1"), address("::1"))).toBe(0);
  });
});
