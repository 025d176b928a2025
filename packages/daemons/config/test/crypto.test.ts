import { describe, expect, test } from "vitest";
import { drawToken, hmac, openSecrets, sealSecrets, sha256 } from "../src/edge/crypto.ts";

test("sha256 is that of FIPS 180-4", () => {
  // source: NIST, SHA-256 example "abc"
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("hmac is that of RFC 2104 with SHA-256", () => {
  // source: RFC 4231 section 4.3, test case 2
  expect(hmac(Buffer.from("Jefe"), "what do ya want for nothing?")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("a token has 160 bits, and what is kept of it does not tell it", () => {
  const { text, hash } = drawToken((length) => new Uint8Array(length).fill(7));
  expect(text).toBe("07".repeat(20));
  expect(hash).toBe(sha256(text));
});

describe("sealed secrets", () => {
  test("open with the passphrase, however it was typed, and with no other", async () => {
    const sealed = await sealSecrets("secret", "caf\u00e9 au lait");
    expect(await openSecrets(sealed, "cafe\u0301 au lait")).toEqual({ ok: true, value: "secret" });
    expect(await openSecrets(sealed, "cafe au lait")).toMatchObject({ ok: false });
    expect(JSON.stringify(sealed)).not.toContain('secret"');
  });

  test("are new each time", async () => {
    const [one, two] = [await sealSecrets("s", "passphrase"), await sealSecrets("s", "passphrase")];
    expect(one.salt).not.toBe(two.salt);
    expect(one.iv).not.toBe(two.iv);
  });

  test("do not open after any change, nor with a shortened tag", async () => {
    const sealed = await sealSecrets("secret", "passphrase");
    const flip = (text: string) => {
      const bytes = Buffer.from(text, "base64");
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString("base64");
    };
    for (const key of ["data", "tag", "iv", "salt"] as const) {
      const changed = { ...sealed, [key]: flip(sealed[key]) };
      expect(await openSecrets(changed, "passphrase")).toMatchObject({ ok: false });
    }
    const short = Buffer.from(sealed.tag, "base64").subarray(0, 12).toString("base64");
    expect(await openSecrets({ ...sealed, tag: short }, "passphrase")).toMatchObject({ ok: false });
    expect(await openSecrets({ ...sealed, iv: "" }, "passphrase")).toMatchObject({ ok: false });
  });
});
