declare const handleBrand: unique symbol;

/** An open socket or device file. Using one after `close` throws EBADF; one that is garbage-collected is closed. */
export interface SocketHandle {
  readonly [handleBrand]: true;
}

/** What every failing call throws. */
export interface NativeError extends Error {
  /** The name of the errno, e.g. "EADDRINUSE". */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** Datagrams one batch call moves at most. */
export const BATCH_MAX = 64;

/** 32-bit words a datagram takes in a batch's `meta`, and what each of them holds. */
export const META_STRIDE = 8;
export const Meta = {
  /** Octets from the start of `data`. */
  offset: 0,
  length: 1,
  /** Receive only: FLAG_TRUNCATED and others. */
  flags: 2,
  /** Octets of the peer's socket address in `names`; 0 sends to the connected peer. */
  nameLength: 3,
  /** Interface it came in by, or goes out by; 0 leaves it to the routes. Read only where `local` is set. */
  interfaceIndex: 4,
  /** 4 or 6 where the interface and the local address are given, else 0. */
  local: 5,
  /** TTL or hop limit received; -1 where the socket does not ask for it. */
  ttl: 6,
  /** Packet sockets: AUX_VLAN | tag, AUX_CHECKSUM_NOT_READY. */
  aux: 7,
} as const;
export const FLAG_TRUNCATED = 1;
/** The VLAN tag that the kernel took out of the frame is in the low 16 bits. */
export const AUX_VLAN = 0x10000;
/** The sender left the checksum to its network card: it is not in the frame and must not be verified. */
export const AUX_CHECKSUM_NOT_READY = 0x20000;

/** Octets a datagram takes in a batch's `names`: peer's socket address, destination, local source address. */
export const NAMES_STRIDE = 64;
export const NAMES_DESTINATION = 32;
export const NAMES_LOCAL = 48;

/** System calls as they are. Nothing here decides, retries or remembers. */
export interface Native {
  /** Always non-blocking and close-on-exec. */
  open(family: number, type: number, protocol: number): SocketHandle;
  /** A device file such as /dev/ppp, to read and write; non-blocking and close-on-exec too. */
  openFile(path: string): SocketHandle;
  close(handle: SocketHandle): void;
  bind(handle: SocketHandle, address: Uint8Array): void;
  connect(handle: SocketHandle, address: Uint8Array): void;
  /** getsockname(2). */
  name(handle: SocketHandle): Uint8Array;
  setOption(handle: SocketHandle, level: number, name: number, value: Uint8Array): void;
  getOption(handle: SocketHandle, level: number, name: number, capacity: number): Uint8Array;
  /** Classic BPF: instructions of 8 octets (struct sock_filter, host byte order). */
  attachFilter(handle: SocketHandle, program: Uint8Array): void;
  ioctl(handle: SocketHandle, request: number, argument: Uint8Array): number;
  /** read(2): octets, 0 at the end of the file, or -errno (-EAGAIN: nothing now); never throws errno. */
  read(handle: SocketHandle, into: Uint8Array): number;
  /** write(2): octets that were taken. */
  write(handle: SocketHandle, bytes: Uint8Array): number;
  send(handle: SocketHandle, bytes: Uint8Array, address: Uint8Array | undefined): number;
  /** sendmmsg(2) of the entries from `first`. Number sent, or -errno where the first one failed; never throws errno. */
  sendBatch(
    handle: SocketHandle,
    data: Uint8Array,
    meta: Int32Array,
    names: Uint8Array,
    first: number,
    count: number,
  ): number;
  /** recvmmsg(2) into `count` equal slots of `data`; `first` is 0. Number received, 0 when there is nothing, or -errno. */
  receiveBatch(
    handle: SocketHandle,
    data: Uint8Array,
    meta: Int32Array,
    names: Uint8Array,
    first: number,
    count: number,
  ): number;
  /**
   * One message and the open files in it (SCM_RIGHTS), at most 8. Waits for it, blocking, up to `waitMs`: only for a
   * process of ours on this machine. ETIMEDOUT; ECONNRESET where the other side hung up.
   */
  receiveFiles(handle: SocketHandle, into: Uint8Array, waitMs: number): readonly SocketHandle[];
  /** Calls back whenever there is something to read (level triggered). One watcher a socket. */
  watch(handle: SocketHandle, readable: () => void): void;
  unwatch(handle: SocketHandle): void;
  /** False lets the process end although this socket is watched. */
  reference(handle: SocketHandle, on: boolean): void;
  /** if_nametoindex(3). */
  interfaceIndex(name: string): number;
  /**
   * Moves the calling thread, and children spawned later, to a network namespace: a new private one, or
   * the one of a file such as /run/netns/x. For tests and the lab; sockets stay where they were opened.
   */
  networkNamespace(path: string | undefined): void;
}
