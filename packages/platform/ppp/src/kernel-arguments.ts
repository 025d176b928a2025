import { type Mac, macBytes } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import { AF_PPPOX, IFNAMSIZ, IFREQ_BYTES, SOCKADDR_PPPOX_BYTES } from "./kernel-numbers.ts";

// Arguments of system calls as octets; numbers in the order of the machine (little-endian on x64 and arm64).

/** struct sockaddr_pppox of a session. */
export function sessionAddress(sessionId: number, peer: Mac, lower: string): Uint8Array {
  invariant(sessionId >= 1 && sessionId <= 0xfffe, "a session has a number of 1 to 65534");
  const bytes = new Uint8Array(SOCKADDR_PPPOX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PPPOX, true);
  view.setUint16(6, sessionId);
  bytes.set(macBytes(peer), 8);
  bytes.set(nameBytes(lower), 14);
  return bytes;
}

/** struct ifreq with a name, and a new name or a number. */
export function interfaceRequest(name: string, value: string | number): Uint8Array {
  const bytes = new Uint8Array(IFREQ_BYTES);
  bytes.set(nameBytes(name));
  if (typeof value === "string") bytes.set(nameBytes(value), IFNAMSIZ);
  else new DataView(bytes.buffer).setInt32(IFNAMSIZ, value, true);
  return bytes;
}

export function int32s(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

export function isInterfaceName(name: string): boolean {
  // The kernel's own rule, without what is ours to avoid: anything that is no plain ASCII.
  return /^[!-~]{1,15}$/.test(name) && !/[/:]/.test(name) && name !== "." && name !== "..";
}

export function nameBytes(name: string): Uint8Array {
  invariant(isInterfaceName(name), "a name of an interface is 1 to 15 plain octets");
  return new TextEncoder().encode(name);
}
