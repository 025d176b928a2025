import { concatBytes, latin1Text, toHex } from "@passerelle/bytes";
import { orangeAuthentication } from "@passerelle/chap";
import type { Mac } from "@passerelle/net";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import { milliseconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aftrNameOf,
  clientFqdnOf,
  clientIdOf,
  clientIdOption,
  type Dhcpv6Message,
  decodeDhcpv6,
  decodeRelayed,
  dnsServersOf,
  domainSearchOf,
  duidLl,
  elapsedTimeOf,
  encodeDhcpv6,
  formatDuid,
  iaNasOf,
  iaPdOption,
  iaPdsOf,
  iaTasOf,
  infMaxRtSecondsOf,
  informationRefreshSecondsOf,
  MESSAGE_LENGTH_MAX,
  MESSAGE_TYPE,
  numberOf,
  OPTION,
  optionRequestOf,
  optionRequestOption,
  preferenceOf,
  STATUS,
  serverIdOf,
  solMaxRtSecondsOf,
  statusOf,
  userClassesOf,
  userClassOption,
  vendorClassesOf,
  vendorClassOption,
  vendorOptionsOf,
  vendorOptionsOption,
} from "../src/index.ts";
import { decoded, GOLDENS, golden, hex } from "./goldens.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const seconds = (n: number) => milliseconds(n * 1000);

describe("captured messages", () => {
  test("dhclient asks for an address and a prefix", () => {
    const solicit = decoded(golden("solicit-dhclient.hex"));
    expect(solicit.msgType).toBe(MESSAGE_TYPE.SOLICIT);
    expect(solicit.transactionId).toBe(0x0f1d96);
    expect(formatDuid(clientIdOf(solicit) ?? hex(""))).toBe(
      "00:01:00:01:32:9f:5b:34:02:00:00:00:00:0c",
    );
    expect(optionRequestOf(solicit)).toEqual([23, 24, 39, 31]);
    expect(elapsedTimeOf(solicit)).toBe(seconds(0));
    expect(iaNasOf(solicit)).toMatchObject([{ iaid: 12, t1: 3600, t2: 5400, addresses: [] }]);
    expect(iaPdsOf(solicit)).toMatchObject([{ iaid: 12, prefixes: [] }]);
  });

  test("Kea gives an address, a prefix and the rest", () => {
    const reply = decoded(golden("reply-kea.hex"));
    expect(reply.msgType).toBe(MESSAGE_TYPE.REPLY);
    expect(serverIdOf(reply)).toEqual(duidLl("02:00:00:00:53:01" as Mac));
    expect(statusOf(reply).code).toBe(STATUS.Success);
    expect(iaNasOf(reply)).toMatchObject([
      {
        iaid: 1,
        t1: 900,
        t2: 1440,
        status: { code: STATUS.Success },
        addresses: [
          { address: "2001:db8:0:1::1001", preferredLifetime: 1800, validLifetime: 3600 },
        ],
      },
    ]);
    expect(iaPdsOf(reply)).toMatchObject([
      {
        iaid: 2,
        prefixes: [
          {
            prefix: { address: "2001:db8:8000:100::", prefixLength: 56 },
            excluded: undefined,
            preferredLifetime: 1800,
            validLifetime: 3600,
          },
        ],
      },
    ]);
    expect(dnsServersOf(reply)).toEqual(["2001:db8::53", "2001:db8::54"]);
    expect(domainSearchOf(reply)).toEqual(["home.arpa", "example.net"]);
    expect(aftrNameOf(reply)).toBe("aftr.example.net");
    expect(solMaxRtSecondsOf(reply)).toBe(7200);
    expect(infMaxRtSecondsOf(reply)).toBe(7200);
    expect(preferenceOf(reply)).toBe(0);
  });

  test("dhcpcd says how long a prefix it would like, and who it is", () => {
    const solicit = decoded(golden("solicit-dhcpcd.hex"));
    expect(iaPdsOf(solicit)[0]?.prefixes).toMatchObject([
      { prefix: { address: "::", prefixLength: 56 } },
    ]);
    const [vendor] = vendorClassesOf(solicit);
    expect(vendor?.enterprise).toBe(40712);
    expect(latin1Text(vendor?.classes[0] ?? hex(""))).toMatch(/^dhcpcd-9\.4\.1:/);
  });

  test("what is not in a message is absent", () => {
    const solicit = decoded(golden("information-request-dhclient.hex"));
    expect(serverIdOf(solicit)).toBeUndefined();
    expect([iaNasOf(solicit), iaPdsOf(solicit), iaTasOf(solicit)]).toEqual([[], [], []]);
    expect(dnsServersOf(solicit)).toEqual([]);
    expect(domainSearchOf(solicit)).toBeUndefined();
    expect(clientFqdnOf(solicit)).toBeUndefined();
    expect(informationRefreshSecondsOf(solicit)).toBe(86_400);
    expect(solMaxRtSecondsOf(solicit)).toBeUndefined();
  });

  test.each(GOLDENS)("%s: the same octets come back", (name) => {
    expect(toHex(encodeDhcpv6(decoded(golden(name))))).toBe(toHex(golden(name)));
  });

  test.each(GOLDENS)("%s: cut at every octet, accepted only between two options", (name) => {
    const bytes = golden(name);
    const { options } = decoded(bytes);
    const ends = options.map((_, i) =>
      options.slice(0, i).reduce((sum, { data }) => sum + 4 + data.length, 4),
    );
    expect(cutAtEveryByte(bytes, decodeDhcpv6)).toEqual({ threw: [], accepted: ends });
  });
});

