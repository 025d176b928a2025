import type { Host } from "@passerelle/api";
import type { ApiClient } from "@passerelle/api/client";
import { got, ownFailure } from "./failure.ts";

/**
 * The device that a person means: by identifier, else hardware address, address, name, where only one has it.
 * Where none has, the box is asked for it by that identifier and says in its own words that it is not there.
 */
export async function findDevice(api: ApiClient, word: string): Promise<Host> {
  const { hosts } = await got(api.call("GET /hosts"));
  const low = word.toLowerCase();
  const ways: readonly ((host: Host) => boolean)[] = [
    ({ id }) => id === word,
    ({ macs }) => macs.includes(low.replaceAll("-", ":")),
    ({ addresses }) => addresses.includes(low),
    ({ name }) => name === word,
    ({ name }) => name.toLowerCase() === low,
  ];
  for (const way of ways) {
    const found = hosts.filter(way);
    const [only, ...more] = found;
    if (only === undefined) continue;
    if (more.length === 0) return only;
    throw ownFailure(
      "ambiguous_device",
      found.map(({ id, name, macs }) => [id, name, ...macs].join(" ")),
    );
  }
  return got(api.call("GET /hosts/{id}", { params: { id: word } }));
}
