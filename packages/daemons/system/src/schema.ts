import { HEALTH, values } from "@passerelle/contract";
import { wallTime } from "@passerelle/time";
import * as v from "valibot";
import { type Memory, NOTIFICATIONS_MAX } from "./core/state.ts";
import { NOTHING_REMEMBERED, type Release, type UpgradeMemory } from "./core/upgrade/state.ts";

const sentence = v.strictObject({ fr: v.string(), en: v.string() });

const notice = v.strictObject({
  id: v.pipe(v.string(), v.maxLength(128)),
  at: v.pipe(values.wallTime, v.transform(wallTime)),
  severity: v.picklist(["info", "warning", "fault"]),
  code: v.string(),
  text: sentence,
  next: v.exactOptional(sentence),
  subject: v.exactOptional(values.hostileText),
  alarm: v.boolean(),
  dismissed: v.boolean(),
});

const memory = v.object({
  notifications: v.pipe(v.array(notice), v.maxLength(NOTIFICATIONS_MAX)),
  openings: v.record(v.string(), v.string()),
  firewallFailed: v.boolean(),
  revision: v.optional(v.number()),
  trial: v.optional(v.string()),
  undoneAt: v.optional(v.number()),
  lineCause: v.optional(v.string()),
  transition: v.optional(v.string()),
});

/** What an earlier life of this daemon kept; undefined where this release can't read it. */
export function readMemory(value: unknown): Memory | undefined {
  const parsed = v.safeParse(memory, value);
  if (!parsed.success) return undefined;
  const { revision, trial, undoneAt, lineCause, transition, ...rest } = parsed.output;
  return { ...rest, revision, trial, undoneAt, lineCause, transition };
}

const pendingBoot = v.strictObject({
  cause: v.picklist(["person", "upgrade", "fallback"]),
  actor: v.optional(values.hostileText),
});

/** Why a reboot was asked for, as it was written before it. */
export function readPendingBoot(
  text: string,
): { cause: "person" | "upgrade" | "fallback"; actor?: string } | undefined {
  try {
    const { cause, actor } = v.parse(pendingBoot, JSON.parse(text));
    return { cause, ...(actor === undefined ? {} : { actor }) };
  } catch {
    return undefined;
  }
}

const version = v.pipe(v.string(), v.maxLength(64));
const lacks = v.exactOptional(v.array(v.picklist(HEALTH)));

const upgradeMemory = v.object({
  pending: v.optional(
    v.object({
      why: v.picklist(["upgrade", "rollback"]),
      slot: v.pipe(v.string(), v.maxLength(64)),
      version,
      from: version,
      author: values.hostileText,
      bootId: v.string(),
      whole: v.boolean(),
      missing: lacks,
    }),
  ),
  home: v.optional(v.object({ slot: v.string(), version })),
  last: v.optional(
    v.object({
      kind: v.picklist(["kept", "fell_back", "went_back"]),
      version,
      from: version,
      at: v.pipe(values.wallTime, v.transform(wallTime)),
      missing: lacks,
    }),
  ),
});

/** What another release of this daemon may have written; what can't be read was never there. */
export function readUpgradeMemory(text: string | undefined): UpgradeMemory {
  try {
    const { pending, home, last } = v.parse(upgradeMemory, JSON.parse(text ?? "{}"));
    return { pending, home, last };
  } catch {
    return NOTHING_REMEMBERED;
  }
}

const release = v.object({
  version,
  board: v.exactOptional(version),
  builtAt: v.exactOptional(version),
});

/** What the image says of itself; undefined where it is no image. */
export function readReleaseText(text: string): Release | undefined {
  try {
    return v.parse(release, JSON.parse(text));
  } catch {
    return undefined;
  }
}
