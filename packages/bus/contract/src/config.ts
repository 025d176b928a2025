import * as v from "valibot";
import { command, DAEMONS, type DaemonName, state } from "./define.ts";
import { count, fault, wallTime } from "./values.ts";

/** Who asked for a change and from where; kept with the revision for ever. */
const author = v.strictObject({
  /** A person, an app, "factory" or "rollback". */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** The side the request came from: a change from the WAN is never confirmed. */
  origin: v.picklist(["lan", "local", "box"]),
});

const change = v.strictObject({
  section: v.picklist(DAEMONS),
  /** JSON merge patch (RFC 7396) of the section: null removes, arrays are replaced. */
  patch: v.record(v.string(), v.unknown()),
});

/** One difference between two revisions; a secret shows as "•••". */
const difference = v.strictObject({
  section: v.picklist(DAEMONS),
  /** JSON pointer (RFC 6901) inside the section. */
  path: v.string(),
  before: v.optional(v.unknown()),
  after: v.optional(v.unknown()),
});

/** What a change will do to the people of the house, said before it is done. */
const impact = v.strictObject({
  section: v.picklist(DAEMONS),
  severity: v.picklist(["none", "short_interruption", "devices_reconnect", "may_cut_you_off"]),
  text: v.strictObject({ fr: v.string(), en: v.string() }),
});

const problem = v.strictObject({
  section: v.picklist(DAEMONS),
  path: v.string(),
  message: v.string(),
});

const plan = v.strictObject({
  differences: v.array(difference),
  impacts: v.array(impact),
  problems: v.array(problem),
  needsConfirmation: v.boolean(),
});

const revisionInfo = v.strictObject({
  revision: count,
  parent: v.optional(count),
  author,
  at: wallTime,
  phase: v.picklist(["probation", "confirmed", "rolled_back"]),
  note: v.optional(v.pipe(v.string(), v.maxLength(500))),
  differences: v.array(difference),
});

export type ConfigAuthor = v.InferOutput<typeof author>;
export type ConfigChange = v.InferOutput<typeof change>;
export type ConfigDifference = v.InferOutput<typeof difference>;
export type ConfigImpact = v.InferOutput<typeof impact>;
export type ConfigProblem = v.InferOutput<typeof problem>;
export type ConfigPlan = v.InferOutput<typeof plan>;
export type RevisionInfo = v.InferOutput<typeof revisionInfo>;

/** What the box should be; each daemon reads its section when its digest here changes. */
export const configState = state({
  name: "state",
  owner: "config",
  about: "The revision in force, its phase, and the digest of every section.",
  schema: v.strictObject({
    revision: count,
    phase: v.variant("kind", [
      v.strictObject({ kind: v.literal("confirmed") }),
      v.strictObject({
        kind: v.literal("probation"),
        /** Milliseconds left when this was published. */
        remainingMs: count,
        previous: count,
        author,
      }),
    ]),
    /**
     * Section name → HMAC-SHA-256 of its canonical JSON, hexadecimal, with a key that never leaves `config`: it says that
     * a section changed, and nobody can guess at a secret with it. To be compared, not computed.
     */
    digests: v.record(v.string(), v.string()),
    /** The last roll-back and its reason, if any. */
    lastRollback: v.optional(v.strictObject({ from: count, to: count, at: wallTime, fault })),
  }),
});

/** One command a section: the access list lets a daemon read its own section, secrets included, and no other. */
export const configRead = Object.fromEntries(
  DAEMONS.map((daemon) => [daemon, readCommand(daemon)]),
) as Readonly<Record<DaemonName, ReturnType<typeof readCommand>>>;

function readCommand(daemon: DaemonName) {
  return command({
    name: `read/${daemon}`,
    owner: "config",
    callers: [daemon],
    about: `The section of ${daemon}, with its secrets, for ${daemon} alone.`,
    request: v.strictObject({}),
    reply: v.strictObject({ revision: count, digest: v.string(), value: v.unknown() }),
  });
}

export const configPlan = command({
  name: "plan",
  owner: "config",
  callers: ["web"],
  about: "What a change would do, without doing it.",
  request: v.strictObject({ changes: v.pipe(v.array(change), v.minLength(1), v.maxLength(32)) }),
  reply: plan,
});

export const configApply = command({
  name: "apply",
  owner: "config",
  callers: ["web"],
  about:
    "Applies a change. Where it could cut its author off it goes on probation and answers a one-time token.",
  request: v.strictObject({
    changes: v.pipe(v.array(change), v.minLength(1), v.maxLength(32)),
    author,
    note: v.optional(v.pipe(v.string(), v.maxLength(500))),
    /** The revision the author looked at; refused with "stale_revision" where another came between. */
    basedOn: v.optional(count),
    /** Seconds of probation, 10 to 600; absent: 90 where the plan needs a confirmation, else none. */
    probationSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(600))),
  }),
  reply: v.strictObject({
    revision: count,
    plan,
    probation: v.optional(v.strictObject({ token: v.string(), seconds: count })),
  }),
});

export const configConfirm = command({
  name: "confirm",
  owner: "config",
  callers: ["web"],
  about: "Keeps the revision on probation; needs the token that apply answered.",
  request: v.strictObject({ token: v.pipe(v.string(), v.maxLength(128)), author }),
  reply: v.strictObject({ revision: count }),
});

export const configRollback = command({
  name: "rollback",
  owner: "config",
  callers: ["web"],
  about:
    "Ends a probation at once, or makes an older revision the newest one again, on probation where it could cut its author off.",
  request: v.strictObject({ to: v.optional(count), author }),
  reply: v.strictObject({
    revision: count,
    probation: v.optional(v.strictObject({ token: v.string(), seconds: count })),
  }),
});

export const configHistory = command({
  name: "history",
  owner: "config",
  callers: ["web", "system"],
  about: "The newest revisions, newest first.",
  request: v.strictObject({
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200))),
  }),
  reply: v.strictObject({ revisions: v.array(revisionInfo) }),
});

export const configShow = command({
  name: "show",
  owner: "config",
  callers: ["web", "system"],
  about: "Every section as a person may see it: secrets are masked.",
  request: v.strictObject({ revision: v.optional(count) }),
  reply: v.strictObject({ revision: count, sections: v.record(v.string(), v.unknown()) }),
});

export const configExport = command({
  name: "export",
  owner: "config",
  callers: ["web"],
  about: "The whole configuration as one document; secrets only where a passphrase encrypts it.",
  request: v.strictObject({
    passphrase: v.optional(v.pipe(v.string(), v.minLength(8), v.maxLength(256))),
  }),
  reply: v.strictObject({ document: v.string() }),
});

export const configImport = command({
  name: "import",
  owner: "config",
  callers: ["web"],
  about:
    "Replaces the whole configuration by an exported document, on probation; answers the token.",
  request: v.strictObject({
    document: v.pipe(v.string(), v.maxLength(1_000_000)),
    passphrase: v.optional(v.pipe(v.string(), v.maxLength(256))),
    author,
  }),
  reply: v.strictObject({
    revision: count,
    plan,
    probation: v.optional(v.strictObject({ token: v.string(), seconds: count })),
  }),
});

export const configFactoryReset = command({
  name: "factory-reset",
  owner: "config",
  callers: ["web", "system"],
  about: "Forgets every revision and starts again from the factory defaults with a new password.",
  request: v.strictObject({ author }),
  reply: v.strictObject({ revision: count }),
});
