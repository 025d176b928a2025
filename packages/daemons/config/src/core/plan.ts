import type { ConfigChange, ConfigDifference, ConfigPlan, DaemonName } from "@passerelle/contract";
import { type Json, mergePatch } from "@passerelle/json";
import { differences } from "./difference.ts";
import {
  type Document,
  type KnownSection,
  type Problem,
  type Sections,
  sectionValue,
  validate,
} from "./document.ts";
import { asJson, canonicalJson, DOCUMENT_CHARACTERS_MAX } from "./json.ts";
import { maskDifference, unmask } from "./secrets.ts";

export type Plan = ConfigPlan;

/** What a change would do, and the document it would make; the document is only good where there are no problems. */
export interface Planned {
  readonly plan: Plan;
  readonly next: Document;
}

/** Plans merge patches of sections: several of one section apply in their order. */
export function planChanges(
  current: Document,
  changes: readonly ConfigChange[],
  sections: Sections,
): Planned {
  const wanted = new Map<DaemonName, unknown>();
  const problems: Plan["problems"] = [];
  for (const { section, patch } of changes) {
    const checked = asJson(patch);
    if (!checked.ok) {
      problems.push({ section, path: checked.error.path, message: checked.error.code });
      continue;
    }
    const target = wanted.has(section) ? wanted.get(section) : sectionValue(current, section);
    wanted.set(section, mergePatch(target as Json | undefined, checked.value));
  }
  const planned = planValues(current, wanted, sections);
  return {
    ...planned,
    plan: { ...planned.plan, problems: [...problems, ...planned.plan.problems] },
  };
}

/** Plans whole new values of some sections; the others stay as they are. */
export function planValues(
  current: Document,
  wanted: ReadonlyMap<DaemonName, unknown>,
  sections: Sections,
): Planned {
  const plan: Plan = { differences: [], impacts: [], problems: [], needsConfirmation: false };
  let next = current;
  for (const [name, value] of wanted) {
    const known = sections.get(name);
    if (known === undefined) {
      plan.problems.push({ section: name, path: "", message: "unknown_section" });
      continue;
    }
    const before = sectionValue(current, name);
    const settled = settle(value, before, known);
    if ("problems" in settled) {
      plan.problems.push(...settled.problems.map((problem) => ({ section: name, ...problem })));
      continue;
    }
    plan.differences.push(...sectionDifferences(name, before, settled.value, known));
    const impacts = sectionImpacts(before, settled.value, known);
    if ("problems" in impacts) {
      plan.problems.push(...impacts.problems.map((problem) => ({ section: name, ...problem })));
      continue;
    }
    plan.impacts.push(...impacts.impacts);
    next = { ...next, [name]: { version: known.section.version, value: settled.value } };
  }
  if (canonicalJson(next).length > DOCUMENT_CHARACTERS_MAX) {
    const section = [...wanted.keys()][0] ?? "config";
    plan.problems.push({ section, path: "", message: "too_big" });
  }
  const needsConfirmation = plan.impacts.some((i) => i.severity === "may_cut_you_off");
  return { plan: { ...plan, needsConfirmation }, next };
}

function settle(
  value: unknown,
  before: unknown,
  known: KnownSection,
): { readonly value: Json } | { readonly problems: readonly Problem[] } {
  const json = asJson(value);
  if (!json.ok) return { problems: [{ path: json.error.path, message: json.error.code }] };
  const restored = unmask(json.value, before, known.secrets);
  if (restored.unknown.length > 0) {
    return {
      problems: restored.unknown.map((path) => ({
        path,
        message: "There is no earlier secret to keep here: give a new one.",
      })),
    };
  }
  const valid = validate(restored.value, known);
  return valid.ok ? { value: valid.value } : { problems: valid.error };
}

function sectionDifferences(
  section: DaemonName,
  before: unknown,
  after: unknown,
  known: KnownSection,
): ConfigDifference[] {
  return differences(before, after).map((found) => {
    const { tokens: _, ...masked } = maskDifference(found, known.secrets);
    return { section, ...masked };
  });
}

function sectionImpacts(
  before: unknown,
  after: Json,
  { section }: KnownSection,
): { readonly impacts: Plan["impacts"] } | { readonly problems: readonly Problem[] } {
  if (before === undefined) return { impacts: [] };
  try {
    const impacts = section.impact(before, after);
    return { impacts: impacts.map((impact) => ({ section: section.name, ...impact })) };
  } catch (thrown) {
    // Without knowing what it does to people, the change is not made.
    const message = `the impact of ${section.name} failed: ${String(thrown)}`;
    return { problems: [{ path: "", message }] };
  }
}
