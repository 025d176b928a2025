import { execFile, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { enterPrivateNetwork } from "@passerelle/native";
import { ipv4, parseIpv6 } from "@passerelle/net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultDnsConfig } from "../src/config-dns.ts";
import { openForwarder } from "./dns-lab-support.ts";

// dig and drill judge the forwarder; unbound is the resolver it asks.
enterPrivateNetwork();
const folder = mkdtempSync(join(tmpdir(), "dns-dig-"));
const conf = join(folder, "unbound.conf");
writeFileSync(
  conf,
  `server:
  interface: 127.0.0.11@53
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
  do-ip6: no
  local-zone: "internet.test." static
  local-data: "internet.test. 3600 IN SOA ns.internet.test. h.internet.test. 1 7200 3600 604800 300"
  local-data: "www.internet.test. 300 IN A 198.18.0.1"
  local-data: "www.internet.test. 300 IN AAAA 2001:db8::80"
  local-data: "mx.internet.test. 300 IN MX 10 www.internet.test."
  local-data: "_sip._udp.internet.test. 300 IN SRV 1 2 5060 www.internet.test."
  local-data: "odd.internet.test. 300 IN TYPE65280 \\# 4 01020304"
  local-data: "inside.internet.test. 300 IN A 192.168.1.1"
  local-data: "wanted.internet.test. 300 IN A 192.168.1.1"
${Array.from({ length: 40 }, (_, i) => `  local-data: "big.internet.test. 300 IN TXT ${String(i).padStart(60, "x")}"`).join("\n")}
remote-control:
  control-enable: no
`,
);
writeFileSync(join(folder, "list"), "0.0.0.0 ads.internet.test\n||tracker.test^\n");

const unbound = spawn("unbound", ["-d", "-c", conf], { stdio: "ignore" });
let forwarder: Awaited<ReturnType<typeof openForwarder>>;

beforeAll(async () => {
  forwarder = await openForwarder(
    {
      domain: "maison.example",
      blocklists: { ...defaultDnsConfig.blocklists, files: ["list"] },
      rebinding: { enabled: true, exceptions: ["wanted.internet.test"] },
    },
    { stateDirectory: folder },
  );
  forwarder.setUpstreams(["127.0.0.11"]);
  const six = parseIpv6("fd00::20");
  forwarder.setLocalNames({
    hosts: [{ name: "nas", ipv4: [ipv4(0xc0a80114)], ipv6: six === undefined ? [] : [six] }],
  });
  await forwarder.blocklistLoaded();
  for (
    let i = 0;
    i < 50 && !(await dig("+short", "www.internet.test")).includes("198.18");
    i += 1
  ) {
    await sleep(100);
    forwarder.flush();
  }
});
afterAll(() => {
  expect(forwarder.errors).toEqual([]);
  forwarder.stop();
  unbound.kill();
});

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args).catch(
    (failed: { stdout: string }) => failed,
  );
  return stdout;
}
const dig = (...args: readonly string[]) =>
  run("dig", ["@127.0.0.1", "+time=2", "+tries=1", ...args]);
/** Status and flags of an answer, and what stands in its sections. */
async function seen(...args: readonly string[]): Promise<string> {
  const text = await dig(...args);
  const status = /status: (\w+)/.exec(text)?.[1];
  const flags = /flags: ([a-z ]*);/.exec(text)?.[1];
  const warnings = /WARNING: .*|malformed.*|Truncated.*/.exec(text)?.[0] ?? "";
  const answers = [...text.matchAll(/^[^;\s].*$/gm)].map(([line]) =>
    line.split(/\s+/).slice(3).join(" "),
  );
  return [status, `[${flags}]`, ...answers, warnings].filter((part) => part !== "").join(" ");
}

