import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Box, type WanView } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";

/** The gateway with its factory's values, seen from its neighbours: rows S-01 to S-06 and S-10 of the security list. */
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
  /** Everything that the home may find; a new listener is a decision, and is written down here. */
  const LAN_TCP = ["53/tcp", "80/tcp", "443/tcp"];
  const LAN_UDP = ["53/udp", "67/udp", "123/udp", "547/udp"];
  /** Clients of the line, which hear its servers alone. */
  const LINE_UDP = ["68/udp", "546/udp"];

  test("S-02, S-03: the LAN finds names, page and time, and nothing else; the bus has no port", async () => {
    const tcp = await nmap("lan1", "-sS", "-p-", "192.168.1.1");
    expect(open(tcp)).toEqual(LAN_TCP);
    expect(udpSockets(lab).filter((port) => !LAN_UDP.includes(port))).toEqual(LINE_UDP);
  });

  test("S-05: the page is not at the WAN's address, nor at an address of IPv6", async () => {
    const ports = ["-sS", "-p", "53,80,443,8080,8443"];
    expect(open(await nmap("lan1", ...ports, wanAddress))).toEqual([]);
    for (const port of ["80", "443"]) {
      const url = `${port === "443" ? "https" : "http"}://${wanAddress}/`;
      const page = await lab.exec("lan1", ["curl", "-sk", "--max-time", "3", url]);
      expect(page.code).not.toBe(0);
    }
    // No listener is bound to "every address", where the next interface would carry the page.
    for (const { address, port } of tcpListeners(lab))
      if (port === 80 || port === 443) expect(address).toBe("192.168.1.1");
    await lab.must("gw", ["ip", "address", "add", "2001:db8:1::1/64", "dev", "br-lan", "nodad"]);
    await lab.must("lan1", ["ip", "address", "add", "2001:db8:1::2/64", "dev", "eth0", "nodad"]);
    const six = await nmap("lan1", "-6", ...ports, "2001:db8:1::1");
    expect(open(six).filter((port) => port !== "53/tcp")).toEqual([]);
  });

  test("S-04: a guest finds DNS, and nothing of the house", async () => {
    expect(open(await nmap("guest", "-sS", "-p-", "192.168.179.1"))).toEqual(["53/tcp"]);
    for (const url of ["http://192.168.179.1/", "https://192.168.179.1/", "http://192.168.1.1/"]) {
      const page = await lab.exec("guest", ["curl", "-sk", "--max-time", "3", url]);
      expect(page.code, url).not.toBe(0);
    }
    expect(
      open(await nmap("guest", "-sS", "-p", "22,53,80,443", "192.168.1.1", "192.168.1.20")),
    ).toEqual([]);
  });
});

interface Listener {
  readonly address: string;
  readonly port: number;
}

/** What the kernel of the gateway says that listens; sockets of loopback are nobody else's. */
function sockets(of: Lab, protocol: "tcp" | "udp"): readonly Listener[] {
  const state = protocol === "tcp" ? "0A" : "07";
  return ["", "6"].flatMap((family) =>
    readFileSync(`/proc/${of.hostPid("gw")}/net/${protocol}${family}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === state)
      .map(([, local = ""]) => {
        const [hex = "", port = ""] = local.split(":");
        const octets = Buffer.from(hex, "hex").reverse();
        return {
          address: family === "" ? octets.join(".") : hex,
          port: Number.parseInt(port, 16),
        };
      })
      .filter(({ address }) => !address.startsWith("127.")),
  );
}

function tcpListeners(of: Lab): readonly Listener[] {
  return sockets(of, "tcp");
}

/** Well-known ports; a resolver's and a client's own ones come and go. */
function udpSockets(of: Lab): readonly string[] {
  const ports = sockets(of, "udp").map(({ port }) => port);
  return [...new Set(ports)].filter((port) => port < 1024).map((port) => `${port}/udp`);
}
