import { values } from "@passerelle/contract";
import { wallTime } from "@passerelle/time";
import * as v from "valibot";
import { type Memory, NOTIFICATIONS_MAX } from "./core/state.ts";

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
  cause: v.picklist(["person"]),
  actor: v.optional(values.hostileText),
});

/** Why a reboot was asked for, as it was written before it. */
export function readPendingBoot(text: string): { cause: "person"; actor?: string } | undefined {
  try {
    const { cause, actor } = v.parse(pendingBoot, JSON.parse(text));
    return { cause, ...(actor === undefined ? {} : { actor }) };
  } catch {
    return undefined;
  }
}
