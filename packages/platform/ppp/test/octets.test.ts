import type { Mac } from "@passerelle/net";
import { describe, expect, it } from "vitest";
import {
  int32s,
  interfaceRequest,
  isInterfaceName,
  sessionAddress,
} from "../src/kernel-arguments.ts";
import { trafficOf } from "../src/traffic.ts";

const PEER = "02:00:5e:00:53:01" as Mac;

describe("arguments of system calls", () => {
  it("say what linux/if_pppox.h says", () => {
    const bytes = sessionAddress(0x1234, PEER, "wan0.835");
    const hex = Buffer.from(bytes).toString("hex");
    expect(hex).toBe(
      `1800${"00000000"}1234${"02005e005301"}${"77616e302e383335"}${"00".repeat(8)}`,
    );
  });

  it("name an interface, and its new name or number", () => {
    const renamed = Buffer.from(interfaceRequest("ppp0", "ppp-wan"));
    expect(renamed.toString("latin1")).toBe(
      `${"ppp0".padEnd(16, "\0")}${"ppp-wan".padEnd(112, "\0")}`,
    );
    expect([...interfaceRequest("ppp0", 1492).subarray(16, 20)]).toEqual([0xd4, 5, 0, 0]);
    expect([...int32s(-1, 2)]).toEqual([255, 255, 255, 255, 2, 0, 0, 0]);
  });

  it("refuse what is no session and no name", () => {
    for (const sessionId of [0, 0xffff, -1, Number.NaN])
      expect(() => sessionAddress(sessionId, PEER, "wan0")).toThrow(/invariant/);
    const names = ["", "a-name-that-is-l", "a b", "a/b", "a:b", ".", "..", "é", "a\0"];
    for (const name of names) expect([name, isInterfaceName(name)]).toEqual([name, false]);
    for (const name of names) expect(() => sessionAddress(7, PEER, name)).toThrow(/invariant/);
    for (const name of ["p", "ppp-wan", "fifteen-letters"])
      expect(isInterfaceName(name)).toBe(true);
  });
});

describe("/proc/net/dev", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
 ppp-w:    5    6    0    0    0     0          0         0 7 8 0 0 0 0 0 0
ppp-wan:123456789 4321 1 2 3 4 5 6 987654321 8765 0 0 0 0 0 0
`;

  it("is read by the whole name", () => {
    expect(trafficOf(text, "ppp-wan")).toEqual({
      ...{ receivedBytes: 123456789, receivedPackets: 4321 },
      ...{ sentBytes: 987654321, sentPackets: 8765 },
    });
    expect(trafficOf(text, "ppp-w")?.sentPackets).toBe(8);
    for (const name of ["ppp", "wan", "face |bytes", ""])
      expect(trafficOf(text, name)).toBe(undefined);
  });

  it("is not believed where it is cut", () => {
    const whole = text.slice(0, text.lastIndexOf("\n"));
    const last = whole.lastIndexOf("\n");
    for (let end = 0; end < last; end += 1)
      expect(trafficOf(text.slice(0, end), "ppp-wan")).toBe(undefined);
    expect(trafficOf("x: 1 2 3 4 5 6 7 8 9", "x")).toBe(undefined);
    expect(trafficOf("x: 1 2 3 4 5 6 7 8 9 z", "x")).toBe(undefined);
  });
});
