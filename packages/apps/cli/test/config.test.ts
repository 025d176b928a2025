import { beforeEach, describe, expect, test } from "vitest";
import { answers } from "./support/answers.ts";
import { FixtureBox, problemOf } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

const DRAFT = "/home/person/.local/state/passerelle/draft-fixture.json";
const CONFIRMATION = "/home/person/.local/state/passerelle/confirmation-fixture";

let box: FixtureBox;
let world: TestWorld;

beforeEach(() => {
  box = new FixtureBox();
  world = new TestWorld(() => box.door());
});

const draft = (): unknown => JSON.parse(world.files.get(DRAFT) ?? "null");

describe("the draft", () => {
  test("is a merge patch of what was changed, whole lists included, and remembers the revision looked at", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    await world.run("config", "set", "firewall/blocked/-", "02:00:00:00:00:09");
    await world.run("config", "set", "lan/networks/0/address", "192.168.2.1/24");
    await world.run("config", "set", "firewall/dmz", "192.168.1.20");
    expect(draft()).toEqual({
      basedOn: 7,
      patches: {
        firewall: {
          answerPing: false,
          blocked: ["02:70:61:00:00:02", "02:00:00:00:00:09"],
          dmz: "192.168.1.20",
        },
        lan: { networks: [{ name: "lan", address: "192.168.2.1/24" }] },
      },
    });
  });

  test("a change taken back leaves no draft", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    await world.run("config", "set", "firewall/answerPing", "true");
    expect(world.files.has(DRAFT)).toBe(false);
  });

  test("what is a text stays one: a password of digits is no number", async () => {
    await world.run("config", "set", "wan/credentials/password", "12345678");
    await world.run("config", "set", "wan/credentials/login", '"quoted"');
    expect(draft()).toMatchObject({
      patches: { wan: { credentials: { password: "12345678", login: "quoted" } } },
    });
  });

  test("several values are a list; JSON is JSON; what isn't is a text", async () => {
    await world.run("config", "set", "firewall/blocked", "a", "b");
    await world.run("config", "set", "firewall/extra", '{"n":[1,null]}');
    await world.run("config", "set", "firewall/other", "plain words");
    expect(draft()).toMatchObject({
      patches: { firewall: { blocked: ["a", "b"], extra: { n: [1, null] }, other: "plain words" } },
    });
  });

  test("unset removes a member with null, and an item by the whole list", async () => {
    await world.run("config", "unset", "firewall/answerPing");
    await world.run("config", "unset", "firewall/blocked/0");
    expect(draft()).toMatchObject({ patches: { firewall: { answerPing: null, blocked: [] } } });
  });

  test.each([
    ["config", "set", "nonsense/x", "1"],
    ["config", "set", "firewall", "1"],
    ["config", "set", "lan/networks/7/address", "x"],
    ["config", "set", "lan/networks/01/address", "x"],
    ["config", "unset", "lan/nothing"],
    ["config", "unset", "lan"],
    ["config", "get", "lan/networks/0/nothing"],
    ["config", "get", "__proto__"],
  ])("%s %s %s is no setting", async (...words) => {
    expect(await world.run(...words)).toBe(1);
    expect(world.err).toContain("[unknown_setting]");
    expect(world.files.has(DRAFT)).toBe(false);
  });

  test("get --draft shows it on top, get without does not", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    await world.run("config", "get", "firewall/answerPing", "--draft");
    expect(world.out).toBe("false\n");
    await world.run("config", "get", "firewall/answerPing");
    expect(world.out).toBe("true\n");
  });

  test("each box has its own", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    const other = new TestWorld(() => ({ ...box.door(), name: "other" }));
    other.files.set(DRAFT, world.files.get(DRAFT) ?? "");
    expect(await other.run("config", "apply")).toBe(1);
    expect(other.err).toContain("[empty_draft]");
  });

  test.each(["{", "[]", '{"basedOn":"x","patches":{}}', '{"basedOn":1,"patches":{"lan":3}}'])(
    "a damaged one is said, not used: %s",
    async (text) => {
      world.files.set(DRAFT, text);
      expect(await world.run("config", "diff")).toBe(74);
      expect(world.err).toContain("[draft_unreadable]");
    },
  );
});

