import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "@passerelle/bytes";
import { cutAtEveryByte, fuzzMilliseconds } from "@passerelle/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DnsMessage, decodeMessage, encodeMessage, scanMessage } from "../src/index.ts";
import { message } from "./arbitrary.ts";

const folder = join(import.meta.dirname, "golden");

export function golden(name: string): Uint8Array {
  const text = readFileSync(join(folder, name), "utf8");
  const bytes = fromHex(text.replace(/^#.*$/gm, ""));
  if (bytes === undefined || !text.startsWith("# ")) throw new Error(`golden ${name}`);
  return bytes;
}

const messages = readdirSync(folder).filter((n) => /^(rfc1035|unbound).*\.hex$/.test(n));

describe.each(messages)("%s", (name) => {
  const bytes = golden(name);

  test("says what it says", async () => {
    const decoded = decodeMessage(bytes);
    expect(decoded.ok).toBe(true);
    await expect(readable(decoded)).toMatchFileSnapshot(`golden/read/${name}.json`);
  });

  test("comes back from its own meaning", () => {
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) throw new Error(decoded.error.code);
    expect(decodeMessage(encodeMessage(decoded.value))).toEqual(decoded);
  });

  test("is refused when cut, without a throw", () => {
    expect(cutAtEveryByte(bytes, decodeMessage)).toEqual({ threw: [], accepted: [] });
  });
});

test("the encoder compresses as RFC 1035 draws it", () => {
  const bytes = golden("rfc1035-compression.hex");
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) throw new Error(decoded.error.code);
  expect(toHex(encodeMessage(decoded.value))).toBe(toHex(bytes));
});

test("what is encoded is decoded, in every field", () => {
  fc.assert(
    fc.property(message, (m) => {
      expect(decodeMessage(encodeMessage(m))).toEqual({ ok: true, value: m });
    }),
    { numRuns: 300 },
  );
});

test("any octets give a result, never a throw; what is accepted survives a second round", () => {
  const end = performance.now() + fuzzMilliseconds();
  const seed = fc.sample(message, 50).map((m) => encodeMessage(m));
  for (let round = 0; performance.now() < end; round += 1) {
    const bytes = mutate(seed[round % seed.length] ?? new Uint8Array(0));
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) {
      expect(decoded.error.at).toBeLessThanOrEqual(bytes.length);
      continue;
    }
    expect(scanMessage(bytes).ok).toBe(true);
    expect(decodeMessage(encodeMessage(decoded.value))).toEqual(decoded);
  }
});

describe("an answer that does not fit", () => {
  const big: DnsMessage = {
    header: {
      id: 7,
      response: true,
      opcode: 0,
      authoritative: false,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: true,
      authenticData: false,
      checkingDisabled: false,
      rcode: 0,
    },
    questions: [{ name: "example.com", type: 16, class: 1 }],
    answers: Array.from({ length: 4 }, () => ({
      name: "example.com",
      type: 16,
      class: 1,
      ttlSeconds: 60,
      data: { kind: "txt", strings: [new Uint8Array(200)] } as const,
    })),
    authorities: [],
    additionals: [],
  };

  test("is cut to the question and says TC", () => {
    const cut = decodeMessage(encodeMessage(big, { bytesMax: 512 }));
    expect(cut).toMatchObject({ ok: true, value: { header: { truncated: true }, answers: [] } });
  });

  test("loses additional records first, without TC", () => {
    const bytes = encodeMessage(
      { ...big, answers: big.answers.slice(0, 1), additionals: big.answers },
      { bytesMax: 512 },
    );
    expect(decodeMessage(bytes)).toMatchObject({
      ok: true,
      value: { header: { truncated: false }, answers: [{}], additionals: [] },
    });
  });
});

test("a message of 65 535 counted records is refused at once", () => {
  const bytes = new Uint8Array(65_535).fill(0);
  bytes.set([0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  expect(decodeMessage(bytes)).toEqual({ ok: false, error: { code: "records_too_many", at: 4 } });
});

test("a second OPT, or one outside the additional section, is an error (RFC 6891 section 6.1.1)", () => {
  const header = (an: number, ar: number) => `0001 8000 0000 000${an} 0000 000${ar} `;
  const opt = "00 0029 04d0 00000000 0000 ";
  const decode = (hex: string) => decodeMessage(fromHex(hex) ?? new Uint8Array(0));
  expect(decode(header(0, 1) + opt)).toMatchObject({
    ok: true,
    value: { edns: { udpBytes: 1232 } },
  });
  expect(decode(header(0, 2) + opt + opt)).toMatchObject({ error: { code: "opt_misplaced" } });
  expect(decode(header(1, 0) + opt)).toMatchObject({ error: { code: "opt_misplaced" } });
});

function mutate(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(
    0,
    Math.random() < 0.3 ? Math.floor(Math.random() * bytes.length) : undefined,
  );
  for (let n = Math.floor(Math.random() * 6); n > 0; n -= 1) {
    copy[Math.floor(Math.random() * copy.length)] =
      Math.random() < 0.3 ? 0xc0 : Math.floor(Math.random() * 256);
  }
  return copy;
}

function readable(value: unknown): string {
  return `${JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v), 1)}\n`;
}
