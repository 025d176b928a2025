import type { ServiceContext } from "@passerelle/service";
import type { Store } from "@passerelle/store";

/**
 * The key of the digests of sections. Every client of the bus reads the digests, and a section may hold a weak secret:
 * a plain hash could be guessed at, on any computer, until it fits. The key is drawn once a box and is in no backup.
 * A factory reset keeps it: it tells nothing of the household, and the digests of before say nothing without it.
 */
export function digestKey(
  store: Store,
  { entropy, log }: Pick<ServiceContext<unknown>, "entropy" | "log">,
): Uint8Array {
  const kept = store.get<{ readonly key: Uint8Array }>("SELECT key FROM digest_key");
  if (kept !== undefined) return kept.key;
  const key = entropy.bytes(KEY_OCTETS);
  const written = store.attempt(() => store.run("INSERT INTO digest_key VALUES (1, ?)", key));
  // Not worth a start that fails: with another key next time, the daemons read their sections once more.
  if (!written.ok) log.warn("digest_key_not_stored", { code: written.error.code });
  return key;
}

/** The length of the hash: RFC 2104 section 3. */
const KEY_OCTETS = 32;
