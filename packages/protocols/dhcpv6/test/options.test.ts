import { toHex } from "@passerelle/bytes";
import {
  type Cidr6,
  formatCidr6,
  type Ipv6,
  ipv6FromBytes,
  type Mac,
  parseCidr6,
  subnet6,
} from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import { milliseconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressesOf,
  addressesOption,
  aftrNameOf,
  areLifetimesSane,
  areTimesSane,
  authenticationOption,
  captivePortalOf,
  clientFqdnOption,
  clientIdOf,
  clientIdOption,
  decodeAuthentication,
  decodeClientFqdn,
  decodeDuid,
  decodeIaNa,
  decodeIaPd,
  decodeIaTa,
  decodePdExclude,
  decodeStatusCode,
  decodeUserClasses,
  decodeVendorClass,
  decodeVendorOptions,
  duidLl,
  elapsedTimeOf,
  elapsedTimeOption,
  encodeDuid,
  encodePdExclude,
  formatDuid,
  iaNaOption,
  iaPdOption,
  macInDuid,
  namesOption,
  OPTION,
  optionRequestOf,
  optionRequestOption,
  parseDuid,
  STATUS,
  serverIdOption,
  statusCodeOption,
  textOption,
  userClassOption,
  vendorClassOption,
  vendorOptionsOption,
} from "../src/index.ts";
import { hex, value } from "./goldens.ts";

const cidr = (text: string): Cidr6 => parseCidr6(text) ?? (0 as never);
const only = (option: { code: number; data: Uint8Array }) => ({ options: [option] });

describe("DUIDs (RFC 9915 section 11)", () => {
  test.each([
    // source: the example of RFC 9915 section 11.3.
    ["0002 00007ed9 0cc084d303000912", "en"],
    ["0001 0001 32968508 021122334455", "llt"],
    ["0003 0001 021122334455", "ll"],
    ["0003 0020 0011223344556677", "ll"],
    ["0004 00112233445566778899aabbccddeeff", "uuid"],
    ["0004 0011", "other"],
    ["0001 0001", "other"],
    ["0005 61", "other"],
  ])("%s is %s and comes back", (text, kind) => {
    const duid = value(decodeDuid(hex(text)));
    expect(duid.kind).toBe(kind);
    expect(toHex(encodeDuid(duid))).toBe(toHex(hex(text)));
  });

  test("lengths are 3 to 130, for us and for others", () => {
    expect(decodeDuid(hex("0003"))).toMatchObject({ error: { code: "duid_too_short" } });
    const long = new Uint8Array(131);
    expect(decodeDuid(long)).toMatchObject({ error: { code: "duid_too_long" } });
    expect(decodeDuid(long.slice(1)).ok).toBe(true);
    expect(clientIdOf(only({ code: OPTION.CLIENTID, data: long }))).toBeUndefined();
    expect(() => clientIdOption(long)).toThrow("130");
    expect(() => serverIdOption(hex("00"))).toThrow("130");
  });

  test("the text is read as it is written, and without colons", () => {
    const duid = duidLl("02:11:22:33:44:55" as Mac);
    expect(formatDuid(duid)).toBe("00:03:00:01:02:11:22:33:44:55");
    expect(parseDuid(formatDuid(duid))).toEqual(duid);
    expect(parseDuid("00030001021122334455")).toEqual(duid);
    for (const text of ["", "00:03", "no", "00".repeat(131)]) {
      expect(parseDuid(text)).toBeUndefined();
    }
  });

  test("the hardware address of an Ethernet interface is found", () => {
    expect(macInDuid(hex("0001 0001 32968508 021122334455"))).toBe("02:11:22:33:44:55");
    expect(macInDuid(hex("0003 0001 021122334455"))).toBe("02:11:22:33:44:55");
    expect(macInDuid(hex("0003 0020 021122334455"))).toBeUndefined();
    expect(macInDuid(hex("0004 00112233445566778899aabbccddeeff"))).toBeUndefined();
  });
});

