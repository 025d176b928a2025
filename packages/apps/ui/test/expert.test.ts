import { allRoutes } from "@passerelle/api";
import { openApiDocument } from "@passerelle/api/openapi";
import { describe, expect, test } from "vitest";
import { csvOf, partsOf } from "../src/core/bundle.ts";
import { type BusLog, filtered, heard, prettyJson, TOPICS_MAX } from "../src/core/bus-log.ts";
import { diagnosisOf, NEW_TOOL, type ToolForm, toolErrors } from "../src/core/diagnosis-form.ts";
import { operationsOf, searched } from "../src/core/openapi-view.ts";

describe("the API read out", () => {
  const operations = operationsOf(openApiDocument(), "https://box.home.arpa");

  test("every operation of the table is there, with its right and its proof", () => {
    const said = operations.map(({ key, access, stepUp }) => `${key} ${access} ${stepUp}`);
    const wanted = allRoutes.map(
      ([key, route]) => `${key} ${route.access} ${route.stepUp === true}`,
    );
    expect([...said].sort()).toEqual([...wanted].sort());
  });

  test("every parameter has a name and a place, whichever way the document writes it", () => {
    const parameters = operations.flatMap((one) => one.parameters);
    expect(parameters.length).toBeGreaterThan(20);
    expect(parameters.filter(({ name, place }) => name === "" || place === "")).toEqual([]);
  });

  test("a line for a shell that wants only its capitals filled in", () => {
    const rename = operations.find(({ key }) => key === "PATCH /hosts/{id}");
    expect(rename?.curl).toBe(
      `curl -X PATCH -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{}' 'https://box.home.arpa/api/v1/hosts/ID'`,
    );
    const welcome = operations.find(({ key }) => key === "GET /welcome");
    expect(welcome?.curl).toBe("curl 'https://box.home.arpa/api/v1/welcome'");
  });

  test("shapes as a person of the trade would write them", () => {
    const ping = operations.find(({ key }) => key === "POST /diagnostics");
    expect(ping?.body).toContain('kind: "ping"');
    expect(ping?.body).toContain("count: integer (1…100)");
    const wake = operations.find(({ key }) => key === "POST /hosts/{id}/wake");
    expect(wake?.body).toBeUndefined();
  });

  test("a search holds every word, wherever it stands", () => {
    expect([...searched(operations, "wake HOSTS").values()].flat().map(({ key }) => key)).toEqual([
      "POST /hosts/{id}/wake",
    ]);
    expect(searched(operations, "nothing holds this").size).toBe(0);
    expect([...searched(operations, " ").values()].flat()).toHaveLength(operations.length);
  });

  test.each([undefined, null, 3, [], { paths: 7 }, { paths: { "/x": { get: "no" } } }])(
    "a document that is none has no operations: %j",
    (document) => {
      expect(operationsOf(document, "")).toEqual([]);
    },
  );
});

describe("what the bus says", () => {
  const say = (log: BusLog, topic: string, value: unknown): BusLog =>
    heard(log, { topic, at: 1, value });

  test("the last value of each topic, counted", () => {
    const log = [1, 2, 3].reduce<BusLog>((all, n) => say(all, "wan/state", n), new Map());
    expect(filtered(say(log, "lan/state", 9), "state")).toEqual([
      { last: { topic: "lan/state", at: 1, value: 9 }, count: 1 },
      { last: { topic: "wan/state", at: 1, value: 3 }, count: 3 },
    ]);
  });

  test("it never grows without end; the one that was silent longest goes", () => {
    let log: BusLog = say(new Map(), "first", 0);
    for (let n = 0; n < TOPICS_MAX + 50; n += 1) {
      log = say(log, `t${n}`, n);
      if (n === 100) log = say(log, "spoke again", 1);
      if (n === 20) log = say(log, "spoke again", 0);
    }
    expect(log.size).toBe(TOPICS_MAX);
    expect(filtered(log, "first")).toEqual([]);
    expect(filtered(log, "spoke again")).toHaveLength(1);
    expect(filtered(log, `t${TOPICS_MAX + 49}`)).toHaveLength(1);
  });

  test("a mark that turns the line around is seen, and turns nothing", () => {
    expect(prettyJson("a\u202Eb\u2028\uFEFF")).toBe('"a\\u{202e}b\\u{2028}\\u{feff}"');
    expect(partsOf(JSON.stringify({ x: "\u2066" }))?.[0]?.text).toBe('"\\u{2066}"');
  });

  test("long values are cut; what JSON can't say is a dash", () => {
    expect(prettyJson("x".repeat(90_000)).length).toBeLessThan(20_010);
    expect(prettyJson(undefined)).toBe("–");
  });
});

describe("the report and the table of events", () => {
  test("its parts, each with its size, cut for the eye only", () => {
    const parts = partsOf(JSON.stringify({ version: "1", log: ["x".repeat(30_000)] }));
    expect(parts?.map(({ name, isCut }) => [name, isCut])).toEqual([
      ["version", false],
      ["log", true],
    ]);
    expect(parts?.[1]?.bytes).toBeGreaterThan(30_000);
    expect(partsOf("no")).toBeUndefined();
  });

  test("a name that is a formula is only text in a spreadsheet", () => {
    expect(csvOf([["=HYPERLINK(1)", 'say "x"', "a,b", "two\nlines", "plain"]])).toBe(
      `'=HYPERLINK(1),"say ""x""","a,b","two\nlines",plain\r\n`,
    );
    for (const first of ["+", "-", "@", "\t", "\r"]) {
      expect(csvOf([[`${first}1`]])).toMatch(/^"?'/);
    }
  });
});

describe("the tools", () => {
  test.each<[Partial<ToolForm>, object]>([
    [{ target: " example.org " }, { kind: "ping", target: "example.org", count: 5 }],
    [
      { tool: "trace", target: "192.0.2.1" },
      { kind: "trace", target: "192.0.2.1" },
    ],
    [
      { tool: "dns_lookup", target: "example.org", type: "MX", resolver: "9.9.9.9" },
      { kind: "dns_lookup", target: "example.org", type: "MX", resolver: "9.9.9.9" },
    ],
    [
      { tool: "capture", network: "lan", mac: "02:00:00:00:00:03" },
      { kind: "capture", network: "lan", mac: "02:00:00:00:00:03", seconds: 20 },
    ],
  ])("%j", (change, expected) => {
    expect(diagnosisOf({ ...NEW_TOOL, ...change })).toEqual(expected);
  });

  test.each<[Partial<ToolForm>, string]>([
    [{ target: "" }, "target"],
    [{ target: "-f" }, "target"],
    [{ target: "a; reboot" }, "target"],
    [{ target: "a", count: "101" }, "count"],
    [{ tool: "dns_lookup", target: "a", resolver: "dns.example" }, "resolver"],
    [{ tool: "capture", seconds: "0" }, "seconds"],
  ])("%j is refused beside its field", (change, field) => {
    expect(toolErrors({ ...NEW_TOOL, ...change })).toEqual([field]);
    expect(diagnosisOf({ ...NEW_TOOL, ...change })).toBeUndefined();
  });
});