describe("Orange's Solicit", () => {
  const authentication = orangeAuthentication({
    login: "fti/xxxxxxx",
    password: "xxxxxxx",
    challenge: ascii("4682b8985d10791c"),
    identifier: 0x34,
  });
  const solicit: Dhcpv6Message = {
    msgType: MESSAGE_TYPE.SOLICIT,
    transactionId: 0x123456,
    options: [
      clientIdOption(duidLl("02:00:00:00:00:01" as Mac)),
      optionRequestOption([
        OPTION.AUTH,
        OPTION.VENDOR_OPTS,
        OPTION.DNS_SERVERS,
        OPTION.DOMAIN_LIST,
      ]),
      { code: OPTION.AUTH, data: authentication },
      userClassOption([ascii("FSVDSL_livebox.Internet.softathome.Livebox6")]),
      vendorClassOption({ enterprise: 1038, classes: [ascii("sagem")] }),
      vendorOptionsOption({
        enterprise: 1368,
        options: [{ code: 6, data: ascii("IPV6_REQUESTED") }],
      }),
      iaPdOption({ iaid: 1 }),
    ],
  };
  test("is written to the octet", () => {
    expect(toHex(encodeDhcpv6(solicit))).toBe(toHex(golden("solicit-orange.hex")));
  });

  test("is read by the same names", () => {
    const read = decoded(golden("solicit-orange.hex"));
    expect(read.options.map(({ code }) => code)).toEqual([1, 6, 11, 15, 16, 17, 25]);
    expect(userClassesOf(read)?.map(latin1Text)).toEqual([
      "FSVDSL_livebox.Internet.softathome.Livebox6",
    ]);
    expect(vendorOptionsOf(read)).toEqual([
      { enterprise: 1368, options: [{ code: 6, data: ascii("IPV6_REQUESTED") }] },
    ]);
  });

  test("a class whose length is wrong, as SFR wants it, goes out as it is given and reads as none", () => {
    const data = concatBytes(hex("0000a00c 0040"), ascii("neufbox_NB6VAC-FXC"));
    const bytes = encodeDhcpv6({ ...solicit, options: [{ code: OPTION.VENDOR_CLASS, data }] });
    expect(toHex(bytes)).toContain("001000180000a00c0040");
    expect(vendorClassesOf(decoded(bytes))).toEqual([]);
  });
});

describe("decode", () => {
  test.each([
    ["nothing", "", "message_truncated", 0],
    ["half a header", "01 1234", "message_truncated", 2],
    ["no type", "00 123456", "message_type", 0],
    ["a relay agent's", `0c 00 ${"00".repeat(32)}`, "message_type", 0],
    ["a type of later", "0e 123456", "message_type", 0],
    ["an option without a length", "01 123456 0001 00", "option_overruns", 4],
    ["an option that overruns", "01 123456 000e 0000 0001 0002 61", "option_overruns", 8],
  ])("%s is refused", (_, text, code, at) => {
    expect(decodeDhcpv6(hex(text))).toEqual({ ok: false, error: { code, at } });
  });

  test("a message that is too long is refused before it is read", () => {
    const bytes = new Uint8Array(MESSAGE_LENGTH_MAX + 1);
    expect(decodeDhcpv6(bytes)).toMatchObject({ error: { code: "message_too_long" } });
    expect(decodeRelayed(bytes)).toMatchObject({ error: { code: "message_too_long" } });
  });

  test("numbers of another length are absent, and values out of bounds are the default", () => {
    const message = (options: string) => decoded(hex(`07 000001 ${options}`));
    expect(numberOf(message("0007 0002 0001"), OPTION.PREFERENCE, 1)).toBeUndefined();
    expect(preferenceOf(message("0007 0001 ff"))).toBe(255);
    for (const [value, kept] of [
      [59, undefined],
      [60, 60],
      [86_400, 86_400],
      [86_401, undefined],
    ] as const) {
      const option = `0052 0004 ${value.toString(16).padStart(8, "0")}`;
      expect(solMaxRtSecondsOf(message(option))).toBe(kept);
      expect(infMaxRtSecondsOf(message(option.replace("0052", "0053")))).toBe(kept);
    }
    expect(informationRefreshSecondsOf(message("0020 0004 00000001"))).toBe(600);
    expect(informationRefreshSecondsOf(message("0020 0004 ffffffff"))).toBe(0xffff_ffff);
  });

  test("our own mistakes throw", () => {
    const one = { msgType: MESSAGE_TYPE.SOLICIT, transactionId: 1, options: [] };
    expect(() => encodeDhcpv6({ ...one, transactionId: 0x100_0000 })).toThrow("24 bits");
    const options = [{ code: 0x1_0000, data: hex("") }];
    expect(() => encodeDhcpv6({ ...one, options })).toThrow("sixteen bits");
  });
});

test("every message comes back", () => {
  const option = fc.record({
    code: fc.integer({ min: 0, max: 0xffff }),
    data: fc.uint8Array({ maxLength: 40 }),
  });
  const message = fc.record({
    msgType: fc.constantFrom(...Object.values(MESSAGE_TYPE)),
    transactionId: fc.integer({ min: 0, max: 0xff_ffff }),
    options: fc.array(option, { maxLength: 12 }),
  });
  fc.assert(
    fc.property(message, (one) => {
      expect(decoded(encodeDhcpv6(one))).toEqual(one);
    }),
  );
});

test("fuzz: octets that read are written back the same, and nothing throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const read = decodeDhcpv6(bytes);
      decodeRelayed(bytes);
      return !read.ok || toHex(encodeDhcpv6(read.value)) === toHex(bytes);
    }),
    { numRuns: 10_000_000, interruptAfterTimeLimit: fuzzMilliseconds() },
  );
});
