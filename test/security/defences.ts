/**
 * Every defence of the box's door, and how to take it away: with the text gone the named test must fail. `make red` tries them all
 * in a copy of the tree; a unit test sees that each text is still where it was.
 */
export interface Defence {
  /** Row of the checklist (docs: SECURITY.md). */
  readonly row: string;
  /** What is missing once it is taken away. */
  readonly without: string;
  readonly edits: readonly Edit[];
  readonly judge: Judge;
  /** The page has to be built anew. */
  readonly builds?: true;
}

export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

export interface Judge {
  readonly project: "unit" | "lab";
  readonly file: string;
  /** Part of the test's full name. */
  readonly name: string;
}

const WEB = "packages/daemons/web/src";
const CONFIG = "packages/daemons/config/src";
const SYSTEM = "packages/daemons/system/src";

const lab = (file: string, name: string): Judge => ({
  ...{ project: "lab", name },
  file: `test/security/${file}.lab.test.ts`,
});

export const DEFENCES: readonly Defence[] = [
  {
    row: "S-11",
    without: "sixty bits in the label's password",
    edits: [
      {
        file: `${CONFIG}/core/password.ts`,
        text: "const length = Math.ceil(bits / bitsPerCharacter);",
        instead: "const length = bitsPerCharacter && 8;",
      },
    ],
    judge: { project: "unit", file: "test/security/label.test.ts", name: "at least 60 bits" },
  },
  {
    row: "S-11",
    without: "chance in the label's password",
    edits: [
      {
        file: `${CONFIG}/core/password.ts`,
        text: "password += PASSWORD_ALPHABET[octet % PASSWORD_ALPHABET.length];",
        instead: "password += PASSWORD_ALPHABET[password.length];",
      },
    ],
    judge: {
      project: "unit",
      file: "test/security/label.test.ts",
      name: "another one on each box",
    },
  },
  {
    row: "S-13",
    without: "the wait after wrong guesses",
    edits: [
      {
        file: `${WEB}/core/attempts.ts`,
        text: "return Math.max(own, all) as Duration;",
        instead: "return (Math.max(own, all) * 0) as Duration;",
      },
    ],
    judge: lab("session", "S-13: guesses are slowed"),
  },
  {
    row: "S-14",
    without: "the question for a session",
    edits: [
      {
        file: `${WEB}/edge/api/intake.ts`,
        text: `if (caller.kind === "anyone") return apiFault("not_logged_in");`,
        instead: `if (caller.kind === "anyone") return undefined;`,
      },
    ],
    judge: lab("access", "no operation outside the public list answers a stranger"),
  },
  {
    row: "S-14",
    without: "the one spelling of a path",
    edits: [
      {
        file: `${WEB}/core/path.ts`,
        text: "if (HOSTILE_ESCAPE.test(path) || BROKEN_ESCAPE.test(target)) return REFUSED;",
        instead: "if (HOSTILE_ESCAPE.test(path) && BROKEN_ESCAPE.test(target)) return REFUSED;",
      },
      { file: `${WEB}/core/path.ts`, text: "if (isOdd) return REFUSED;", instead: "void isOdd;" },
    ],
    // What comes past it is still asked for a session: the whole gateway's test of the tricks stays green without it.
    judge: {
      project: "unit",
      file: "packages/daemons/web/test/guard.test.ts",
      name: "S-14 a path has one spelling",
    },
  },
  {
    row: "S-15",
    without: "the look at an app's rights",
    edits: [
      {
        file: `${WEB}/edge/api/intake.ts`,
        text: `if (!caller.capabilities.has(route.access)) return apiFault("not_allowed");`,
        instead: "",
      },
    ],
    judge: lab("access", "an app can do what it was given"),
  },
  {
    row: "S-16",
    without: "the look at where a change comes from",
    edits: [
      {
        file: `${WEB}/core/foreign.ts`,
        text: "if (!CHANGING.has(request.method)) return false;",
        instead: "if (request.method) return false;",
      },
    ],
    judge: lab("access", "are refused by each of their marks"),
  },
  {
    row: "S-16",
    without: "the look at where a WebSocket comes from",
    edits: [
      {
        file: `${WEB}/core/foreign.ts`,
        text: `export function isForeignSocket(
  request: Pick<Provenance, "origin" | "ownOrigin" | "fetchSite">,
): boolean {`,
        instead: `export function isForeignSocket(
  request: Pick<Provenance, "origin" | "ownOrigin" | "fetchSite">,
): boolean {
  if (request) return false;`,
      },
    ],
    judge: lab("access", "a WebSocket of another site's page is not opened"),
  },
  {
    row: "S-17",
    without: "the look at the name by which the box is called",
    edits: [
      {
        file: `${WEB}/core/host.ts`,
        text: "return host !== undefined && (host === own.address || own.names.has(host));",
        instead: "return host !== own.address || own.names.has(host) || true;",
      },
    ],
    judge: lab("access", "S-17: the box answers to its own names"),
  },
  {
    row: "S-17",
    without: "the resolver's look at addresses of the home",
    edits: [
      {
        file: "packages/daemons/lan/src/edge/dns/stored-answer.ts",
        text: "if (pointsInside(record, policy.own)) return true;",
        instead: "void pointsInside;",
      },
    ],
    judge: lab("browser", "by the resolver of the home"),
  },
  {
    row: "S-18",
    without: "both looks at what a person wants to be asked: the contract's and the daemon's",
    edits: [
      {
        file: "packages/bus/contract/src/system.ts",
        text: "/^(?!-)[a-zA-Z0-9_.:-]{1,253}$/",
        instead: "/^/",
      },
      {
        file: `${SYSTEM}/core/diagnostics/target.ts`,
        text: `if (text.startsWith("-") || !TEXT.test(text)) return undefined;`,
        instead: `if (!TEXT.test(text)) return { kind: "name", name: text };`,
      },
    ],
    judge: lab("input", "no program was given a word of a stranger"),
  },
  {
    row: "S-20",
    without: "the page held in memory, and the one spelling of a path",
    edits: [
      {
        file: `${WEB}/edge/page.ts`,
        text: "const file = files.get(path) ?? (LAST_DOT.test(path) ? undefined : index);",
        instead: `const file = files.get(path) ?? { ...index, plain: readFileSync(join(directory, decodeURIComponent(path))) };`,
      },
      {
        file: `${WEB}/core/path.ts`,
        text: "if (HOSTILE_ESCAPE.test(path) || BROKEN_ESCAPE.test(target)) return REFUSED;",
        instead: "",
      },
      { file: `${WEB}/core/path.ts`, text: "if (isOdd) return REFUSED;", instead: "void isOdd;" },
    ],
    judge: lab("input", "S-20: no name leads out"),
  },
  {
    row: "S-21",
    without: "names as text, and the policy that keeps a string from becoming markup",
    edits: [
      {
        file: "packages/apps/ui/src/components/name.tsx",
        text: `<bdi class="name" title={text}>
      {text}
    </bdi>`,
        instead: `<bdi class="name" title={text} dangerouslySetInnerHTML={{ __html: children }} />`,
      },
      {
        file: `${WEB}/core/answer-headers.ts`,
        text: `"default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"`,
        instead: `"frame-ancestors 'none'"`,
      },
    ],
    judge: lab("browser", "stays text on every page"),
    builds: true,
  },
  {
    row: "S-22",
    without: "the header against guessing the type",
    edits: [
      {
        file: `${WEB}/core/answer-headers.ts`,
        text: `  "x-content-type-options": "nosniff",\n`,
        instead: "",
      },
    ],
    judge: lab("access", "policy, type and frame are there"),
  },
  {
    row: "S-23",
    without: "a cookie that no script reads",
    edits: [{ file: `${WEB}/edge/token.ts`, text: `    "HttpOnly",\n`, instead: "" }],
    judge: lab("session", "a cookie that no script reads"),
  },
  {
    row: "S-23",
    without: "the end of the other sessions at a new password",
    edits: [
      {
        file: `${WEB}/core/judgement.ts`,
        text: "/** Every other session ends: one of them may be the reason for the change. */\nfunction passwordChanged(",
        instead:
          'function passwordChanged(book: Book, guess: Guess, purpose: Extract<Purpose, { kind: "password" }>): Outcome {\n  const outcome = passwordSet(book, guess, purpose);\n  return { ...outcome, change: { ...outcome.change, sessions: book.sessions } };\n}\nfunction passwordSet(',
      },
    ],
    judge: lab("session", "a new password ends every other session"),
  },
  {
    row: "S-24",
    without: "the second look before a dangerous action",
    edits: [
      {
        file: `${WEB}/edge/api/intake.ts`,
        text: `if (route.stepUp === true && !caller.steppedUp) return apiFault("step_up_required");`,
        instead: "",
      },
    ],
    judge: lab("session", "a login alone is not enough"),
  },
  {
    row: "S-25",
    without: "the look at the token of a change on probation",
    edits: [
      {
        file: `${CONFIG}/core/step.ts`,
        text: "if (!sameHash(input.tokenHash, state.tokenHash)) {",
        instead: "if (!sameHash(input.tokenHash, input.tokenHash)) {",
      },
    ],
    judge: lab("session", "S-25: a change on probation is kept by its token alone"),
  },
  {
    row: "S-26",
    without: "the least version of TLS and the strong suites",
    edits: [
      {
        file: `${WEB}/edge/listeners.ts`,
        text: `minVersion: "TLSv1.2",`,
        instead: `minVersion: "TLSv1",`,
      },
      {
        file: `${WEB}/edge/listeners.ts`,
        text: `    "ECDHE-ECDSA-CHACHA20-POLY1305",\n`,
        instead: `    "ECDHE-ECDSA-AES128-SHA",\n    "@SECLEVEL=0",\n`,
      },
    ],
    judge: lab("session", "1.2 and 1.3, nothing older"),
  },
  {
    row: "S-33",
    without: "the erasing at a factory reset",
    edits: [
      {
        file: "packages/runtime/service/src/factory-reset.ts",
        text: `    rmSync(join(own, name), { recursive: true, force: true });
    step("erased");`,
        instead: `    step("erased");`,
      },
    ],
    judge: lab("traces", "S-33: a factory reset forgets"),
  },
  {
    row: "S-34",
    without: "the masks of the configuration",
    edits: [
      {
        file: `${CONFIG}/core/secrets.ts`,
        text: "return rewrite(value, secrets, () => MASK);",
        instead: "return rewrite(value, secrets, (secret) => secret);",
      },
    ],
    judge: lab("traces", "the support bundle has none"),
  },
  {
    row: "S-34",
    without: "the redaction of the support report",
    edits: [
      {
        file: `${SYSTEM}/core/redact.ts`,
        text: 'redact(value: unknown, key = "", depth = 0): unknown {',
        instead:
          'redact(value: unknown, key = "", depth = 0): unknown {\n    if (depth >= 0) return value;',
      },
    ],
    // `config` hands it no secret anyway: what is lost is the house's names and addresses.
    judge: {
      project: "unit",
      file: "packages/daemons/system/test/service.test.ts",
      name: "S-34: a support report has nothing of the canaries",
    },
  },
  {
    row: "S-35",
    without: "the word to the event log",
    edits: [
      {
        file: `${WEB}/edge/audit.ts`,
        text: "for (const event of waiting) bus.publish(webSecurityEvent, event);",
        instead: "void waiting;",
      },
    ],
    judge: lab("traces", "S-35: what was done with rights is written down"),
  },
];
