import type { Result } from "@passerelle/result";
import { expect, it } from "vitest";
import type { Nft, NftError, NftSetName } from "../src/port.ts";

const RULESET = `# a comment { that opens nothing
table inet p_test {
  set p_lan { type ipv4_addr; flags interval; elements = { 10.0.0.0/24, 10.2.0.1 }; }
  set p_blocked { type ether_addr; flags timeout; }
  map p_forward { type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.0.0.2 . 8080 }; }
  counter p_dropped { }
  chain p_input {
    type filter hook input priority 0; policy drop;
    ct state { established, related } accept
    ip saddr @p_lan counter accept comment "the LAN"
    counter name p_dropped
  }
  chain p_empty { }
}
`;
const LAN: NftSetName = { family: "inet", table: "p_test", name: "p_lan" };
const BLOCKED: NftSetName = { family: "inet", table: "p_test", name: "p_blocked" };
const FORWARD: NftSetName = { family: "inet", table: "p_test", name: "p_forward", kind: "map" };
const NOTHING = { packets: 0, bytes: 0 };

export function contract(makeNft: () => Nft): void {
  const table = async (nft: Nft) => value(await nft.listTable("inet", "p_test"));
  const keys = async (nft: Nft, name: string) =>
    (await table(nft))?.sets
      .find((one) => one.name === name)
      ?.elements.map((one) => one.key)
      .sort();

  it("applies a ruleset and reads it back", async () => {
    const nft = makeNft();
    expect(await table(nft)).toBeUndefined();
    expect(code(await nft.counters("inet", "p_test"))).toBe("not_found");
    value(await nft.apply(RULESET));
    const got = await table(nft);
    expect(got?.chains).toEqual([
      {
        name: "p_input",
        hook: "input",
        policy: "drop",
        rules: [{}, { comment: "the LAN", counter: NOTHING }, {}],
      },
      { name: "p_empty", rules: [] },
    ]);
    const sets = [...(got?.sets ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(sets).toEqual([
      { name: "p_blocked", kind: "set", elements: [] },
      { name: "p_forward", kind: "map", elements: [{ key: "80", value: "10.0.0.2 . 8080" }] },
      { name: "p_lan", kind: "set", elements: [{ key: "10.0.0.0/24" }, { key: "10.2.0.1" }] },
    ]);
    expect(got?.counters).toEqual([{ name: "p_dropped", ...NOTHING }]);
    expect(value(await nft.counters("inet", "p_test"))).toEqual(got?.counters);
  });

  it("changes nothing where a line is refused, and where it only checks", async () => {
    const nft = makeNft();
    value(await nft.check(RULESET));
    expect(await table(nft)).toBeUndefined();
    value(await nft.apply(RULESET));
    const before = await table(nft);
    const half = "flush table inet p_test\nflush set inet p_test p_missing\n";
    expect(code(await nft.apply(half))).toBe("not_found");
    expect(code(await nft.check(half))).toBe("not_found");
    expect(code(await nft.apply("table inet p_test { chain p_input {"))).toBe("syntax");
    expect(code(await nft.apply("delete table inet p_other"))).toBe("not_found");
    expect(await table(nft)).toEqual(before);
  });

  it("flushes rules and keeps elements, or takes the whole table away", async () => {
    const nft = makeNft();
    value(await nft.apply(RULESET));
    const renewed = 'table inet p_test { chain p_input { ct state new drop comment "new"; }; }';
    value(await nft.apply(`table inet p_test { }\nflush table inet p_test\n${renewed}\n`));
    expect((await table(nft))?.chains[0]?.rules).toEqual([{ comment: "new" }]);
    expect(await keys(nft, "p_lan")).toEqual(["10.0.0.0/24", "10.2.0.1"]);
    value(await nft.apply("delete table inet p_test\n"));
    expect(await table(nft)).toBeUndefined();
  });

  it("changes elements without touching the rules", async () => {
    const nft = makeNft();
    value(await nft.apply(RULESET));
    value(await nft.setElements(LAN, ["10.1.0.0/16", "192.168.1.7"]));
    expect(await keys(nft, "p_lan")).toEqual(["10.1.0.0/16", "192.168.1.7"]);
    value(await nft.addElements(LAN, ["192.168.1.8"]));
    value(await nft.removeElements(LAN, ["10.1.0.0/16"]));
    expect(await keys(nft, "p_lan")).toEqual(["192.168.1.7", "192.168.1.8"]);
    expect(code(await nft.removeElements(LAN, ["203.0.113.9"]))).toBe("not_found");
    value(await nft.setElements(LAN, []));
    expect(await keys(nft, "p_lan")).toEqual([]);
    value(await nft.addElements(BLOCKED, ["00:11:22:33:44:55 timeout 2h"]));
    expect(await keys(nft, "p_blocked")).toEqual(["00:11:22:33:44:55"]);
    value(await nft.setElements(FORWARD, ["443 : 10.0.0.3 . 8443"]));
    expect(await keys(nft, "p_forward")).toEqual(["443"]);
    const many = Array.from({ length: 1200 }, (_, i) => `10.5.${i >> 8}.${(i & 0xfe) | 1}`);
    value(await nft.setElements(LAN, [...new Set(many)]));
    expect((await keys(nft, "p_lan"))?.length).toBe(600);
    expect((await table(nft))?.chains[0]?.rules.length).toBe(3);
  });

  it("tells of every change, once for what came together, and of nothing after close", async () => {
    const nft = makeNft();
    let calls = 0;
    const watching = nft.watch(() => {
      calls += 1;
    });
    if (!watching.ok) throw new Error(watching.error.text);
    const change = async (act: () => Promise<Result<void, NftError>>): Promise<number> => {
      const before = calls;
      value(await act());
      await expect.poll(() => calls).toBeGreaterThan(before);
      return calls - before;
    };
    // The kernel says some forty things about this ruleset.
    expect(await change(() => nft.apply(RULESET))).toBeLessThan(5);
    await change(() => nft.addElements(LAN, ["192.168.1.9"]));
    await change(() => nft.apply("delete table inet p_test"));
    const before = calls;
    value(await nft.check(RULESET));
    expect(code(await nft.apply("delete table inet p_other"))).toBe("not_found");
    expect(value(await nft.listTable("inet", "p_test"))).toBeUndefined();
    expect(calls).toBe(before);
    watching.value.close();
    watching.value.close();
    value(await nft.apply(RULESET));
    value(await nft.listTable("inet", "p_test"));
    expect(calls).toBe(before);
  });

  it("lets no element become a statement", async () => {
    const nft = makeNft();
    value(await nft.apply(RULESET));
    for (const text of [
      "1.2.3.4 }\nflush ruleset\n",
      "1.2.3.4; flush ruleset",
      "1, 2",
      "{",
      "",
      "a\nb",
    ]) {
      expect(code(await nft.addElements(LAN, [text]))).toBe("invalid_element");
    }
    expect(code(await nft.setElements({ ...LAN, name: "p_lan }" }, []))).toBe("invalid_element");
    expect(code(await nft.setElements({ ...LAN, name: "p_none" }, ["10.0.0.1"]))).toBe("not_found");
    expect((await table(nft))?.chains.length).toBe(2);
  });
}

function value<T>(result: Result<T, NftError>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.text}`);
  return result.value;
}

function code(result: Result<unknown, NftError>): string {
  return result.ok ? "ok" : result.error.code;
}
