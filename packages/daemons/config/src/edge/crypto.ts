import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  type ScryptOptions,
  scrypt,
} from "node:crypto";
import { err, ok, type Result } from "@passerelle/result";
import type { SealedSecrets } from "../core/backup.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** HMAC-SHA-256 (RFC 2104) as hexadecimal. */
export function hmac(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}

/** A one-time token of 160 bits; what is kept of it is its hash. */
export function drawToken(draw: (length: number) => Uint8Array): {
  readonly text: string;
  readonly hash: string;
} {
  const text = Buffer.from(draw(TOKEN_OCTETS)).toString("hex");
  return { text, hash: sha256(text) };
}

/** Encrypts the secrets of a backup: scrypt (RFC 7914) makes the key, AES-256-GCM (NIST SP 800-38D) keeps it closed. */
export async function sealSecrets(plain: string, passphrase: string): Promise<SealedSecrets> {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const key = await deriveKey(passphrase, salt, COST_EXPONENT);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(ASSOCIATED_DATA);
  const data = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return {
    kdf: "scrypt",
    costExponent: COST_EXPONENT,
    salt: salt.toString("base64"),
    cipher: "aes-256-gcm",
    iv: iv.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  };
}

export async function openSecrets(
  sealed: SealedSecrets,
  passphrase: string,
): Promise<Result<string, "wrong_passphrase">> {
  const key = await deriveKey(passphrase, Buffer.from(sealed.salt, "base64"), sealed.costExponent);
  try {
    const iv = Buffer.from(sealed.iv, "base64");
    const tag = Buffer.from(sealed.tag, "base64");
    // The length is given so that a shortened tag, which is easier to forge, is refused.
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: 16 })
      .setAAD(ASSOCIATED_DATA)
      .setAuthTag(tag);
    const plain = Buffer.concat([
      decipher.update(Buffer.from(sealed.data, "base64")),
      decipher.final(),
    ]);
    return ok(plain.toString("utf8"));
  } catch {
    // GCM does not say whether the key or the data is wrong, and neither do we.
    return err("wrong_passphrase");
  }
}

function deriveKey(passphrase: string, salt: Uint8Array, costExponent: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** costExponent, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
  // NFKC: the same passphrase typed on two keyboards gives the same octets.
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

const TOKEN_OCTETS = 20;
/** 32 MiB and about 0.1 s on a desktop, about a second on a small board. */
const COST_EXPONENT = 15;
const ASSOCIATED_DATA = Buffer.from("passerelle-config 1 secrets", "ascii");
