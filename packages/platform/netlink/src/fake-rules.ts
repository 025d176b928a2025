import { RT_TABLE_LOCAL, RT_TABLE_MAIN, type Rule } from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { type FakeState, fakeRefusal } from "./fake-state.ts";
import type { NetlinkError } from "./port.ts";

export function addRule(state: FakeState, rule: Rule): Result<void, NetlinkError> {
  if (state.rules.some((one) => ruleKey(one) === ruleKey(rule))) return fakeRefusal("EEXIST");
  state.rules.push(rule);
  state.rules.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  state.events.push({ kind: "rule", deleted: false, rule });
  return ok(undefined);
}

export function removeRule(state: FakeState, rule: Rule): Result<void, NetlinkError> {
  const found = state.rules.find((one) => ruleKey(one) === ruleKey(rule));
  if (found === undefined) return fakeRefusal("ENOENT");
  state.rules = state.rules.filter((one) => one !== found);
  state.events.push({ kind: "rule", deleted: true, rule: found });
  return ok(undefined);
}

function ruleKey({ unknown: _, ...rule }: Rule): string {
  return JSON.stringify(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What every kernel starts with: local, main, and for IPv4 the empty "default". */
export function bootRules(): readonly Rule[] {
  const rule = (family: 4 | 6, priority: number, table: number): Rule => ({
    family,
    ...(priority === 0 ? {} : { priority }),
    table,
    action: 1,
    flags: 0,
    tos: 0,
    protocol: 2,
    unknown: [],
  });
  const main = RT_TABLE_MAIN;
  const four = [rule(4, 0, RT_TABLE_LOCAL), rule(4, 32_766, main), rule(4, 32_767, 253)];
  return [...four, rule(6, 0, RT_TABLE_LOCAL), rule(6, 32_766, main)];
}
