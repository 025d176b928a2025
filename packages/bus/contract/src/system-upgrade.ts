import * as v from "valibot";
import { command, state } from "./define.ts";
import { count, fault, hostileText, wallTime } from "./values.ts";

/** A version, or what a bundle's maker wrote in its place. */
const version = v.pipe(v.string(), v.maxLength(64));

const bundle = v.strictObject({
  /** Which board it is for. */
  board: v.pipe(v.string(), v.maxLength(64)),
  version,
  /** What is new, as its maker says it. */
  notes: v.optional(hostileText),
  /** When it was built, as its maker says it. */
  built: v.optional(hostileText),
});
export type UpgradeBundle = v.InferOutput<typeof bundle>;

/** What a healthy system lacks. */
export const HEALTH = ["lan", "page", "daemons", "configuration"] as const;

const outcome = v.strictObject({
  /** "kept": it proved itself. "fell_back": it did not, and the older one is back. "went_back": somebody wanted the other one. */
  kind: v.picklist(["kept", "fell_back", "went_back"]),
  /** The version that was tried. */
  version,
  /** The one before. */
  from: version,
  at: wallTime,
  /** What it lacked when its time was over; absent: it never got so far, or it lacked nothing. */
  missing: v.optional(v.array(v.picklist(HEALTH))),
});

export const systemUpgrade = state({
  name: "upgrade",
  owner: "system",
  about:
    "The two systems of the board: which runs, whether it proved itself, and what becomes of a new one.",
  schema: v.strictObject({
    phase: v.variant("kind", [
      /** The machine has one system only, or another program changes it. */
      v.strictObject({ kind: v.literal("unsupported") }),
      v.strictObject({ kind: v.literal("idle") }),
      v.strictObject({ kind: v.literal("inspecting") }),
      /** Nothing was written. */
      v.strictObject({ kind: v.literal("refused"), fault, bundle: v.optional(bundle) }),
      v.strictObject({ kind: v.literal("ready"), bundle }),
      v.strictObject({
        kind: v.literal("installing"),
        bundle,
        percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
      }),
      /** Writing it failed; what runs is as it was. */
      v.strictObject({ kind: v.literal("failed"), fault, bundle }),
      /** The other system is what starts next. */
      v.strictObject({ kind: v.literal("installed"), version }),
      v.strictObject({ kind: v.literal("restarting"), version }),
      /** It runs for the first time: without a proof in this time the box goes back by itself. */
      v.strictObject({ kind: v.literal("trial"), version, secondsLeft: count }),
    ]),
    running: v.strictObject({
      board: v.optional(v.string()),
      version,
      builtAt: v.optional(v.string()),
      slot: v.optional(v.string()),
    }),
    /** What is on the other slot; absent where there is none. */
    other: v.optional(
      v.strictObject({ slot: v.string(), version: v.optional(version), bootable: v.boolean() }),
    ),
    /** What runs was found good since this start. */
    proven: v.boolean(),
    /** What a proof lacks now. */
    missing: v.array(v.picklist(HEALTH)),
    /** How the last one ended. */
    last: v.optional(outcome),
  }),
});
export type SystemUpgrade = v.InferOutput<typeof systemUpgrade.schema>;

const author = v.pipe(v.string(), v.maxLength(64));

export const systemUpgradeInspect = command({
  name: "upgrade-inspect",
  owner: "system",
  callers: ["web"],
  about: "Looks into an uploaded bundle; what it is comes in system/upgrade.",
  request: v.strictObject({
    /** In the directory for uploads of `web`: a name, never a path. */
    file: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}\.raucb$/)),
    author,
  }),
  reply: v.strictObject({}),
});

export const systemUpgradeInstall = command({
  name: "upgrade-install",
  owner: "system",
  callers: ["web"],
  about: "Writes the bundle that was looked into to the other slot.",
  request: v.strictObject({
    /** Starts the box again as soon as it is written. */
    restart: v.boolean(),
    author,
  }),
  reply: v.strictObject({}),
});

export const systemUpgradeForget = command({
  name: "upgrade-forget",
  owner: "system",
  callers: ["web"],
  about: "Takes a bundle that is ready, or the message of one that was refused, away.",
  request: v.strictObject({}),
  reply: v.strictObject({}),
});

export const systemUpgradeRollback = command({
  name: "upgrade-rollback",
  owner: "system",
  callers: ["web"],
  about: "Starts the system of the other slot.",
  request: v.strictObject({ author }),
  reply: v.strictObject({}),
});
