import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";
import { type Ipv6, parseIpv6 } from "@passerelle/net";
import { decodeNdp, type NdpEnvelope, type NdpMessage } from "../src/index.ts";

const FOLDER = join(import.meta.dirname, "golden");

export const GOLDENS = readdirSync(FOLDER);

export interface Golden {
  readonly bytes: Uint8Array;
  readonly envelope: NdpEnvelope;
}

/** The second line says what the IPv6 header said. */
export function golden(name: string): Golden {
  const text = readFileSync(join(FOLDER, name), "utf8");
  const header = /^# from (\S+) to (\S+) hop limit (\d+)$/m.exec(text);
  if (header === null) throw new Error(`${name} says nothing of its header`);
  const [, source = "", destination = "", hopLimit = ""] = header;
  return {
    bytes: hex(text.replace(/^#.*$/gm, "")),
    envelope: {
      source: address(source),
      destination: address(destination),
      hopLimit: Number(hopLimit),
    },
  };
}

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

export function address(text: string): Ipv6 {
  const parsed = parseIpv6(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

export function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export function decoded({ bytes, envelope }: Golden): NdpMessage {
  return value(decodeNdp(bytes, envelope));
}
