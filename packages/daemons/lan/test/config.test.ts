import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { type LanConfig, section } from "../src/config.ts";
import { toDhcpConfig, toOption } from "../src/dhcp-config.ts";

const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
const changed = (change: (config: LanConfig) => void): LanConfig => {
  const copy = structuredClone(defaults);
  change(copy);
  return copy;
};
const network = (config: LanConfig, at = 0): LanConfig["networks"][number] => {
  const found = config.networks[at];
  if (found === undefined) throw new Error("a network");
  return found;
};
const paths = (config: LanConfig): readonly string[] =>
  section.validate(config).map((problem) => problem.path);

test("the factory's values are valid", () => {
  expect(v.is(section.schema, defaults)).toBe(true);
  expect(section.validate(defaults)).toEqual([]);
  expect(section.impact(defaults, structuredClone(defaults))).toEqual([]);
});

describe("validate", () => {
  test.each<[string, string, (config: LanConfig) => void]>([
    [
      "overlapping networks",
      "/networks/1/address",
      (c) => {
        network(c, 1).address = "192.168.1.129/25";
      },
    ],
    [
      "a pool outside",
      "/networks/0/dhcp/last",
      (c) => {
        network(c).dhcp.last = "192.168.2.9";
      },
    ],
    [
      "a pool with the broadcast address",
      "/networks/0/dhcp/last",
      (c) => {
        network(c).dhcp.last = "192.168.1.255";
      },
    ],
    [
      "a pool that ends before it begins",
      "/networks/0/dhcp/last",
      (c) => {
        network(c).dhcp.last = "192.168.1.40";
      },
    ],
    [
      "a public network",
      "/networks/0/address",
      (c) => {
        network(c).address = "8.8.8.1/24";
      },
    ],
    [
      "the network's own address",
      "/networks/0/address",
      (c) => {
        network(c).address = "192.168.1.0/24";
      },
    ],
    [
      "a port in two networks",
      "/networks/1/ports/0",
      (c) => {
        network(c, 1).ports = ["eth1"];
      },
    ],
    [
      "a bridge as a port",
      "/networks/0/ports/0",
      (c) => {
        network(c).ports = ["br-guest"];
      },
    ],
    [
      "one bridge twice",
      "/networks/1/bridge",
      (c) => {
        network(c, 1).bridge = "br-lan";
      },
    ],
    [
      "no network of the home",
      "/networks",
      (c) => {
        network(c).zone = "guest";
      },
    ],
    [
      "a reservation nowhere",
      "/reservations/0/address",
      (c) => {
        c.reservations = [{ address: "10.9.9.9", mac: "00:11:22:33:44:55" }];
      },
    ],
    [
      "the gateway reserved",
      "/reservations/0/address",
      (c) => {
        c.reservations = [{ address: "192.168.1.1", mac: "00:11:22:33:44:55" }];
      },
    ],
    [
      "one address reserved twice",
      "/reservations/1/address",
      (c) => {
        c.reservations = [
          { address: "192.168.1.9", mac: "00:11:22:33:44:55" },
          { address: "192.168.1.9", mac: "00:11:22:33:44:56" },
        ];
      },
    ],
    [
      "one device twice in a network",
      "/reservations/1",
      (c) => {
        c.reservations = [
          { address: "192.168.1.9", mac: "00:11:22:33:44:55" },
          { address: "192.168.1.8", mac: "00:11:22:33:44:55" },
        ];
      },
    ],
  ])("%s", (_, path, change) => {
    expect(paths(changed(change))).toContain(path);
  });
});

test("the schema refuses options that the exchange is made of", () => {
  for (const code of [51, 53, 82]) {
    const config = changed((c) => {
      c.classes = [
        {
          name: "x",
          match: { vendorClass: "x" },
          always: true,
          options: [{ code, type: "hex", value: "00" }],
        },
      ];
    });
    expect(v.is(section.schema, config)).toBe(false);
  }
});

test("impact: addresses and ports may cut the author off, lease times do not", () => {
  const severities = (change: (config: LanConfig) => void): readonly string[] =>
    section.impact(defaults, changed(change)).map((impact) => impact.severity);
  expect(
    severities((c) => {
      network(c).address = "192.168.2.1/24";
    }),
  ).toEqual(["may_cut_you_off"]);
  expect(
    severities((c) => {
      network(c).ports = [];
    }),
  ).toEqual(["may_cut_you_off"]);
  expect(
    severities((c) => {
      network(c).dhcp.leaseSeconds = 600;
    }),
  ).toEqual(["devices_reconnect"]);
  expect(
    severities((c) => {
      c.networks.pop();
    }),
  ).toEqual(["devices_reconnect"]);
  expect(
    severities((c) => {
      c.dns.queryLog = true;
    }),
  ).toEqual(["none"]);
});

test("typed options become octets", () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  expect(hex(toOption({ code: 120, type: "sip", value: ["192.168.1.1"] }).data)).toBe("01c0a80101");
  expect(hex(toOption({ code: 120, type: "sip", value: ["a.b"] }).data)).toBe("000161016200");
  expect(hex(toOption({ code: 26, type: "number", octets: 2, value: 1492 }).data)).toBe("05d4");
  expect(hex(toOption({ code: 43, type: "hex", value: "0102" }).data)).toBe("0102");
});

test("a guest learns neither the home's domain nor its search list", () => {
  const codes = toDhcpConfig(defaults).networks.map((one) =>
    one.options.map((option) => option.code),
  );
  expect(codes).toEqual([
    [3, 6, 28, 15, 119],
    [3, 6, 28],
  ]);
});

describe("IPv6", () => {
  const ipv6 = { enabled: true, ula: "auto", addressing: "slaac" };
  const accepts = (value: unknown): boolean => v.is(section.schema, { ...defaults, ipv6: value });

  test("a section stored before there was IPv6 is as by default, and nobody reconnects for it", () => {
    const { ipv6: _, ...before } = defaults;
    expect(v.is(section.schema, before)).toBe(true);
    expect(section.impact(before, defaults)).toEqual([]);
    const off = {
      ...defaults,
      ipv6: { enabled: false, ula: "auto", addressing: "slaac" } as const,
    };
    expect(section.impact(before, off)).toMatchObject([{ severity: "devices_reconnect" }]);
  });

  test.each(["auto", "off", "fd12:3456:789a::/48"])("own prefix %s", (ula) => {
    expect(accepts({ ...ipv6, ula })).toBe(true);
  });

  test.each([
    ["not unique local", "2001:db8:1::/48"],
    ["assigned by nobody", "fc12:3456:789a::/48"],
    ["zeros for random bits", "fd00::/48"],
    ["too long", "fd12:3456:789a::/64"],
    ["with host bits", "fd12:3456:789a::1/48"],
    ["no prefix", "fd12:3456:789a::1"],
  ])("refused own prefix: %s", (_, ula) => {
    expect(accepts({ ...ipv6, ula })).toBe(false);
  });
});
