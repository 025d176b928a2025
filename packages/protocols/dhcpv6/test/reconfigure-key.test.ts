import { createHmac } from "node:crypto";
import { concatBytes, toHex } from "@passerelle/bytes";
import type { Mac } from "@passerelle/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hmacMd5 } from "../src/hmac-md5.ts";
import {
  authenticationOf,
  clientIdOption,
  type Dhcpv6Message,
  duidLl,
  encodeDhcpv6,
  isLater,
  MESSAGE_TYPE,
  OPTION,
  reconfigureKeyOf,
  reconfigureKeyOption,
  reconfigureMessageOf,
  reconfigureMessageOption,
  serverIdOption,
  signReconfigure,
  verifyReconfigure,
} from "../src/index.ts";
import { decoded, hex } from "./goldens.ts";

const key = hex("000102030405060708090a0b0c0d0e0f");
const replay = hex("0000000000000007");
const reconfigure: Dhcpv6Message = {
  msgType: MESSAGE_TYPE.RECONFIGURE,
  transactionId: 0,
  options: [
    serverIdOption(duidLl("02:00:00:00:53:01" as Mac)),
    clientIdOption(duidLl("02:00:00:00:00:0c" as Mac)),
    reconfigureMessageOption(MESSAGE_TYPE.RENEW),
  ],
};

describe("HMAC-MD5", () => {
  // source: RFC 2202 section 2, test cases 1 to 3 and 6.
  test.each([
    [
      "0b".repeat(16),
      toHex(new TextEncoder().encode("Hi There")),
      "9294727a3638bb1c13f48ef8158bfc9d",
    ],
    [
      toHex(new TextEncoder().encode("Jefe")),
      toHex(new TextEncoder().encode("what do ya want for nothing?")),
      "750c783e6ab0b503eaa86e310a5db738",
    ],
    ["aa".repeat(16), "dd".repeat(50), "56be34521d144c88dbb8c733f0e8b3f6"],
    [
      "aa".repeat(80),
      toHex(new TextEncoder().encode("Test Using Larger Than Block-Size Key - Hash Key First")),
      "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
    ],
  ])("key %s", (keyText, message, digest) => {
    expect(toHex(hmacMd5(hex(keyText), hex(message)))).toBe(digest);
  });

  test("is what Node's own says", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 200 }), (k, m) => {
        expect(toHex(hmacMd5(k, m))).toBe(createHmac("md5", k).update(m).digest("hex"));
      }),
    );
  });
});

describe("the reconfigure key (RFC 9915 section 20.4)", () => {
  test("is given in a Reply", () => {
    const reply: Dhcpv6Message = {
      msgType: MESSAGE_TYPE.REPLY,
      transactionId: 1,
      options: [reconfigureKeyOption(key, replay)],
    };
    const read = decoded(encodeDhcpv6(reply));
    expect(reconfigureKeyOf(read)).toEqual(key);
    expect(authenticationOf(read)).toMatchObject({ protocol: 3, algorithm: 1, rdm: 0 });
    expect(reconfigureKeyOf(reconfigure)).toBeUndefined();
    const twice = { ...reply, options: [...reply.options, ...reply.options] };
    expect(reconfigureKeyOf(twice)).toBeUndefined();
  });

  test("proves a Reconfigure: the digest is over the whole message, its own place zero", () => {
    const read = decoded(encodeDhcpv6(signReconfigure(reconfigure, key, replay)));
    expect(verifyReconfigure(read, key)).toEqual(replay);
    const head = encodeDhcpv6(reconfigure);
    const zeroed = concatBytes(
      head,
      hex("000b 001c 03 01 00 0000000000000007 02"),
      new Uint8Array(16),
    );
    const digest = createHmac("md5", key).update(zeroed).digest("hex");
    expect(toHex(authenticationOf(read)?.information ?? hex(""))).toBe(`02${digest}`);
    expect(reconfigureMessageOf(read)).toBe(MESSAGE_TYPE.RENEW);
  });

  test("an octet changed anywhere, another key, no proof or two of them prove nothing", () => {
    const signed = signReconfigure(reconfigure, key, replay);
    const bytes = encodeDhcpv6(signed);
    for (let at = 1; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      let proof: Uint8Array | undefined;
      try {
        proof = verifyReconfigure(decoded(changed), key);
      } catch {
        continue;
      }
      expect(proof, `octet ${at}`).toBeUndefined();
    }
    expect(
      verifyReconfigure(
        signed,
        key.map((octet) => octet ^ 1),
      ),
    ).toBeUndefined();
    expect(verifyReconfigure(reconfigure, key)).toBeUndefined();
    const [proof] = signed.options.filter(({ code }) => code === OPTION.AUTH);
    const twice = {
      ...signed,
      options: [...signed.options, ...(proof === undefined ? [] : [proof])],
    };
    expect(verifyReconfigure(twice, key)).toBeUndefined();
  });

  test("signing again replaces the proof", () => {
    const again = signReconfigure(
      signReconfigure(reconfigure, key, replay),
      key,
      hex("00".repeat(8)),
    );
    expect(again.options).toHaveLength(4);
    expect(verifyReconfigure(again, key)).toEqual(hex("00".repeat(8)));
  });

  test("an old replay detection is not later", () => {
    expect(isLater(hex("0000000000000008"), replay)).toBe(true);
    expect(isLater(hex("0100000000000000"), replay)).toBe(true);
    expect(isLater(replay, replay)).toBe(false);
    expect(isLater(hex("0000000000000006"), replay)).toBe(false);
    expect(isLater(replay, hex("0100000000000000"))).toBe(false);
  });

  test("only Renew, Rebind and Information-request can be asked for", () => {
    const asked = (octet: number) =>
      reconfigureMessageOf({
        ...reconfigure,
        options: [{ code: OPTION.RECONF_MSG, data: Uint8Array.of(octet) }],
      });
    expect([4, 5, 6, 7, 11, 12].map(asked)).toEqual([undefined, 5, 6, undefined, 11, undefined]);
  });
});
