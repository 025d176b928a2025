import type { Mac } from "@passerelle/net";
import type { Result } from "@passerelle/result";

/** Why the kernel refused: the errno's name ("ENODEV") and a text with the system call. */
export interface PppError {
  readonly code: string;
  readonly text: string;
}

/** Sessions of PPP over Ethernet in the kernel. One body is Linux, one is a cable in memory. */
export interface PppPlatform {
  /**
   * Makes an interface whose packets travel in a session that discovery brought. It is down, and passes neither IPv4
   * nor IPv6 yet. ENODEV: no such interface below; EEXIST: the name is taken; EALREADY: this session is open, or ended
   * and not closed yet. Needs CAP_NET_ADMIN.
   */
  open(options: PppOptions): Result<PppChannel, PppError>;
  /** The session of an interface of that name that an earlier life left behind (`PppChannel.leave`). ENOENT: there is none. */
  adopt(name: string): Result<PppChannel, PppError>;
}

export interface PppOptions {
  /** The Ethernet or VLAN interface below, by its name. */
  readonly interface: string;
  /** The concentrator. */
  readonly peer: Mac;
  /** 1 to 65534 (RFC 2516 section 4). */
  readonly sessionId: number;
  /** Of the new interface: 1 to 15 octets. */
  readonly name: string;
}

/** An open session. After `close` everything is EBADF; after its end by others sending is ENOTCONN. */
export interface PppChannel {
  readonly name: string;
  readonly interfaceIndex: number;
  /** LCP, authentication and network control protocols; never IP. `payload` is a view that ends with the call. */
  onPacket(handler: (protocol: number, payload: Uint8Array) => void): void;
  /** The kernel ended the session: the concentrator's PADT came, or the interface below went down. At most once. */
  onEnd(handler: () => void): void;
  /** No promise that it arrives: a full queue is no error. */
  send(protocol: number, payload: Uint8Array): Result<void, PppError>;
  /** Whether packets of IP pass: open the gate when its control protocol is open. */
  pass(family: 4 | 6, on: boolean): Result<void, PppError>;
  /** Octets of the largest packet that is sent. */
  setMtu(octets: number): Result<void, PppError>;
  /** Octets of the largest packet that is taken. */
  setMru(octets: number): Result<void, PppError>;
  counters(): Result<PppTraffic, PppError>;
  /** The interface goes, and its addresses and routes with it. The concentrator is not told: that is a PADT's work. */
  close(): void;
  /** Lets go of it; where somebody holds it for us (`holder`) it lives on, with the home's traffic. As `close` elsewhere. */
  leave(): void;
}

/** Since the session was opened. Control packets of the link itself (LCP, authentication) are not counted. */
export interface PppTraffic {
  /** When it grows the concentrator is alive. */
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
}

/** RFC 1661 section 2: protocols from here on are the link's own, and are not the business of its networks. */
export const PROTOCOL_OF_LINK = 0xc000;

export const CLOSED: PppError = { code: "EBADF", text: "the session is closed" };
export const ENDED: PppError = { code: "ENOTCONN", text: "the session has ended" };