describe("identity associations", () => {
  const lease = { preferredLifetime: 1800, validLifetime: 3600 };
  test("an IA_NA comes back with its addresses and their status", () => {
    const status = statusCodeOption(STATUS.NotOnLink, "not here");
    const option = iaNaOption({
      iaid: 0xdeadbeef,
      t1: 900,
      t2: 1440,
      addresses: [
        { address: "2001:db8::1" as Ipv6, ...lease },
        { address: "2001:db8::2" as Ipv6, options: [status] },
      ],
      options: [statusCodeOption(STATUS.Success)],
    });
    const read = value(decodeIaNa(option.data));
    expect(read).toMatchObject({ iaid: 0xdeadbeef, t1: 900, t2: 1440, status: { code: 0 } });
    expect(read.addresses).toMatchObject([
      { address: "2001:db8::1", ...lease, status: { code: STATUS.Success, message: "" } },
      {
        address: "2001:db8::2",
        preferredLifetime: 0,
        validLifetime: 0,
        status: { code: STATUS.NotOnLink, message: "not here" },
      },
    ]);
    expect(read.options.map(({ code }) => code)).toEqual([5, 5, 13]);
  });

  test("an IA_PD comes back, what is excluded of a prefix too", () => {
    const option = iaPdOption({
      iaid: 1,
      prefixes: [
        {
          prefix: cidr("2001:db8:dead:beff::/59"),
          excluded: cidr("2001:db8:dead:beef::/64"),
          ...lease,
        },
        { prefix: cidr("::/56") },
      ],
    });
    const [first, second] = value(decodeIaPd(option.data)).prefixes;
    expect(first?.prefix).toEqual(cidr("2001:db8:dead:bee0::/59"));
    expect(first?.excluded).toEqual(cidr("2001:db8:dead:beef::/64"));
    expect(second).toMatchObject({ prefix: cidr("::/56"), excluded: undefined, validLifetime: 0 });
  });

  test("no prefix to be had is said in the IA", () => {
    const { data } = iaPdOption({ iaid: 1, options: [statusCodeOption(STATUS.NoPrefixAvail)] });
    expect(value(decodeIaPd(data))).toMatchObject({ status: { code: 6 }, prefixes: [] });
  });

  test("a lease that does not read is left out, the others and its octets stay", () => {
    const good = iaNaOption({ iaid: 1, addresses: [{ address: "2001:db8::1" as Ipv6 }] });
    const data = hex(`${toHex(good.data)} 0005 0003 010203 0005 001c ${"00".repeat(24)} 000d0005`);
    const read = value(decodeIaNa(data));
    expect(read.addresses.map(({ address }) => address)).toEqual(["2001:db8::1"]);
    expect(read.options).toHaveLength(3);
    const long = hex(
      `00000001 00000000 00000000 001a 0019 ${"00".repeat(8)} 81 ${"00".repeat(16)}`,
    );
    expect(value(decodeIaPd(long))).toMatchObject({ prefixes: [], options: [{ code: 26 }] });
  });

  test("cut at every octet: accepted only between two options inside", () => {
    const { data } = iaNaOption({ iaid: 1, addresses: [{ address: "2001:db8::1" as Ipv6 }] });
    expect(cutAtEveryByte(data, decodeIaNa)).toEqual({ threw: [], accepted: [12] });
    const pd = iaPdOption({ iaid: 1, prefixes: [{ prefix: cidr("2001:db8::/56") }] });
    expect(cutAtEveryByte(pd.data, decodeIaPd)).toEqual({ threw: [], accepted: [12] });
    expect(cutAtEveryByte(hex("00000001 0005 0000"), decodeIaTa)).toEqual({
      threw: [],
      accepted: [4],
    });
  });

  test("T1 after T2, and preferred for longer than valid, are told", () => {
    const times = (t1: number, t2: number) => areTimesSane({ t1, t2 });
    expect([times(0, 0), times(5, 5), times(5, 0), times(0, 5)]).toEqual([true, true, true, true]);
    expect(times(6, 5)).toBe(false);
    expect(areLifetimesSane({ preferredLifetime: 5, validLifetime: 5 })).toBe(true);
    expect(areLifetimesSane({ preferredLifetime: 6, validLifetime: 5 })).toBe(false);
  });
});