describe("dig", () => {
  test.each([
    ["www.internet.test", "NOERROR [qr rd ra] A 198.18.0.1"],
    ["www.internet.test AAAA", "NOERROR [qr rd ra] AAAA 2001:db8::80"],
    ["www.internet.test +noedns", "NOERROR [qr rd ra] A 198.18.0.1"],
    ["www.internet.test +tcp", "NOERROR [qr rd ra] A 198.18.0.1"],
    ["www.internet.test +edns=1 +noednsneg", "BADVERS [qr rd ra]"],
    ["www.internet.test +ednsopt=100:0102 +ednsflags=0x40", "NOERROR [qr rd ra] A 198.18.0.1"],
    ["www.internet.test +subnet=198.18.0.0/24 +cookie", "NOERROR [qr rd ra] A 198.18.0.1"],
    ["mx.internet.test MX", "NOERROR [qr rd ra] MX 10 www.internet.test."],
    ["_sip._udp.internet.test SRV", "NOERROR [qr rd ra] SRV 1 2 5060 www.internet.test."],
    ["odd.internet.test TYPE65280", "NOERROR [qr rd ra] TYPE65280 \\# 4 01020304"],
    [
      "none.internet.test",
      "NXDOMAIN [qr rd ra] SOA ns.internet.test. h.internet.test. 1 7200 3600 604800 300",
    ],
    ["inside.internet.test", "NOERROR [qr rd ra]"],
    ["wanted.internet.test", "NOERROR [qr rd ra] A 192.168.1.1"],
    ["ads.internet.test", "NOERROR [qr rd ra] A 0.0.0.0"],
    ["deep.tracker.test AAAA", "NOERROR [qr rd ra] AAAA ::"],
    ["nas.maison.example", "NOERROR [qr aa rd ra] A 192.168.1.20"],
    ["NAS AAAA", "NOERROR [qr aa rd ra] AAAA fd00::20"],
    ["nas.home.arpa +tcp", "NOERROR [qr aa rd ra] A 192.168.1.20"],
    ["-x 192.168.1.20", "NOERROR [qr aa rd ra] PTR nas.maison.example."],
    ["-x fd00::20", "NOERROR [qr aa rd ra] PTR nas.maison.example."],
    [
      "-x 10.1.1.1",
      "NXDOMAIN [qr aa rd ra] SOA 10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 60",
    ],
    ["big.internet.test TXT +ignore +noall +comments", "NOERROR [qr tc rd ra]"],
    ["big.internet.test ANY", 'NOERROR [qr rd ra] HINFO "RFC8482" ""'],
    ["-c CH -t TXT version.bind", "REFUSED [qr rd ra]"],
    ["www.internet.test +opcode=2", "NOTIMP [qr rd ra]"],
    ["www.internet.test +norec", "REFUSED [qr ra]"],
    ["nas.home.arpa +norec", "NOERROR [qr aa ra] A 192.168.1.20"],
  ])("%s, asked twice: %s", async (args, expected) => {
    expect(await seen(...args.split(" "))).toBe(expected);
    expect(await seen(...args.split(" "))).toBe(expected);
  });

  test("a large answer comes over TCP when UDP says TC", async () => {
    expect((await dig("big.internet.test", "TXT", "+short")).trim().split("\n")).toHaveLength(40);
  });

  test("the TTL of a cached answer runs down", async () => {
    const ttl = async () =>
      Number(
        /IN\s+A\s/.exec(await dig("www.internet.test")) &&
          (await dig("+noall", "+answer", "www.internet.test")).split(/\s+/)[1],
      );
    const first = await ttl();
    await sleep(2100);
    expect(await ttl()).toBeLessThanOrEqual(first - 2);
  });
});

test("drill agrees", async () => {
  const text = await run("drill", ["@127.0.0.1", "www.internet.test"]);
  expect(text).toMatch(/rcode: NOERROR/);
  expect(text).toMatch(/www\.internet\.test\.\s+\d+\s+IN\s+A\s+198\.18\.0\.1/);
  expect(await run("drill", ["-D", "@127.0.0.1", "www.internet.test"])).toMatch(
    /EDNS: version 0; flags: do ; udp: 1232/,
  );
});

test("nothing answers where no listener was asked for", async () => {
  const text = await run("dig", ["@127.0.0.2", "+time=1", "+tries=1", "www.internet.test"]);
  expect(text).toMatch(/no servers could be reached|connection refused/);
});

test("a new one serves with a blocklist at the first question, and gives up its port when stopped", async () => {
  forwarder.stop();
  expect(await dig("nas.home.arpa")).toMatch(/no servers could be reached|connection refused/);
  forwarder = await openForwarder(
    { blocklists: { ...defaultDnsConfig.blocklists, files: ["list"] } },
    { stateDirectory: folder },
  );
  expect(await dig("+short", "localhost")).toBe("127.0.0.1\n");
});
