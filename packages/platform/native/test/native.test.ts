import { describe, expect, it } from "vitest";
import {
  isNativeError,
  META_STRIDE,
  NAMES_STRIDE,
  native,
  type SocketHandle,
} from "../src/index.ts";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const EAGAIN = 11;
const LOOPBACK = Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);

function errorOf(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (thrown) {
    if (isNativeError(thrown)) return `${thrown.code} ${thrown.syscall}`;
    return thrown instanceof TypeError ? "TypeError" : "another";
  }
}

function tables(count: number, slot: number) {
  return {
    data: new Uint8Array(count * slot),
    meta: new Int32Array(count * META_STRIDE),
    names: new Uint8Array(count * NAMES_STRIDE),
  };
}

describe("the addon", () => {
  it("gives the errno's name and the system call", () => {
    const a = native().open(AF_INET, SOCK_DGRAM, 0);
    native().bind(a, LOOPBACK);
    const b = native().open(AF_INET, SOCK_DGRAM, 0);
    expect(errorOf(() => native().bind(b, native().name(a)))).toBe("EADDRINUSE bind");
    expect(errorOf(() => native().open(AF_INET, 99, 0))).toBe("EINVAL socket");
    expect(errorOf(() => native().interfaceIndex("no-such-link"))).toBe("ENODEV if_nametoindex");
    expect(errorOf(() => native().openFile("/dev/no-such-device"))).toBe("ENOENT open");
    for (const handle of [a, b]) native().close(handle);
  });

  it("throws for a closed handle, and closes twice without harm", () => {
    const handle = native().open(AF_INET, SOCK_DGRAM, 0);
    native().watch(handle, () => {});
    native().close(handle);
    native().close(handle);
    const { data, meta, names } = tables(1, 8);
    for (const call of [
      () => native().name(handle),
      () => native().bind(handle, LOOPBACK),
      () => native().watch(handle, () => {}),
      () => native().send(handle, data, undefined),
      () => native().read(handle, data),
      () => native().write(handle, data),
      () => native().receiveBatch(handle, data, meta, names, 0, 1),
      () => native().sendBatch(handle, data, meta, names, 0, 1),
    ]) {
      expect(errorOf(call)).toBe("EBADF socket is closed");
    }
  });

  it("takes no argument on trust", () => {
    const handle = native().open(AF_INET, SOCK_DGRAM, 0);
    const { data, meta, names } = tables(2, 8);
    const wrong = <T>(value: unknown): T => value as T;
    const outside = meta.slice();
    outside[0] = 9;
    outside[1] = 8;
    const negative = meta.slice();
    negative[1] = -1;
    const longName = meta.slice();
    longName[3] = 33;
    for (const call of [
      () => native().name(wrong<SocketHandle>({})),
      () => native().name(wrong<SocketHandle>(7)),
      () => native().name(wrong<SocketHandle>(undefined)),
      () => native().open(AF_INET, wrong<number>("2"), 0),
      () => native().open(AF_INET, 2.5, 0),
      () => native().bind(handle, new Uint8Array(1)),
      () => native().bind(handle, new Uint8Array(129)),
      () => native().bind(handle, wrong<Uint8Array>(new Uint16Array(16))),
      () => native().setOption(handle, 1, 2, new Uint8Array(257)),
      () => native().setOption(handle, 1, 26, new Uint8Array(16)),
      () => native().getOption(handle, 1, 2, 257),
      () => native().getOption(handle, 1, 2, -1),
      () => native().attachFilter(handle, new Uint8Array(0)),
      () => native().attachFilter(handle, new Uint8Array(9)),
      () => native().attachFilter(handle, new Uint8Array(257 * 8)),
      () => native().ioctl(handle, 0x8927, new Uint8Array(40)),
      () => native().ioctl(handle, -1, new Uint8Array(128)),
      () => native().openFile(""),
      () => native().openFile(`/dev/${"long".repeat(128)}`),
      () => native().openFile(wrong<string>(7)),
      () => native().read(handle, new Uint8Array(0)),
      () => native().read(handle, wrong<Uint8Array>("text")),
      () => native().write(handle, wrong<Uint8Array>(new Uint16Array(1))),
      () => native().receiveBatch(handle, data, meta, names, 0, 0),
      () => native().receiveBatch(handle, data, meta, names, 0, 3),
      () => native().receiveBatch(handle, data, meta, names, 1, 1),
      () => native().receiveBatch(handle, data, meta, names, 0, 65),
      () => native().receiveBatch(handle, data, wrong<Int32Array>(new Uint8Array(99)), names, 0, 1),
      () => native().receiveBatch(handle, new Uint8Array(0), meta, names, 0, 1),
      () => native().sendBatch(handle, data, meta, names, 2, 1),
      () => native().sendBatch(handle, data, meta, names, -1, 1),
      () => native().sendBatch(handle, data, outside, names, 0, 1),
      () => native().sendBatch(handle, data, negative, names, 0, 1),
      () => native().sendBatch(handle, data, longName, names, 0, 1),
      () => native().watch(handle, wrong<() => void>(undefined)),
      () => native().interfaceIndex("a\0b"),
      () => native().interfaceIndex("a-name-that-is-too-long"),
    ]) {
      expect(errorOf(call)).toBe("TypeError");
    }
    native().close(handle);
  });

  it("reads and writes a device file", () => {
    const handle = native().openFile("/dev/zero");
    const bytes = new Uint8Array(4).fill(7);
    expect([native().write(handle, bytes), native().read(handle, bytes)]).toEqual([4, 4]);
    expect([...bytes]).toEqual([0, 0, 0, 0]);
    native().close(handle);
    expect(errorOf(() => native().read(handle, bytes))).toBe("EBADF socket is closed");
    const empty = native().openFile("/dev/null");
    expect(native().read(empty, bytes)).toBe(0);
    expect(errorOf(() => native().ioctl(empty, 0x5401, new Uint8Array(128)))).toBe("ENOTTY ioctl");
    native().close(empty);
    // A socket without news: the same call says so by its errno.
    const socket = native().open(AF_INET, SOCK_DGRAM, 0);
    expect(native().read(socket, bytes)).toBe(-EAGAIN);
    expect(errorOf(() => native().write(socket, bytes))).toBe("EDESTADDRREQ write");
    native().close(socket);
  });

  it("calls back when there is something to read, until unwatched", async () => {
    const handle = native().open(AF_INET, SOCK_DGRAM, 0);
    native().bind(handle, LOOPBACK);
    const { data, meta, names } = tables(4, 16);
    let calls = 0;
    const first = new Promise<number>((resolve) => {
      native().watch(handle, () => {
        calls += 1;
        resolve(native().receiveBatch(handle, data, meta, names, 0, 4));
      });
    });
    expect(errorOf(() => native().watch(handle, () => {}))).toBe("EALREADY watch");
    const sent = native().send(handle, Uint8Array.of(1, 2, 3), native().name(handle));
    expect([sent, await first]).toEqual([3, 1]);
    expect([meta[1], [...data.subarray(0, 3)]]).toEqual([3, [1, 2, 3]]);
    expect(native().receiveBatch(handle, data, meta, names, 0, 4)).toBe(0);
    native().unwatch(handle);
    native().send(handle, Uint8Array.of(4), native().name(handle));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls).toBe(1);
    native().close(handle);
  });
});
