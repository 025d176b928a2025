import { ByteWriter, bytesEqual } from "@passerelle/bytes";
import { type Mac, macBytes, macFromBytes } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** EtherType under which a magic packet is sent without IP. */
export const ETHERTYPE_WAKE_ON_LAN = 0x0842;

/** Port of UDP ("discard") to which it is sent besides: it wakes cards that look into broadcasts of IP only. */
export const WAKE_ON_LAN_PORT = 9;

/**
 * What wakes a sleeping machine: six octets of ones, then its hardware address sixteen times (AMD
 * publication 20213, "Magic Packet Technology", section 2.1). Cards look for it anywhere in a frame.
 */
export function encodeMagicPacket(mac: Mac): Uint8Array {
  const writer = new ByteWriter(SYNC_BYTES + REPEATS * MAC_BYTES);
  for (let i = 0; i < SYNC_BYTES; i += 1) writer.uint8(0xff);
  const address = macBytes(mac);
  for (let i = 0; i < REPEATS; i += 1) writer.put(address);
  return writer.finish();
}

/** Whom a magic packet at the start of `bytes` wakes; a password after it is not looked at. */
export function decodeMagicPacket(bytes: Uint8Array): Result<Mac, DecodeError> {
  const length = SYNC_BYTES + REPEATS * MAC_BYTES;
  if (!(bytes.length >= length)) return err({ code: "magic_truncated", at: bytes.length });
  for (let at = 0; at < SYNC_BYTES; at += 1) {
    if (bytes[at] !== 0xff) return err({ code: "magic_synchronisation", at });
  }
  const mac = macFromBytes(bytes, SYNC_BYTES);
  if (mac === undefined) return err({ code: "magic_truncated", at: bytes.length });
  const first = macBytes(mac);
  for (let at = SYNC_BYTES; at < length; at += MAC_BYTES) {
    if (!bytesEqual(bytes.subarray(at, at + MAC_BYTES), first)) {
      return err({ code: "magic_repetition", at });
    }
  }
  return ok(mac);
}

const SYNC_BYTES = 6;
const REPEATS = 16;
const MAC_BYTES = 6;
