import { concatBytes } from "@passerelle/bytes";
import { md5 } from "@passerelle/chap";

const BLOCK_LENGTH = 64;

/** HMAC with MD5 (RFC 2104). For the reconfigure key protocol alone; nothing new may use it. */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_LENGTH);
  block.set(key.length > BLOCK_LENGTH ? md5(key) : key);
  const inner = md5(
    concatBytes(
      block.map((octet) => octet ^ 0x36),
      message,
    ),
  );
  return md5(
    concatBytes(
      block.map((octet) => octet ^ 0x5c),
      inner,
    ),
  );
}