describe("excluded prefixes (RFC 6603)", () => {
  // source: RFC 6603 section 4.2, its example.
  test("the example", () => {
    const delegated = cidr("2001:db8:dead:bee0::/59");
    expect(toHex(encodePdExclude(cidr("2001:db8:dead:beef::/64"), delegated))).toBe("4078");
    expect(value(decodePdExclude(hex("4078"), delegated))).toEqual(cidr("2001:db8:dead:beef::/64"));
  });

  test.each([
    ["", "exclude_truncated"],
    ["40", "exclude_truncated"],
    ["40 78 00", "exclude_truncated"],
    ["3b 00", "exclude_length"],
    ["81 00", "exclude_length"],
  ])("%j is refused, and the prefix is not", (text, code) => {
    const delegated = cidr("2001:db8:dead:bee0::/59");
    expect(decodePdExclude(hex(text), delegated)).toMatchObject({ error: { code } });
    const option = iaPdOption({
      iaid: 1,
      prefixes: [{ prefix: delegated, options: [{ code: OPTION.PD_EXCLUDE, data: hex(text) }] }],
    });
    expect(value(decodeIaPd(option.data)).prefixes[0]).toMatchObject({ excluded: undefined });
  });

  test("every part of every prefix comes back", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.integer({ min: 0, max: 127 }),
        fc.nat(),
        fc.nat(),
        (octets, prefixLength, more, index) => {
          const address = ipv6FromBytes(octets) ?? ("::" as Ipv6);
          const bits = 1 + (more % Math.min(40, 128 - prefixLength));
          const delegated = subnet6({ address, prefixLength }, prefixLength, 0);
          const excluded = subnet6(delegated, prefixLength + bits, index % 2 ** bits);
          const bytes = encodePdExclude(excluded, delegated);
          expect(formatCidr6(value(decodePdExclude(bytes, delegated)))).toBe(formatCidr6(excluded));
        },
      ),
    );
  });
});

describe("names", () => {
  test("a client's name, whole and partial (RFC 4704 section 4.2)", () => {
    const whole = { flags: 1, name: "tele.home.arpa", isPartial: false };
    expect(toHex(clientFqdnOption(whole).data)).toBe("010474656c6504686f6d65046172706100");
    expect(value(decodeClientFqdn(clientFqdnOption(whole).data))).toEqual(whole);
    const partial = { flags: 0, name: "tele", isPartial: true };
    expect(toHex(clientFqdnOption(partial).data)).toBe("000474656c65");
    expect(value(decodeClientFqdn(clientFqdnOption(partial).data))).toEqual(partial);
    expect(value(decodeClientFqdn(hex("04")))).toEqual({ flags: 4, name: ".", isPartial: true });
  });

  test.each([
    ["", "fqdn_truncated", 0],
    ["00 0474 65", "name_truncated", 1],
    ["00 0161 00 0162 00", "fqdn_trailing", 4],
    ["00 41 61", "name_label_type", 1],
    ["00 0b 6161616161616161616161 00 c00c", "fqdn_trailing", 14],
  ])("%j is no client's name", (text, code, at) => {
    expect(decodeClientFqdn(hex(text))).toEqual({ ok: false, error: { code, at } });
  });

  test("an AFTR is one name, neither none nor two", () => {
    const aftr = (...names: string[]) => aftrNameOf(only(namesOption(OPTION.AFTR_NAME, names)));
    expect(aftr("aftr.example.net")).toBe("aftr.example.net");
    expect(aftr()).toBeUndefined();
    expect(aftr("a", "b")).toBeUndefined();
  });
});

