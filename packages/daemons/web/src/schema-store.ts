import { CAPABILITIES } from "@passerelle/api";
import { instant, wallTime } from "@passerelle/time";
import * as v from "valibot";
import type { App, AppRequest } from "./core/app.ts";
import type { Attempts } from "./core/attempts.ts";
import type { Session } from "./core/session.ts";

/* What web.db holds, as JSON in rows. A row that is not of this shape is dropped: its owner logs in or pairs again. */

const moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(instant));
const calendar = v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(wallTime));
const text = v.pipe(v.string(), v.maxLength(256));
const capability = v.picklist(CAPABILITIES);

const session = v.strictObject({
  id: text,
  tokenHash: text,
  previous: v.exactOptional(v.strictObject({ tokenHash: text, until: moment })),
  transport: v.picklist(["cookie", "bearer"]),
  owner: v.variant("kind", [
    v.strictObject({
      kind: v.literal("person"),
      remember: v.boolean(),
      level: v.picklist(["full", "reading"]),
    }),
    v.strictObject({ kind: v.literal("app"), app: text }),
  ]),
  source: text,
  userAgent: v.exactOptional(text),
  startedAt: moment,
  seenAt: moment,
  stepUpUntil: v.exactOptional(moment),
});

const app = v.strictObject({
  id: text,
  name: text,
  capabilities: v.array(capability),
  createdAt: calendar,
  lastSeenAt: v.exactOptional(calendar),
});

const request = v.strictObject({
  id: text,
  name: text,
  wanted: v.array(capability),
  source: text,
  at: calendar,
  askedAt: moment,
  state: v.picklist(["pending", "approved", "denied", "expired"]),
});

const failures = v.strictObject({ count: v.pipe(v.number(), v.minValue(0)), lastAt: moment });

const attempts = v.strictObject({
  sources: v.array(v.tuple([text, failures])),
  all: failures,
  known: v.array(text),
});

export function readStoredSession(json: string): Session | undefined {
  return read(session, json);
}

export function readStoredApp(json: string): App | undefined {
  const found = read(app, json);
  return found === undefined ? undefined : { ...found, capabilities: new Set(found.capabilities) };
}

export function readStoredRequest(json: string): AppRequest | undefined {
  return read(request, json);
}

export function readStoredAttempts(json: string): Attempts | undefined {
  const found = read(attempts, json);
  return found === undefined ? undefined : { ...found, sources: new Map(found.sources) };
}

function read<T>(schema: v.GenericSchema<unknown, T>, json: string): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}
