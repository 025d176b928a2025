import { expect, it } from "vitest";
import { parseTable } from "../src/json.ts";
import { parseError } from "../src/linux.ts";

// capture: nft 1.0.6 "-j list table", shortened.
const LISTED = `{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
{"table": {"family": "inet", "name": "t", "handle": 1}},
{"set": {"family": "inet", "name": "b", "table": "t", "type": "ether_addr", "handle": 4, "flags": ["timeout"],
 "elem": [{"elem": {"val": "00:11:22:33:44:55", "timeout": 3600, "expires": 3599, "counter": {"packets": 3, "bytes": 180}}}]}},
{"set": {"family": "inet", "name": "r", "table": "t", "type": "ipv4_addr", "elem": [{"range": ["10.0.0.1", "10.0.0.9"]}]}},
{"map": {"family": "inet", "name": "v", "table": "t", "type": "ifname", "map": "verdict",
 "elem": [["lan0", {"jump": {"target": "p_lan"}}], ["wan0", {"drop": null}]]}},
{"chain": {"family": "inet", "table": "t", "name": "c", "handle": 1}},
{"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 6, "comment": "x", "expr": [{"counter": {"packets": 7, "bytes": 9}}, {"accept": null}]}}]}`;

it("reads what nft prints", () => {
  expect(parseTable(LISTED, "inet", "t")).toEqual({
    family: "inet",
    name: "t",
    chains: [{ name: "c", rules: [{ comment: "x", counter: { packets: 7, bytes: 9 } }] }],
    sets: [
      {
        name: "b",
        kind: "set",
        elements: [
          { key: "00:11:22:33:44:55", expiresSeconds: 3599, counter: { packets: 3, bytes: 180 } },
        ],
      },
      { name: "r", kind: "set", elements: [{ key: "10.0.0.1-10.0.0.9" }] },
      {
        name: "v",
        kind: "map",
        elements: [
          { key: "lan0", value: "jump p_lan" },
          { key: "wan0", value: "drop" },
        ],
      },
    ],
    counters: [],
  });
});

it("calls anything else unreadable", () => {
  for (let end = 0; end < LISTED.length; end += 1) {
    expect(parseTable(LISTED.slice(0, end), "inet", "t")).toBeUndefined();
  }
  for (const text of [
    "[]",
    "null",
    '{"nftables":[1]}',
    '{"nftables":[{"set":{"name":"s","elem":[{}]}}]}',
  ]) {
    expect(parseTable(text, "inet", "t")).toBeUndefined();
  }
});

it("finds the place of a mistake", () => {
  expect(
    parseError("/dev/stdin:2:18-23: Error: No such file or directory; did you mean set?\nadd …"),
  ).toEqual({
    code: "not_found",
    text: "No such file or directory; did you mean set?",
    line: 2,
    column: 18,
  });
  expect(
    parseError("netlink: Error: cache initialization failed: Operation not permitted\n").code,
  ).toBe("refused");
  expect(parseError("")).toEqual({ code: "refused", text: "" });
});
