import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box, type WanView } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";

/** The gateway with its factory's values, seen from its neighbours: rows S-01, S-03, S-04, S-10 of the security list. */
let lab: Lab;
let wanAddress = "";

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  const online = (wan: WanView): boolean => wan.reach.kind === "online";
  const wan = await new Box(lab).until<WanView>("wan/state", "online", online);
  wanAddress = wan.session.address?.split("/")[0] ?? "";
  await lab.lease("udhcpc", "lan1");
  await lab.lease("udhcpc", "guest");
});
afterAll(() => lab.down());

const nmap = (host: "attacker-wan" | "guest" | "lan1", ...words: readonly string[]) =>
  lab.must(host, ["nmap", "-n", "-Pn", "--max-retries", "1", "--min-rate", "12000", ...words], {
    timeoutMs: 110_000,
  });
const open = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => /^\d+\/(tcp|udp)\s+open\s/.test(line))
    .map((line) => line.split(/\s/)[0] ?? "");

describe("from the WAN", () => {
  test("S-01: no TCP port of 65535 is open", async () => {
    const text = await nmap("attacker-wan", "-sS", "-p-", wanAddress);
    expect(text).toContain("scanned");
    expect(open(text)).toEqual([]);
  });

  test("S-01, S-10: DNS, DHCP, NTP, SSDP, SIP, mDNS and MQTT say nothing", async () => {
    const text = await nmap(
      "attacker-wan",
      "-sU",
      "-p",
      "53,67,69,123,161,500,1194,1900,3478,4500,5060,5351,5353",
      wanAddress,
    );
    expect(open(text)).toEqual([]);
  });

  test("S-06: the home's own addresses can't be reached through us", async () => {
    await lab.must("attacker-wan", ["ip", "route", "add", "192.168.1.0/24", "via", wanAddress]);
    const text = await nmap(
      "attacker-wan",
      "-sS",
      "-p",
      "22,53,80,443",
      "192.168.1.1",
      "192.168.1.20",
    );
    expect(open(text)).toEqual([]);
    const ping = await lab.exec("attacker-wan", ["ping", "-c", "2", "-W", "1", "192.168.1.1"]);
    expect(ping.code).not.toBe(0);
  });
});

describe("from inside", () => {
  test("S-02, S-03: the LAN finds DNS and nothing else; the bus has no port", async () => {
    const tcp = await nmap("lan1", "-sS", "-p-", "192.168.1.1");
    expect(open(tcp)).toEqual(["53/tcp"]);
  });

  test("S-04: a guest finds DNS, and nothing of the house", async () => {
    expect(open(await nmap("guest", "-sS", "-p-", "192.168.179.1"))).toEqual(["53/tcp"]);
    expect(
      open(await nmap("guest", "-sS", "-p", "22,53,80,443", "192.168.1.1", "192.168.1.20")),
    ).toEqual([]);
  });
});
