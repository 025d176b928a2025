/** A fault that some code can answer or publish, with the sentences that people read. */
export interface DocumentedFault {
  readonly code: string;
  readonly fr: string;
  readonly en: string;
  readonly next: string | undefined;
  /** Package that says it, e.g. "daemons/wan". */
  readonly owner: string;
}

export interface SourceText {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface FaultCheck {
  readonly faults: readonly DocumentedFault[];
  /** One sentence each; the documentation is wrong while there is one. */
  readonly problems: readonly string[];
}

/** `code: "…"` that is no fault of a person: why it is not. Each must still be found, or it goes from here. */
export const NOT_FAULTS: Readonly<Record<string, string>> = {
  too_deep: "why a JSON value is refused inside config; shown as config_invalid",
  not_json: "why a JSON value is refused inside config; shown as config_invalid",
  forbidden_key: "why a JSON value is refused inside config; shown as config_invalid",
  result: "what a diagnosis found; its sentence is made from the figures",
};

/**
 * Reads the faults out of the sources. They are written in one of three ways: `code: "x", text: {…}`,
 * `x: { text: {…} }` in a table of sentences, and `x: ["fr", "en", …]` in a table of `faults.ts`.
 */
export function collectFaults(
  sources: readonly SourceText[],
  notFaults: Readonly<Record<string, string>> = NOT_FAULTS,
  /** Codes that another page explains. */
  elsewhere: ReadonlySet<string> = new Set(),
): FaultCheck {
  const found = sources.flatMap(faultsOf);
  const documented = new Set(found.map((fault) => fault.code));
  const literals = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\bcode: "([a-z0-9_]{2,64})"/g)].map((match) => ({
      path,
      code: match[1] ?? "",
    })),
  );
  const problems = [
    ...literals
      .filter(({ code }) => !documented.has(code) && !elsewhere.has(code))
      .filter(({ code }) => notFaults[code] === undefined)
      .map(({ path, code }) => `${path}: the code "${code}" has no sentence in fr and en`),
    ...Object.keys(notFaults)
      .filter((code) => !literals.some((literal) => literal.code === code))
      .map((code) => `packages/tools/docs/src/faults.ts: "${code}" is in no source any more`),
    ...disagreements(found),
  ];
  const faults = [
    ...new Map(found.map((fault) => [`${fault.code} ${fault.owner}`, fault])).values(),
  ];
  faults.sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  return { faults, problems };
}

/** One code, one meaning: two packages may share it only with the same words. */
function disagreements(found: readonly DocumentedFault[]): readonly string[] {
  const first = new Map<string, DocumentedFault>();
  const problems: string[] = [];
  for (const fault of found) {
    const known = first.get(fault.code);
    if (known === undefined) first.set(fault.code, fault);
    else if (known.en !== fault.en || known.fr !== fault.fr)
      problems.push(`"${fault.code}" means two things, in ${known.owner} and in ${fault.owner}`);
  }
  return problems;
}

/** A string of the sources, whatever its quotes. */
export const STRING = String.raw`("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\x60(?:[^\x60\\]|\\.)*\x60)`;
const SENTENCE = String.raw`\{\s*fr:\s*${STRING},\s*en:\s*${STRING},?\s*\}`;
const NEXT = String.raw`(?:,\s*next:\s*(?:${SENTENCE}|([A-Z][A-Z_]*)))?`;
const LITERAL = new RegExp(String.raw`\bcode: "([a-z0-9_]+)",\s*text:\s*${SENTENCE}${NEXT}`, "g");
const TABLE = new RegExp(String.raw`^\s*([a-z0-9_]+): \{\s*text:\s*${SENTENCE}${NEXT}`, "gm");
const TUPLE = new RegExp(
  String.raw`^\s*([a-z0-9_]+): \[\s*${STRING},\s*${STRING}(?:,\s*${STRING},\s*${STRING})?,?\s*\]`,
  "gm",
);

function faultsOf({ path, text }: SourceText): readonly DocumentedFault[] {
  const owner = path.split("/").slice(1, 3).join("/");
  const patterns = path.endsWith("/faults.ts") ? [LITERAL, TABLE, TUPLE] : [LITERAL, TABLE];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, code = "", fr = "", en = "", , nextEn, nextName]) => {
      const next = nextEn ?? sentenceCalled(nextName, text);
      return {
        code,
        fr: unquote(fr),
        en: unquote(en),
        next: next === undefined ? undefined : unquote(next),
        owner,
      };
    }),
  );
}

/** The English of `const NAME = { fr, en }` in the same file. */
function sentenceCalled(name: string | undefined, text: string): string | undefined {
  if (name === undefined) return undefined;
  return new RegExp(String.raw`\bconst ${name}\b[^=]*= ${SENTENCE}`).exec(text)?.[2];
}

/** The text between the quotes; what a template fills in shows as "…". */
export function unquote(source: string): string {
  const inner = source.slice(1, -1);
  if (source.startsWith("'")) return inner.replaceAll("\\'", "'");
  return source.startsWith("`")
    ? inner.replace(/\$\{[^}]*\}/g, "…").replaceAll("\\`", "`")
    : (JSON.parse(source) as string);
}
