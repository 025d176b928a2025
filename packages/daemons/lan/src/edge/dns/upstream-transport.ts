import type { Ipv4, Ipv6 } from "@passerelle/net";

/** One question on its way to one upstream. */
export interface Exchange {
  /** A whole query; its ID is chosen by the transport and written into it. */
  readonly query: Uint8Array;
  /**
   * A message that came as an answer: right ID, right sender, all else unchecked. Its octets end with the
   * call. True ends the exchange; false leaves it waiting for a better one (RFC 5452 section 9.1).
   */
  readonly reply: (bytes: Uint8Array) => boolean;
  /** No answer can come any more. Called at most once, never after `reply` said true. */
  readonly unreachable: () => void;
}

/** A way to one upstream resolver. */
export interface UpstreamTransport {
  send(exchange: Exchange): void;
  /** Ends connections; exchanges under way are not told. */
  close(): void;
}

export interface UpstreamAddress {
  readonly address: Ipv4 | Ipv6;
  readonly port: number;
}

/** An exchange is given up after this, whoever waits for it. */
export const EXCHANGE_MS = 5000;
