import { describe, expect, test } from "vitest";
import {
  cpuShare,
  daemonOf,
  readCpuTimes,
  readInterface,
  readInterfaces,
  readMemory,
  readPrivateBytes,
  readProcessStat,
  readPss,
} from "../src/core/proc.ts";

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
 veth0:       7       1    1    0    0     0          0         0        8       1    2    0    0     0       0          0
  eth0: 1500000     900    3    0    0     0          0         0   250000     700    4    0    0     0       0          0
`;

describe("/proc", () => {
  test("stat: iowait is idle, guest time is not counted twice", () => {
    const times = readCpuTimes("cpu  100 10 50 800 40 5 5 0 60 0\ncpu0 1 2 3 4\n");
    expect(times).toEqual({ busy: 170, total: 1010 });
    expect(readCpuTimes("intr 12")).toBeUndefined();
    expect(readCpuTimes("cpu  a b c d")).toBeUndefined();
  });
  test("the share of a period; counters that ran back say nothing", () => {
    expect(cpuShare({ busy: 10, total: 100 }, { busy: 60, total: 200 })).toBe(0.5);
    expect(cpuShare({ busy: 10, total: 100 }, { busy: 10, total: 100 })).toBeUndefined();
    expect(cpuShare({ busy: 90, total: 100 }, { busy: 10, total: 200 })).toBe(0);
  });
  test("meminfo", () => {
    const text = "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n";
    expect(readMemory(text)).toEqual({ totalBytes: 16_777_216, availableBytes: 8_388_608 });
    expect(readMemory("MemTotal: 1 kB\n")).toBeUndefined();
  });
  test("net/dev, whole and one alone; a name that ends like another is not that one", () => {
    expect(readInterfaces(NET_DEV).map(({ name }) => name)).toEqual(["lo", "veth0", "eth0"]);
    const eth0 = {
      name: "eth0",
      receivedBytes: 1_500_000,
      sentBytes: 250_000,
      receiveErrors: 3,
      sendErrors: 4,
    };
    expect(readInterface(NET_DEV, "eth0")).toEqual(eth0);
    expect(readInterface(NET_DEV, "th0")).toBeUndefined();
    expect(readInterface(NET_DEV, "lo")?.sentBytes).toBe(100);
  });
  test("PID/stat with a hostile name, smaps_rollup", () => {
    const fields = Array.from({ length: 40 }, (_, i) => i).join(" ");
    expect(readProcessStat(`42 (a) b (c) S ${fields}`)).toEqual({
      name: "a) b (c",
      ticks: 10 + 11,
      startedAt: 18,
    });
    expect(readProcessStat("42 nothing")).toBeUndefined();
    // Resident 437 pages, 408 of them a file's.
    expect(readPrivateBytes("765 437 408 5 0 123 0\n")).toBe(29 * 4096);
    expect(readPrivateBytes("")).toBeUndefined();
    expect(readPss("Rss: 9 kB\nPss:     12 kB\nPss_Dirty: 3 kB\n")).toBe(12_288);
  });
  test("who a command line is", () => {
    const line = (...words: string[]): string => `${words.join("\0")}\0`;
    const main = "/srv/passerelle/main.ts";
    expect(daemonOf(line("/usr/bin/node", main, "run", "lan"))).toBe("lan");
    const board = ["/usr/bin/node", "--disable-proto=throw", "/usr/lib/passerelle/main.js"];
    expect(daemonOf(line(...board, "run", "lan"))).toBe("lan");
    expect(daemonOf(line("node", main, "run", "--all"))).toBe("all");
    expect(daemonOf(line("node", main, "run", "wan", "lan"))).toBe("wan+lan");
    expect(daemonOf(line("mosquitto", "-c", "x"))).toBe("broker");
    expect(daemonOf(line("npm", "run", "lan"))).toBeUndefined();
    expect(daemonOf("")).toBeUndefined();
  });
});
