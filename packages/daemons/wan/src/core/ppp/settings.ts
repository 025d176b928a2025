import { asciiBytes } from "@passerelle/bytes";
import { pppSettings } from "@passerelle/ppp";
import type { PppoeProfile } from "../profile.ts";
import type { PppLineSettings } from "./line.ts";

/** Profile and configuration, made ready for the machine. */
export function pppLineSettings(
  { payloadMax, serviceName, methods }: PppoeProfile,
  { login, password }: { readonly login: string; readonly password: string },
  ipv6: boolean,
): PppLineSettings {
  const ordinary = pppSettings({ interfaceIdentifier: new Uint8Array(8) });
  const { interfaceIdentifier: _, ...rest } = ordinary;
  return {
    ...rest,
    discovery: {
      ...ordinary.discovery,
      payloadMax,
      ...(serviceName === undefined ? {} : { serviceName: asciiBytes(serviceName) }),
    },
    credentials: { name: asciiBytes(login), secret: asciiBytes(password) },
    ...(methods === undefined ? {} : { methods }),
    ipv6,
  };
}
