import { argon2, createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What the door draws, hashes and compares. */

/** 256 bits, hexadecimal. */
export function drawToken(): string {
  return randomBytes(32).toString("hex");
}

/** 128 bits: to be named by, not to be kept secret for. */
export function drawId(): string {
  return randomBytes(16).toString("hex");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** In a time that says nothing about where two texts differ. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** HMAC-SHA-256 (RFC 2104) of the challenge under the secret, both as the texts that were answered. */
export function isProof(secret: string, challenge: string, proof: string): boolean {
  const right = createHmac("sha256", Buffer.from(secret, "utf8"))
    .update(challenge, "utf8")
    .digest("hex");
  return isSameText(right, proof);
}

/** The password as PHC string; takes 19 MiB and about a tenth of a second, on a thread of the pool. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await argon2id(password, salt, COST);
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=1$${plain(salt)}$${plain(hash)}`;
}

/** False too for what is no hash of ours. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const match = PHC.exec(stored);
  if (match === null) return false;
  const [, memory, passes, salt = "", expected = ""] = match;
  const cost = { memory: Number(memory), passes: Number(passes) };
  if (cost.memory > COST_MAX.memory || cost.passes > COST_MAX.passes) return false;
  const hash = await argon2id(password, Buffer.from(salt, "base64"), cost);
  const right = Buffer.from(expected, "base64");
  return hash.length === right.length && timingSafeEqual(hash, right);
}

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

function argon2id(password: string, salt: Uint8Array, { memory, passes }: Cost): Promise<Buffer> {
  // NFKC: the same password typed on two keyboards gives the same octets.
  const message = Buffer.from(password.normalize("NFKC"), "utf8");
  return new Promise((resolve, reject) => {
    argon2(
      "argon2id",
      { message, nonce: salt, parallelism: 1, tagLength: 32, memory, passes },
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}

function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** The floor of OWASP's password storage cheat sheet. */
const COST: Cost = { memory: 19_456, passes: 2 };
/** A hash of a later release may cost more, but not the whole box. */
const COST_MAX: Cost = { memory: 65_536, passes: 8 };
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;
