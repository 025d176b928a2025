import { err, ok, type Result } from "@passerelle/result";
import type { NftError, NftSetName } from "./port.ts";

/** Enough for addresses, ranges, ports, concatenations, quoted names, timeouts; nothing that ends a statement. */
const ELEMENT = /^[0-9A-Za-z_.:/"@ -]{1,256}$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;
const LINE_ELEMENTS = 512;

export type ElementVerb = "set" | "add" | "delete";

/** The statements of one change of a set's elements. What could be read as another statement is refused. */
export function elementRuleset(
  set: NftSetName,
  verb: ElementVerb,
  elements: readonly string[],
): Result<string, NftError> {
  const { family, table, name } = set;
  const bad = [table, name].find((one) => !NAME.test(one));
  const wrong = bad ?? elements.find((one) => !ELEMENT.test(one));
  if (wrong !== undefined)
    return err({ code: "invalid_element", text: `not a name or element: ${wrong}` });
  const lines = verb === "set" ? [`flush ${set.kind ?? "set"} ${family} ${table} ${name}`] : [];
  for (let at = 0; at < elements.length; at += LINE_ELEMENTS) {
    const some = elements.slice(at, at + LINE_ELEMENTS).join(", ");
    const word = verb === "delete" ? "delete" : "add";
    lines.push(`${word} element ${family} ${table} ${name} { ${some} }`);
  }
  return ok(`${lines.join("\n")}\n`);
}
