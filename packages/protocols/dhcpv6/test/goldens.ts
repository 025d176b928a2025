import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";
import { type Dhcpv6Message, decodeDhcpv6 } from "../src/index.ts";

const FOLDER = join(import.meta.dirname, "golden");

export const GOLDENS = readdirSync(FOLDER);

export function golden(name: string): Uint8Array {
  return hex(readFileSync(join(FOLDER, name), "utf8").replace(/^#.*$/gm, ""));
}

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

export function decoded(bytes: Uint8Array): Dhcpv6Message {
  return value(decodeDhcpv6(bytes));
}

export function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
