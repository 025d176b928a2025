import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_MACHINE, Lab } from "../lab/lab.ts";
import { Box, type WanView } from "./box.ts";

/** Our forwarder in front of the operator's resolver, asked by dig, drill and dnsperf on lan1. */
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  await lab.lease("udhcpc", "lan1");
  await new Box(lab).until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online");
});
afterAll(() => lab.down());

const dig = async (...words: readonly string[]): Promise<string> =>
  (await lab.exec("lan1", ["dig", "+tries=1", "+time=5", ...words])).stdout;

describe("dig", () => {
  test.each([
    [
      "an address",
      ["web.internet.test", "A"],
      /web\.internet\.test\.\s+\d+\s+IN\s+A\s+93\.184\.216\.34/,
    ],
    ["a chain of aliases", ["chain1.internet.test", "A"], /chain3[\s\S]*93\.184\.216\.34/],
    ["an IPv6 address", ["dual.internet.test", "AAAA"], /AAAA\s+2a01:cb00/],
    ["a mail server", ["internet.test", "MX"], /MX\s+10 mail\.internet\.test/],
    ["a service", ["_sip._udp.internet.test", "SRV"], /SRV\s+10 5 5060/],
    ["a type nobody knows (RFC 3597)", ["unknown.internet.test", "TYPE65280"], /\\# 4 0A000001/i],
    [
      "a name that does not exist, with its SOA (RFC 2308)",
      ["no.internet.test", "A"],
      /NXDOMAIN[\s\S]*SOA/,
    ],
    [
      "a name without this type",
      ["nothing.internet.test", "A"],
      /NOERROR[\s\S]*ANSWER: 0[\s\S]*SOA/,
    ],
    ["a wildcard", ["any.wild.internet.test", "TXT"], /made by a wildcard/],
    ["an answer that needs TCP (RFC 7766)", ["big.internet.test", "TXT"], /"2323/],
    ["the same over TCP", ["+tcp", "web.internet.test", "A"], /93\.184\.216\.34/],
    [
      "EDNS is answered with EDNS (RFC 6891)",
      ["+edns=0", "web.internet.test"],
      /OPT PSEUDOSECTION[\s\S]*version: 0/,
    ],
    ["a version of EDNS nobody knows", ["+edns=1", "+noednsneg", "web.internet.test"], /BADVERS/],
    ["our own name", ["-x", "192.168.1.1"], /home\.arpa/],
    ["a private reverse zone stays at home (RFC 6303)", ["-x", "10.9.8.7"], /NXDOMAIN/],
    ["a name of home.arpa that nobody has (RFC 8375)", ["nobody.home.arpa"], /NXDOMAIN/],
  ] as const)("%s", async (_name, words, expected) => {
    expect(await dig(...words)).toMatch(expected);
  });

  test.each(["rebind.internet.test", "rebind-local.internet.test"])(
    "a name of the Internet that points into the home gets no such address: %s",
    async (name) => {
      expect(await dig("+short", name)).not.toMatch(/192\.168\.|127\./);
    },
  );

  test("a loop of aliases ends", async () => {
    expect(await dig("loop1.internet.test")).toMatch(/SERVFAIL|NOERROR/);
  });

  test("the second answer comes from the cache: its time to live has run", async () => {
    await dig("+short", "mail.internet.test");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const text = await dig("mail.internet.test");
    const ttl = Number(/mail\.internet\.test\.\s+(\d+)/.exec(text)?.[1]);
    expect(ttl).toBeLessThan(300);
    expect(ttl).toBeGreaterThan(200);
  });
});

test("drill reads what dig reads", async () => {
  const text = await lab.must("lan1", ["drill", "web.internet.test", "@192.168.1.1"]);
  expect(text).toContain("93.184.216.34");
});

/** An emulated machine has a tenth of the processor. */
const QUESTIONS_A_SECOND = IS_MACHINE ? 100 : 2000;

test("dnsperf: every question of five seconds is answered", async () => {
  const names = ["web", "mail", "ns", "dual", "no", "chain1"].map((n) => `${n}.internet.test A`);
  await lab.exec("lan1", ["tee", "/tmp/names"], { input: `${names.join("\n")}\n` });
  const argv = [
    "dnsperf",
    "-s",
    "192.168.1.1",
    "-d",
    "/tmp/names",
    "-Q",
    `${QUESTIONS_A_SECOND}`,
    "-l",
    "5",
  ];
  const text = await lab.must("lan1", argv, { timeoutMs: 30_000 });
  expect(text).toMatch(/Queries lost:\s+0 /);
  const counted = (what: string): number =>
    Number(new RegExp(`Queries ${what}:\\s+(\\d+)`).exec(text)?.[1]);
  expect(counted("completed")).toBe(counted("sent"));
  // How many it can be is for the bench to say.
  expect(counted("sent")).toBeGreaterThan(QUESTIONS_A_SECOND);
});

test("the WAN gets no recursion (S-10)", async () => {
  const gateway = (await lab.must("gw", ["ip", "-4", "-br", "address", "show", "wan0"])).match(
    /81[\d.]+/,
  )?.[0];
  const outside = ["dig", "+tries=1", "+time=2", `@${gateway}`, "web.internet.test"];
  expect((await lab.exec("attacker-wan", outside)).stdout).not.toContain("93.184.216.34");
});
