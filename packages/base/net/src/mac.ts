declare const macBrand: unique symbol;

/** A 48-bit hardware address as lower-case text, "00:11:22:33:44:55": comparable, a map key, readable in a log. */
export type Mac = string & { readonly [macBrand]: true };

export const MAC_BROADCAST = "ff:ff:ff:ff:ff:ff" as Mac;
export const MAC_ZERO = "00:00:00:00:00:00" as Mac;

/** Accepts colons or hyphens between the six octets, any case. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return text.toLowerCase().replaceAll("-", ":") as Mac;
}

export function macBytes(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(6);
  for (let i = 0; i < 6; i += 1) bytes[i] = Number.parseInt(mac.slice(i * 3, i * 3 + 2), 16);
  return bytes;
}

export function macFromBytes(bytes: Uint8Array, at = 0): Mac | undefined {
  if (!(at >= 0 && at + 6 <= bytes.length)) return undefined;
  let text = "";
  for (let i = 0; i < 6; i += 1) {
    text += `${i === 0 ? "" : ":"}${(bytes[at + i] ?? 0).toString(16).padStart(2, "0")}`;
  }
  return text as Mac;
}

/** Set for addresses that a device made up itself, e.g. a telephone's private Wi-Fi address (IEEE 802-2014 8.2). */
export function isLocallyAdministered(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0;
}

export function isMulticastMac(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0x01) !== 0;
}
