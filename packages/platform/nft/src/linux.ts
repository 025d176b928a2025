import { type Processes, textOf } from "@passerelle/process";
import { err, ok, type Result } from "@passerelle/result";
import { type ElementVerb, elementRuleset } from "./element-text.ts";
import { parseTable } from "./json.ts";
import { watchRuleset } from "./linux-watch.ts";
import type { Nft, NftError, NftFamily, NftSetName, NftTable } from "./port.ts";

/**
 * Through the program `nft`, 3 to 24 ms a call. Rulesets go in as text: with JSON on its standard input
 * nft opens /dev/stdin anew, which fails for Node's pipes because they are sockets.
 */
export function createLinuxNft(processes: Processes): Nft {
  const load = async (ruleset: string, ...flags: string[]): Promise<Result<void, NftError>> => {
    const done = await nft(processes, [...flags, "-f", "-"], ruleset);
    return done.ok ? ok(undefined) : done;
  };
  const elements = async (
    set: NftSetName,
    verb: ElementVerb,
    texts: readonly string[],
  ): Promise<Result<void, NftError>> => {
    const ruleset = elementRuleset(set, verb, texts);
    return ruleset.ok ? load(ruleset.value) : ruleset;
  };
  const listTable = async (
    family: NftFamily,
    table: string,
  ): Promise<Result<NftTable | undefined, NftError>> => {
    const listed = await nft(processes, ["-j", "list", "table", family, table], "");
    if (!listed.ok) return listed.error.code === "not_found" ? ok(undefined) : listed;
    const parsed = parseTable(listed.value, family, table);
    return parsed === undefined ? err({ code: "unreadable", text: "nft -j" }) : ok(parsed);
  };
  return {
    apply: (ruleset) => load(ruleset),
    check: (ruleset) => load(ruleset, "-c"),
    listTable,
    async counters(family, table) {
      // All of "list table" would carry every set's elements; this is counters only.
      const words = ["-j", "list", "counters", "table", family, table];
      const listed = await nft(processes, words, "");
      if (!listed.ok) return listed;
      const parsed = parseTable(listed.value, family, table);
      return parsed === undefined
        ? err({ code: "unreadable", text: "nft -j" })
        : ok(parsed.counters);
    },
    setElements: (set, texts) => elements(set, "set", texts),
    addElements: (set, texts) => elements(set, "add", texts),
    removeElements: (set, texts) => elements(set, "delete", texts),
    watch: watchRuleset,
  };
}

async function nft(
  processes: Processes,
  words: readonly string[],
  stdin: string,
): Promise<Result<string, NftError>> {
  const run = await processes.run({ argv: ["nft", ...words], stdin, outputBytesMax: 64 << 20 });
  if (!run.ok) return run;
  if (run.value.code === 0) return ok(textOf(run.value.stdout));
  return err(parseError(textOf(run.value.stderr)));
}

/** nft has one exit code; its first line says more. */
export function parseError(stderr: string): NftError {
  const match = /^(?:[^\n]*?:(\d+):(\d+)-\d+: )?Error: ([^\n]*)/m.exec(stderr);
  const text = match?.[3] ?? stderr.split("\n", 1)[0] ?? "";
  const place =
    match?.[1] === undefined ? {} : { line: Number(match[1]), column: Number(match[2]) };
  return { code: codeOf(text), text, ...place };
}

function codeOf(text: string): string {
  if (text.startsWith("syntax error")) return "syntax";
  const missing = ["No such file or directory", "element does not exist"];
  if (missing.some((one) => text.includes(one))) return "not_found";
  return text.includes("File exists") ? "exists" : "refused";
}
