import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Entropy, Logger } from "@passerelle/service";
import type { DnsConfig } from "../../config-dns.ts";
import { type Blocklist, BlocklistBuilder, NO_BLOCKLIST } from "../../core/dns/blocklist.ts";
import { BlocklistParser } from "../../core/dns/blocklist-parser.ts";

/** Builds the matcher of the configured names and files. A file that cannot be read is told and left out. */
export async function loadBlocklist(
  config: DnsConfig,
  stateDirectory: string,
  entropy: Entropy,
  log: Logger,
): Promise<Blocklist> {
  const { enabled, names, files, allow } = config.blocklists;
  if (!enabled) return NO_BLOCKLIST;
  const builder = new BlocklistBuilder([entropy.uint32(), entropy.uint32()]);
  const text = new TextEncoder();
  for (const name of names)
    add(text.encode(name.replace(/\.$/, "")), (b) => builder.addSubtree(b, 0, b.length));
  for (const name of allow)
    add(text.encode(name.replace(/\.$/, "")), (b) => builder.allow(b, 0, b.length));
  for (const file of files) {
    const parser = new BlocklistParser(builder);
    try {
      await readPieces(join(stateDirectory, file), (piece) => parser.push(piece));
      parser.finish();
      log.info("dns: blocklist read", { file, names: parser.names, skipped: parser.skipped });
    } catch (thrown) {
      log.warn("dns: blocklist not read", { file, error: String(thrown) });
    }
  }
  return builder.build();
}

function add(bytes: Uint8Array, how: (bytes: Uint8Array) => void): void {
  if (bytes.length > 0) how(bytes);
}

/** In pieces, so that queries are answered between them. */
async function readPieces(path: string, take: (piece: Uint8Array) => void): Promise<void> {
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    for (let total = 0; total < FILE_BYTES_MAX; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      take(buffer.subarray(0, bytesRead));
      total += bytesRead;
    }
  } finally {
    await file.close();
  }
}

const PIECE_BYTES = 1 << 18;
/** Some four million names. */
const FILE_BYTES_MAX = 100_000_000;
