import { instant, seconds } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import {
  type DhcpInput,
  type DhcpState,
  dhcpServer,
  type StoredLease,
} from "../src/core/dhcp/index.ts";
import { config, ip, mac, message } from "./dhcp-support.ts";

const DAY = 86_400_000;
const address = ip("192.168.1.55");
const lease: StoredLease = {
  network: "lan",
  address,
  key: "mac:00:11:22:33:44:01",
  mac: mac("00:11:22:33:44:01"),
  duration: seconds(3600),
  expires: instant(30 * DAY + 600_000),
  bootId: "before",
  ended: false,
};

function started(bootId: string, now: number, leases: readonly StoredLease[] = [lease]): DhcpState {
  const start: DhcpInput = { kind: "start", config: config(), leases, bootId };
  return dhcpServer.step(dhcpServer.initial, start, instant(now)).state;
}

function kindAt(state: DhcpState): string | undefined {
  return state.kind === "idle" ? undefined : state.bindings.get(address)?.kind;
}

describe("leases after a restart", () => {
  test("of the daemon: they end when they would have ended", () => {
    const state = started("before", 30 * DAY);
    expect(dhcpServer.deadline(state)).toBe(30 * DAY + 600_000);
    expect(kindAt(started("before", 31 * DAY))).toBe("remembered");
  });
  test("of the box: each keeps its whole duration, whatever any clock says", () => {
    const state = started("after", 5_000);
    expect(kindAt(state)).toBe("bound");
    expect(dhcpServer.deadline(state)).toBe(5_000 + 3_600_000);
  });
  test("what had ended stays remembered and comes back to its client", () => {
    const state = started("after", 5_000, [{ ...lease, ended: true }]);
    expect(kindAt(state)).toBe("remembered");
    const step = dhcpServer.step(
      state,
      message({ type: "DHCPDISCOVER", mac: lease.mac }),
      instant(6_000),
    );
    expect(step.effects.map((effect) => effect.kind === "send" && effect.message.yiaddr)).toEqual([
      address,
    ]);
  });
  test("a lease of a network that is gone is not restored", () => {
    expect(kindAt(started("after", 0, [{ ...lease, network: "gone" }]))).toBeUndefined();
  });
});

test("ten thousand leases are restored, and ended a few at a time", () => {
  const many = Array.from({ length: 10_000 }, (_, i): StoredLease => {
    const hex = i.toString(16).padStart(4, "0");
    const one = mac(`00:11:22:33:${hex.slice(0, 2)}:${hex.slice(2)}`);
    return { ...lease, address: ip(`10.0.${i >> 8}.${i & 0xff}`), mac: one, key: `mac:${one}` };
  });
  const wide = config().networks[0];
  if (wide === undefined) throw new Error("a network");
  const networks = [
    { ...wide, server: ip("10.0.255.1"), subnet: { address: ip("10.0.255.1"), prefixLength: 16 } },
  ];
  const state = dhcpServer.step(
    dhcpServer.initial,
    { kind: "start", config: { ...config(), networks }, leases: many, bootId: "after" },
    instant(0),
  ).state;
  expect(state.kind === "serving" && state.bindings.size).toBe(10_000);
  let swept = dhcpServer.step(state, { kind: "timeout" }, instant(3_600_000));
  let ended = 0;
  for (let second = 1; second < 60; second += 1) {
    const ends = swept.effects.filter((effect) => effect.kind === "store_end").length;
    // Never so many at once that others wait.
    expect(ends).toBeLessThanOrEqual(256);
    ended += ends;
    const now = instant(3_600_000 + second * 1000);
    swept = dhcpServer.step(swept.state, { kind: "timeout" }, now);
  }
  expect(ended).toBe(10_000);
});
