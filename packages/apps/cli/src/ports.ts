import type { ApiClient } from "@passerelle/api/client";
import { findDevice } from "./devices.ts";
import { ownFailure, UsageError } from "./failure.ts";

export interface Ports {
  readonly protocol: "tcp" | "udp" | "both";
  readonly port: number;
  readonly portLast?: number;
}

/** `8080`, `8080/udp`, `5000-5010/both`. */
export function parsePorts(word: string): Ports {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(tcp|udp|both))?$/.exec(word);
  const [, first, last, protocol = "tcp"] = match ?? [];
  if (first === undefined)
    throw new UsageError({
      fr: `« ${word} » n'est pas un port comme 8080, 8080/udp ou 5000-5010`,
      en: `"${word}" is no port such as 8080, 8080/udp or 5000-5010`,
    });
  return {
    protocol: protocol === "udp" || protocol === "both" ? protocol : "tcp",
    port: Number(first),
    ...(last === undefined ? {} : { portLast: Number(last) }),
  };
}

export interface Destination {
  readonly to: string;
  readonly toPort?: number;
}

/** `192.168.1.20`, `192.168.1.20:80`, or a device in any of the ways of findDevice, with `:PORT` too. */
export async function parseDestination(api: ApiClient, word: string): Promise<Destination> {
  const [, address, port] = /^([0-9]+(?:\.[0-9]+){3})(?::([0-9]{1,5}))?$/.exec(word) ?? [];
  if (address !== undefined)
    return { to: address, ...(port === undefined ? {} : { toPort: Number(port) }) };
  const [, name = word, last] = isMac(word) ? [] : (/^(.+):([0-9]{1,5})$/.exec(word) ?? []);
  const host = await findDevice(api, name);
  const to =
    host.reservedAddress ?? host.addresses.find((candidate) => /^[0-9.]+$/.test(candidate));
  if (to === undefined) throw ownFailure("device_without_address", [host.name]);
  return { to, ...(last === undefined ? {} : { toPort: Number(last) }) };
}

function isMac(word: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(word);
}