describe("classes and vendors", () => {
  test("come back", () => {
    const classes = [new TextEncoder().encode("one"), new Uint8Array(300)];
    expect(value(decodeUserClasses(userClassOption(classes).data))).toEqual(classes);
    const vendor = { enterprise: 40712, classes };
    expect(value(decodeVendorClass(vendorClassOption(vendor).data))).toEqual(vendor);
    const own = { enterprise: 3561, options: [{ code: 1, data: hex("61") }] };
    expect(value(decodeVendorOptions(vendorOptionsOption(own).data))).toEqual(own);
  });

  test("cut at every octet: accepted only between two fields", () => {
    const classes = [hex("61"), hex("6263")];
    const user = userClassOption(classes).data;
    expect(cutAtEveryByte(user, decodeUserClasses)).toEqual({ threw: [], accepted: [0, 3] });
    const vendor = vendorClassOption({ enterprise: 1, classes }).data;
    expect(cutAtEveryByte(vendor, decodeVendorClass)).toEqual({ threw: [], accepted: [4, 7] });
    const own = vendorOptionsOption({ enterprise: 1, options: [{ code: 1, data: hex("61") }] });
    expect(cutAtEveryByte(own.data, decodeVendorOptions)).toEqual({ threw: [], accepted: [4] });
  });
});

describe("plain options", () => {
  test("elapsed time counts hundredths and stops at the most there is", () => {
    const elapsed = (ms: number) => toHex(elapsedTimeOption(milliseconds(ms)).data);
    expect([elapsed(0), elapsed(1_239), elapsed(655_350), elapsed(9_999_999)]).toEqual([
      "0000",
      "007b",
      "ffff",
      "ffff",
    ]);
    expect(elapsedTimeOf(only(elapsedTimeOption(milliseconds(1_239))))).toBe(1_230);
  });

  test("codes asked for come in their order, an odd octet is left out", () => {
    expect(toHex(optionRequestOption([23, 256]).data)).toBe("00170100");
    expect(optionRequestOf(only({ code: OPTION.ORO, data: hex("0017 0100 05") }))).toEqual([
      23, 256,
    ]);
  });

  test("addresses, and a ragged rest", () => {
    const option = addressesOption(OPTION.SIP_SERVER_A, ["2001:db8::1" as Ipv6]);
    const ragged = { code: OPTION.SIP_SERVER_A, data: hex(`${toHex(option.data)} 2001`) };
    expect(addressesOf(only(ragged), OPTION.SIP_SERVER_A)).toEqual(["2001:db8::1"]);
  });

  test("a status speaks UTF-8, or is shown as it is", () => {
    expect(value(decodeStatusCode(hex("0001 c3a974c3a9")))).toEqual({ code: 1, message: "été" });
    expect(value(decodeStatusCode(hex("0001 e9")))).toEqual({ code: 1, message: "é" });
    expect(value(decodeStatusCode(hex("0002")))).toEqual({ code: 2, message: "" });
    expect(decodeStatusCode(hex("00")).ok).toBe(false);
  });

  test("a captive portal is a text, none where it is empty", () => {
    const uri = "https://portal.example.net/api";
    expect(captivePortalOf(only(textOption(OPTION.CAPTIVE_PORTAL, uri)))).toBe(uri);
    expect(captivePortalOf(only(textOption(OPTION.CAPTIVE_PORTAL, "")))).toBeUndefined();
  });

  test("authentication keeps what it is given", () => {
    const one = {
      protocol: 3,
      algorithm: 1,
      rdm: 0,
      replayDetection: hex("0000000000000007"),
      information: hex("01aa"),
    };
    const { data } = authenticationOption(one);
    expect(value(decodeAuthentication(data))).toEqual(one);
    expect(cutAtEveryByte(data, decodeAuthentication)).toEqual({ threw: [], accepted: [11, 12] });
  });
});

test("fuzz: no option decoder throws", () => {
  const delegated = cidr("2001:db8::/56");
  const decoders = [
    decodeAuthentication,
    decodeClientFqdn,
    decodeIaNa,
    decodeIaPd,
    decodeIaTa,
    decodeStatusCode,
    decodeUserClasses,
    decodeVendorClass,
    decodeVendorOptions,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decode of decoders) decode(bytes);
      decodePdExclude(bytes, delegated);
      const duid = decodeDuid(bytes);
      return !duid.ok || toHex(encodeDuid(duid.value)) === toHex(bytes);
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