describe("diff", () => {
  test("shows what changes, what the home feels, and takes note that this revision was looked at", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    box.answers = {
      ...answers,
      "GET /config/state": { revision: 9, phase: { kind: "confirmed" } },
    };
    expect(await world.run("config", "diff")).toBe(0);
    expect(world.out).toBe("firewall/answerPing\n  - true\n  + false\n! A short interruption.\n");
    expect(draft()).toMatchObject({ basedOn: 9 });
  });

  test("ends with 1 where the box would refuse it, and says why", async () => {
    await world.run("config", "set", "firewall/answerPing", "7");
    const problems = [{ section: "firewall" as const, path: "/answerPing", message: "a boolean" }];
    const plan = answers["POST /config/plan"];
    if (plan === undefined) throw new Error("the fixture has a plan");
    box.answers = { ...answers, "POST /config/plan": { ...plan, problems } };
    expect(await world.run("config", "diff")).toBe(1);
    expect(world.out).toContain("✗ firewall/answerPing: a boolean");
  });
});

describe("apply and confirm", () => {
  test("says which revision it was based on; keeps and prints the token; confirm uses it once", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    expect(await world.run("config", "apply", "--confirm", "60")).toBe(0);
    expect(box.requests.at(-1)?.headers["if-match"]).toBe('"7"');
    expect(world.out).toContain("undone in 1 min unless you confirm");
    expect(world.out).toContain("passerelle config confirm tok-1");
    expect(world.files.has(DRAFT)).toBe(false);
    expect(world.files.get(CONFIRMATION)).toBe("tok-1\n");
    expect(await world.run("config", "confirm")).toBe(0);
    expect(world.files.has(CONFIRMATION)).toBe(false);
    expect(await world.run("config", "confirm")).toBe(1);
    expect(world.err).toContain("[no_kept_token]");
    expect(await world.run("config", "confirm", "other")).toBe(0);
    expect(box.requests.at(-1)?.body).toEqual({ token: "other" });
  });

  test("a refused change keeps its draft", async () => {
    await world.run("config", "set", "firewall/answerPing", "false");
    box.problems.set("POST /config/apply", problemOf("stale_revision", 412));
    expect(await world.run("config", "apply")).toBe(1);
    expect(world.files.has(DRAFT)).toBe(true);
    expect(world.files.has(CONFIRMATION)).toBe(false);
  });

  test("no draft, nothing to apply: the box is not asked", async () => {
    expect(await world.run("config", "apply")).toBe(1);
    expect(world.err).toContain("[empty_draft]");
    expect(box.requests).toEqual([]);
  });

  test.each(["5", "601", "x", "-1", "1e2"])(
    "--confirm=%s is no number of seconds",
    async (word) => {
      expect(await world.run("config", "apply", `--confirm=${word}`)).toBe(64);
      expect(box.requests).toEqual([]);
    },
  );
});

describe("files", () => {
  test("a passphrase comes from a file and loses its last line feed only", async () => {
    world.files.set("phrase", " eight chars \n");
    expect(await world.run("config", "export", "out.json", "--passphrase-file", "phrase")).toBe(0);
    expect(box.requests.at(-1)?.body).toEqual({ passphrase: " eight chars " });
    expect(world.files.get("out.json")).toBe('{"format":"passerelle"}');
  });

  test("what isn't there or can't be written ends with 74", async () => {
    expect(await world.run("config", "import", "nothing.json")).toBe(74);
    expect(world.err).toContain("[file_unreadable]");
    expect(await world.run("config", "export", "/readonly/x")).toBe(74);
    expect(world.err).toContain("[file_unwritable]");
  });

  test("load wants an object of sections that exist", async () => {
    world.files.set("a.json", "[1]");
    world.files.set("b.json", '{"nonsense":{}}');
    expect(await world.run("config", "load", "a.json")).toBe(64);
    expect(await world.run("config", "load", "b.json")).toBe(1);
  });
});
