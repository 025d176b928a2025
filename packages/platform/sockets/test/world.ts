import { type Ipv4, type Ipv6, type Mac, parseIpv4, parseIpv6 } from "@passerelle/net";
import type { Result } from "@passerelle/result";
import type { SocketError, Sockets } from "../src/port.ts";

/**
 * One host with loopback, and a wire whose two ends are its interfaces `left` and `right`, with their link-local
 * addresses, `left` with another of IPv6 too.
 */
export interface World {
  readonly sockets: Sockets;
  readonly left: { readonly name: string; readonly index: number; readonly mac: Mac };
  readonly right: { readonly name: string; readonly index: number; readonly mac: Mac };
  /** An interface that has an address. */
  readonly own: { readonly name: string; readonly index: number; readonly address: Ipv4 };
  /** An interface that is up and has no address of IPv6. */
  readonly bare: { readonly name: string; readonly index: number };
  /** Everything that was sent has arrived. */
  settle(): Promise<void>;
}

export const LOOPBACK = v4("127.0.0.1");
export const OTHER_LOOPBACK = v4("127.0.0.2");
export const LOOPBACK6 = v6("::1");

export function v4(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
}

export function v6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(text);
  return address;
}

export function value<T>(result: Result<T, SocketError>): T {
  if (!result.ok) throw new Error(result.error.text);
  return result.value;
}

export function code(result: Result<unknown, SocketError>): string {
  return result.ok ? "ok" : result.error.code;
}
