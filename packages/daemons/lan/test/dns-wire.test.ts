import { encodeMessage, type ResourceRecord, scanMessage } from "@passerelle/dns";
import { ipv4 } from "@passerelle/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keepingOf } from "../src/core/dns/cache-policy.ts";
import { readIncoming } from "../src/core/dns/incoming.ts";
import { judgeReply } from "../src/core/dns/upstream-reply.ts";
import { header, queryBytes, questionOf } from "./dns-messages.ts";

describe("what a client sends", () => {
  const good = queryBytes("www.example.com", 1, { edns: 4096 });
  const patched = (at: number, ...octets: number[]) => {
    const bytes = good.slice();
    bytes.set(octets, at);
    return readIncoming(bytes);
  };

  test("an ordinary query is read", () => {
    expect(readIncoming(good)).toMatchObject({
      kind: "query",
      query: { name: "www.example.com", type: 1, edns: { udpBytes: 4096 } },
    });
  });

  test.each([
    ["a response", () => patched(2, 0x81), { kind: "drop" }],
    ["no header", () => readIncoming(good.slice(0, 11)), { kind: "drop" }],
    ["UPDATE", () => patched(2, 0x28), { kind: "error", rcode: 4 }],
    ["no question", () => patched(5, 0), { kind: "error", rcode: 1 }],
    ["two questions", () => patched(5, 2), { kind: "error", rcode: 1 }],
    ["TC", () => patched(2, 0x03), { kind: "error", rcode: 1 }],
    ["a compressed question", () => patched(12, 0xc0, 0x0c), { kind: "error", rcode: 1 }],
    ["octets left", () => readIncoming(Uint8Array.of(...good, 0)), { kind: "error", rcode: 1 }],
    ["EDNS version 1", () => patched(good.length - 5, 1), { kind: "error", rcode: 16, edns: true }],
    [
      "an option cut",
      () => readIncoming(Uint8Array.of(...good.slice(0, -1), 2, 0, 3)),
      { kind: "error", rcode: 1, edns: true },
    ],
  ])("%s", (_, incoming, expected) => {
    expect(incoming()).toMatchObject(expected);
  });

  test("any octets, and any cut, give a decision without a throw", () => {
    for (let n = 0; n < good.length; n += 1)
      expect(readIncoming(good.slice(0, n)).kind).not.toBe("query");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void readIncoming(bytes)),
      { numRuns: 1000 },
    );
  });
});

describe("what an upstream says", () => {
  const question = questionOf("WwW.eXample.com", 1);
  const base = (over = {}) => ({
    header: { ...header, response: true, ...over },
    questions: [{ name: "WwW.eXample.com", type: 1, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  });
  const say = (message: object) =>
    judgeReply(encodeMessage({ ...base(), ...message } as never), question, true);

  test.each([
    ["an answer", {}, { kind: "answer" }],
    [
      "another name",
      { questions: [{ name: "www.examplf.com", type: 1, class: 1 }] },
      { kind: "ignore" },
    ],
    [
      "another type",
      { questions: [{ name: "WwW.eXample.com", type: 28, class: 1 }] },
      { kind: "ignore" },
    ],
    [
      "another case",
      { questions: [{ name: "www.example.com", type: 1, class: 1 }] },
      { kind: "case_differs" },
    ],
    ["no question", { questions: [] }, { kind: "ignore" }],
    [
      "no question and REFUSED",
      { ...base({ rcode: 5 }), questions: [] },
      { kind: "bad_rcode", rcode: 5 },
    ],
    [
      "two questions",
      { questions: [base().questions[0], base().questions[0]] },
      { kind: "ignore" },
    ],
    ["a query", base({ response: false }), { kind: "ignore" }],
    ["an UPDATE", base({ opcode: 5 }), { kind: "ignore" }],
    ["TC", base({ truncated: true }), { kind: "truncated" }],
    ["SERVFAIL", base({ rcode: 2 }), { kind: "bad_rcode", rcode: 2 }],
    ["NXDOMAIN", base({ rcode: 3 }), { kind: "answer" }],
    [
      "BADVERS",
      {
        edns: {
          udpBytes: 512,
          extendedRcode: 1,
          version: 0,
          dnssecOk: false,
          flags: 0,
          options: [],
        },
      },
      { kind: "bad_rcode", rcode: 16 },
    ],
  ])("%s", (_, message, expected) => {
    expect(say(message)).toMatchObject(expected);
  });

  test("a broken record is ignored, since the true answer may follow", () => {
    const bytes = encodeMessage(base() as never);
    bytes[7] = 1;
    expect(judgeReply(bytes, question, true)).toMatchObject({ kind: "ignore", why: "record_name" });
  });
});

describe("how long an answer is kept", () => {
  const soa = {
    name: "e",
    type: 6,
    class: 1,
    ttlSeconds: 900,
    data: {
      kind: "soa",
      mname: "e",
      rname: "e",
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: 300,
    },
  } as const;
  const a = (ttlSeconds: number): ResourceRecord => ({
    name: "e",
    type: 1,
    class: 1,
    ttlSeconds,
    data: { kind: "a", address: ipv4(1) },
  });
  const cname: ResourceRecord = {
    name: "e",
    type: 5,
    class: 1,
    ttlSeconds: 50,
    data: { kind: "name", target: "f" },
  };
  const keep = (
    rcode: number,
    answers: readonly ResourceRecord[],
    authorities: readonly ResourceRecord[] = [],
    truncated = false,
  ) => {
    const bytes = encodeMessage({
      header: { ...header, response: true, rcode, truncated },
      questions: [{ name: "e", type: 1, class: 1 }],
      answers,
      authorities,
      additionals: [],
    });
    const scan = scanMessage(bytes);
    if (!scan.ok) throw new Error(scan.error.code);
    return keepingOf(bytes, scan.value);
  };

  test.each([
    ["the least TTL", keep(0, [a(70), a(60)]), 60, true],
    ["a day at most", keep(0, [a(9_999_999)]), 86_400, true],
    ["TTL 0 not", keep(0, [a(0)]), 0, true],
    ["NXDOMAIN by the SOA's minimum (RFC 2308)", keep(3, [], [soa]), 300, true],
    ["NODATA likewise", keep(0, [], [soa]), 300, true],
    ["NODATA behind a CNAME by the CNAME", keep(0, [cname], [soa]), 50, true],
    [
      "a negative for an hour at most",
      keep(3, [], [{ ...soa, ttlSeconds: 99_999, data: { ...soa.data, minimum: 99_999 } }]),
      3600,
      true,
    ],
    ["a negative without SOA not", keep(3, []), 0, false],
    ["SERVFAIL for a moment", keep(2, []), 5, false],
    ["a cut answer not", keep(0, [a(60)], [], true), 0, false],
  ])("%s", (_, keeping, ttlSeconds, staleAllowed) => {
    expect(keeping).toEqual({ ttlSeconds, staleAllowed });
  });
});
