import { values } from "@passerelle/contract";
import * as v from "valibot";

/** A sentence in both languages of the box. */
export const sentence = v.strictObject({ fr: v.string(), en: v.string() });

/** RFC 9457 problem details, with our stable code and what to do next. */
export const problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  /** Stable, snake_case; docs/errors.md lists them all. */
  code: v.string(),
  text: sentence,
  next: v.optional(sentence),
  /** What exactly was wrong with the request. */
  errors: v.optional(v.array(v.strictObject({ path: v.string(), message: v.string() }))),
  /** Seconds to wait, where waiting helps. */
  retryAfter: v.optional(values.count),
});
export type Problem = v.InferOutput<typeof problem>;

export const identifier = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
/** Never longer than argon2 should be made to work on. */
export const password = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
export const newPassword = v.pipe(v.string(), v.minLength(10), v.maxLength(128));
export const language = v.picklist(["fr", "en"]);
/** A number in a query: digits only. */
export const queryNumber = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,15}$/),
  v.transform(Number),
  v.integer(),
);
/** How many, in a query. */
export const queryLimit = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,3}$/),
  v.transform(Number),
  v.minValue(1),
  v.maxValue(200),
);
