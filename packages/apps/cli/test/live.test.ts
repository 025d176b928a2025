import type { ServerMessage } from "@passerelle/api";
import { beforeEach, describe, expect, test } from "vitest";
import { answers } from "./support/answers.ts";
import { FixtureBox, problemOf } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

let box: FixtureBox;
let world: TestWorld;

beforeEach(() => {
  box = new FixtureBox();
  world = new TestWorld(() => box.door());
});

const hello: ServerMessage = { type: "hello", seq: 1, boot: "b" };
const wan = (seq: number, value: unknown): ServerMessage => ({
  type: "snapshot",
  seq,
  channel: "wan",
  value,
});

describe("events", () => {
  test("without -f: one state of each channel, then the end", async () => {
    box.streams = [[hello, wan(2, { n: 1 }), wan(3, { n: 2 })]];
    expect(await world.run("events", "wan", "--json")).toBe(0);
    expect(world.out).toBe(`${JSON.stringify(wan(2, { n: 1 }))}\n`);
  });

  test("without -f: a channel whose owner is away is not waited for without end", async () => {
    box.streams = [[hello, wan(2, {})]];
    world.onWait = async () => undefined;
    expect(await world.run("events", "wan", "hosts")).toBe(0);
  });

  test("a channel that may not be followed ends with 77", async () => {
    box.streams = [[hello, { type: "refused", seq: 2, channel: "apps", code: "not_allowed" }]];
    expect(await world.run("events", "apps")).toBe(77);
    expect(world.out).toContain("apps: not_allowed");
  });

  test("with -f: connects again after an end, waiting longer each time nothing comes, and Ctrl-C ends with 0", async () => {
    box.streams = [[hello, wan(2, { n: 1 })], [], [], [hello, wan(2, { n: 2 })]];
    world.onWait = async () => {
      if (world.waits.length === 4) world.stopping.abort();
    };
    expect(await world.run("events", "-f", "wan", "--json")).toBe(0);
    expect(
      world.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([hello, wan(2, { n: 1 }), hello, wan(2, { n: 2 })]);
    expect(world.waits).toEqual([1000, 2000, 4000, 1000]);
    expect(world.err).toContain("The connection ended");
  });

  test("with -f: a gap in the numbers begins again with a whole state", async () => {
    box.streams = [
      [hello, wan(2, { n: 1 }), wan(4, { n: 3 })],
      [hello, wan(2, { n: 4 })],
    ];
    world.onWait = async () => {
      if (world.waits.length === 2) world.stopping.abort();
    };
    await world.run("events", "-f", "wan");
    expect(world.out).toContain('{"n":4}');
    expect(world.out).not.toContain('{"n":3}');
  });

  test("with -f: no rights is no reason to try again", async () => {
    box.problems.set("GET /events/sse", problemOf("not_logged_in", 401));
    expect(await world.run("events", "-f")).toBe(77);
    expect(world.waits).toEqual([]);
  });

  test("a sentence is shown as one", async () => {
    const value = { code: "login", text: { fr: "Bonjour.", en: "Hello." } };
    box.streams = [[hello, { type: "snapshot", seq: 2, channel: "log", value }]];
    await world.run("events", "log", "--lang", "fr");
    expect(world.out).toContain("log = Bonjour. [login]");
  });
});

describe("a diagnosis", () => {
  const job = answers["GET /jobs/{id}"];
  if (job === undefined) throw new Error("the fixture has a job");
  const step = (verdict: "ok" | "warning" | "fault" | "skipped") => ({
    code: "dns",
    verdict,
    text: { fr: "Les noms.", en: "The names." },
    next: { fr: "Attendez.", en: "Wait." },
  });

  test.each([
    ["ok", 0],
    ["warning", 0],
    ["skipped", 0],
    ["fault", 2],
  ] as const)("whose last verdict is %s ends with %i", async (verdict, exit) => {
    box.answers = {
      ...answers,
      "GET /jobs/{id}": { ...job, steps: [...job.steps, step(verdict)] },
    };
    expect(await world.run("diag", "no-internet")).toBe(exit);
    expect(world.out).toContain("The names. [dns]\n  → Wait.");
    expect(await world.run("diag", "no-internet", "--json")).toBe(exit);
  });

  test.each([
    ["failed", 1],
    ["cancelled", 1],
  ] as const)("that %s ends with %i", async (state, exit) => {
    const fault = { code: "no_socket", text: { fr: "Non.", en: "No." } };
    box.answers = { ...answers, "GET /jobs/{id}": { ...job, state, fault } };
    expect(await world.run("diag", "slow")).toBe(exit);
    expect(world.out).toContain("No. [no_socket]");
  });

  test("a ping that nobody answered, a name without a record: 2", async () => {
    const lines = [{ number: 1, text: "no answer" }];
    const request = { kind: "ping" as const, target: "x", count: 1 };
    box.answers = { ...answers, "GET /jobs/{id}": { ...job, request, lines } };
    expect(await world.run("diag", "ping", "x")).toBe(2);
    const lookup = { kind: "dns_lookup" as const, target: "x", type: "A" as const };
    box.answers = { ...answers, "GET /jobs/{id}": { ...job, request: lookup, lines: [] } };
    expect(await world.run("diag", "dns", "x")).toBe(2);
  });

  test("is shown as it goes, each thing once", async () => {
    const running = { ...job, state: "running" as const, steps: job.steps, lines: [] };
    box.answers = { ...answers, "GET /jobs/{id}": running };
    world.onWait = async () => {
      if (world.waits.length === 3)
        box.answers = {
          ...answers,
          "GET /jobs/{id}": { ...job, steps: [...job.steps, step("ok")] },
        };
    };
    expect(await world.run("diag", "slow")).toBe(0);
    expect(world.out.match(/The cable is good/g)).toHaveLength(1);
    expect(world.out.match(/The names/g)).toHaveLength(1);
  });

  test("Ctrl-C ends it in the box too, and ends with 130", async () => {
    box.answers = { ...answers, "GET /jobs/{id}": { ...job, state: "running" } };
    world.onWait = async () => world.stopping.abort();
    expect(await world.run("diag", "slow")).toBe(130);
    expect(box.requests.at(-1)).toMatchObject({ key: "DELETE /jobs/{id}" });
    expect(world.err).toBe("");
  });

  test("that never ends is left, with 75", async () => {
    box.answers = { ...answers, "GET /jobs/{id}": { ...job, state: "running" } };
    world.onWait = async () => undefined;
    expect(await world.run("diag", "slow")).toBe(75);
    expect(world.err).toContain("[diagnosis_too_long]");
  });

  test("a capture to standard output is the packets and nothing else", async () => {
    expect(await world.run("diag", "capture", "wan", "-o", "-")).toBe(0);
    expect(world.out).toBe("PCAP");
  });
});

describe("status", () => {
  test("one part that is away leaves the others, and its code is the end", async () => {
    box.problems.set("GET /wan", problemOf("not_ready", 503));
    expect(await world.run("status")).toBe(75);
    expect(world.out).toContain("No: not_ready [not_ready]");
    expect(world.out).toContain("1 of 4 online");
    expect(await world.run("status", "--json")).toBe(75);
    expect(JSON.parse(world.out)).toMatchObject({
      wan: { problem: { code: "not_ready" } },
      hosts: answers["GET /hosts"],
    });
  });

  test("the line down: the sentence, since when, and what to do", async () => {
    const up = answers["GET /wan"];
    if (up === undefined) throw new Error("the fixture has a line");
    const cause = {
      code: "no_carrier",
      text: { fr: "Aucun signal.", en: "No signal." },
      next: { fr: "Vérifiez le câble.", en: "Check the cable." },
    };
    const since = up.line.since;
    const line = {
      ...up.line,
      access: { kind: "no_carrier" as const, since },
      session: { kind: "idle" as const },
      reach: { kind: "offline" as const, since, fault: cause },
      cause,
    };
    box.answers = { ...answers, "GET /wan": { line, resolvers: [] } };
    expect(await world.run("status", "--lang=fr")).toBe(0);
    expect(world.out).toContain("Aucun signal. (depuis ");
    expect(world.out).toContain("Panne : Aucun signal. [no_carrier]\n  → Vérifiez le câble.");
  });
});

describe("a device by its name", () => {
  test("that two have is asked for more exactly", async () => {
    expect(await world.run("devices", "show", "twin")).toBe(1);
    expect(world.err).toContain("[ambiguous_device]");
    expect(world.err).toContain("d-3 Twin 02:70:61:00:00:03");
    expect(await world.run("devices", "show", "02:70:61:00:00:03")).toBe(0);
  });

  test("that nobody has: the box says so in its own words", async () => {
    box.problems.set("GET /hosts/{id}", problemOf("unknown_device", 404));
    expect(await world.run("devices", "block", "../../x")).toBe(1);
    expect(world.err).toContain("No: unknown_device");
    expect(box.requests.at(-1)?.path).toBe("/api/v1/hosts/..%2F..%2Fx");
  });

  test("without an address can't be opened to", async () => {
    expect(await world.run("ports", "open", "80", "d-3")).toBe(1);
    expect(world.err).toContain("[device_without_address]");
  });

  test.each([
    ["laptop:81", { to: "192.168.1.20", toPort: 81 }],
    ["02:70:61:00:00:01", { to: "192.168.1.20" }],
    ["192.168.1.77:82", { to: "192.168.1.77", toPort: 82 }],
  ])("%s as a destination", async (word, sent) => {
    expect(await world.run("ports", "open", "80", word)).toBe(0);
    expect(box.requests.at(-1)?.body).toEqual({ protocol: "tcp", port: 80, ...sent });
  });
});
