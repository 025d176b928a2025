import { values } from "@passerelle/contract";
import * as v from "valibot";
import { identifier, language, newPassword, password } from "./common.ts";
import { CAPABILITIES, route } from "./define.ts";

const { wallTime, hostileText, count } = values;
const capability = v.picklist(CAPABILITIES);

const session = v.strictObject({
  id: identifier,
  /** True for the session that asks. */
  current: v.boolean(),
  kind: v.picklist(["person", "app"]),
  /** "admin", or the name of the app. */
  actor: hostileText,
  capabilities: v.array(capability),
  source: v.string(),
  userAgent: v.optional(hostileText),
  startedAt: wallTime,
  lastSeenAt: wallTime,
  expiresAt: wallTime,
  /** Until when dangerous actions are allowed; absent: not now. */
  stepUpUntil: v.optional(wallTime),
});

const app = v.strictObject({
  id: identifier,
  name: hostileText,
  capabilities: v.array(capability),
  createdAt: wallTime,
  lastSeenAt: v.optional(wallTime),
});

const appRequest = v.strictObject({
  id: identifier,
  name: hostileText,
  /** What it would like; it gets what the person grants. */
  wanted: v.array(capability),
  source: v.string(),
  at: wallTime,
  state: v.picklist(["pending", "approved", "denied", "expired"]),
});

/** Who may come in: first screens, sessions, apps. */
export const doorRoutes = {
  "GET /welcome": route({
    tag: "Welcome",
    access: "public",
    about: "What anybody on the LAN may know before logging in: the name of the box, no version.",
    reply: v.strictObject({
      name: v.string(),
      firstRunDone: v.boolean(),
      languages: v.array(language),
      /** Set while a change waits for its confirmation; the page then looks for the box. */
      probation: v.boolean(),
      /** Whether this connection is encrypted. */
      secure: v.boolean(),
      /** SHA-256 of the certificate of the box's own authority. */
      fingerprint: v.optional(v.string()),
    }),
  }),
  "POST /sessions": route({
    tag: "Sessions",
    access: "public",
    about:
      "Logs in. A person gives the password; an app its id and HMAC-SHA-256(secret, challenge) in hexadecimal. Transport cookie sets a cookie; bearer answers a token for the Authorization header.",
    status: 201,
    body: v.variant("kind", [
      v.strictObject({
        kind: v.literal("password"),
        password,
        transport: v.picklist(["cookie", "bearer"]),
        /** 30 days, reading only; the rest asks for the password again. */
        remember: v.optional(v.boolean()),
      }),
      v.strictObject({
        kind: v.literal("app"),
        app: identifier,
        challenge: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
        proof: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      }),
    ]),
    reply: v.strictObject({ session, token: v.optional(v.string()) }),
    errors: ["wrong_password", "too_many_attempts", "wrong_proof"],
  }),
  "GET /sessions": route({
    tag: "Sessions",
    access: "admin",
    about: "Who is logged in.",
    reply: v.strictObject({ sessions: v.array(session) }),
  }),
  "GET /sessions/current": route({
    tag: "Sessions",
    access: "read",
    about: "The session that asks.",
    reply: v.strictObject({ session }),
  }),
  "DELETE /sessions/current": route({
    tag: "Sessions",
    access: "read",
    about: "Logs out.",
  }),
  "DELETE /sessions/{id}": route({
    tag: "Sessions",
    access: "admin",
    about: "Ends another session.",
    errors: ["unknown_session"],
  }),
  "POST /sessions/current/step-up": route({
    tag: "Sessions",
    access: "admin",
    about:
      "Proves that a person is there, for dangerous actions in the next hour: the password again, or within a minute the button of the box.",
    body: v.variant("kind", [
      v.strictObject({ kind: v.literal("password"), password }),
      v.strictObject({ kind: v.literal("button") }),
    ]),
    reply: v.strictObject({ session }),
    errors: ["wrong_password", "too_many_attempts", "button_not_pressed"],
  }),
  "PUT /password": route({
    tag: "Sessions",
    access: "admin",
    about: "Changes the password and ends every other session.",
    body: v.strictObject({ current: password, next: newPassword }),
    errors: ["wrong_password", "too_many_attempts", "weak_password"],
  }),
  "GET /apps": route({
    tag: "Apps",
    access: "admin",
    about: "Paired apps, and those that ask.",
    reply: v.strictObject({ apps: v.array(app), requests: v.array(appRequest) }),
  }),
  "POST /apps/requests": route({
    tag: "Apps",
    access: "public",
    status: 201,
    about:
      "An app asks to be paired. It keeps the secret and asks for the state until a person of the house has answered on the page.",
    body: v.strictObject({
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(63)),
      wanted: v.pipe(v.array(capability), v.minLength(1), v.maxLength(CAPABILITIES.length)),
    }),
    reply: v.strictObject({ request: appRequest, secret: v.string() }),
    errors: ["too_many_requests"],
  }),
  "GET /apps/requests/{id}": route({
    tag: "Apps",
    access: "public",
    about: "How a request stands; the id is known to the app that asked only.",
    reply: v.strictObject({ state: appRequest.entries.state, app: v.optional(identifier) }),
    errors: ["unknown_app"],
  }),
  "POST /apps/requests/{id}/answer": route({
    tag: "Apps",
    access: "admin",
    stepUp: true,
    about: "Lets an app in with these rights, or refuses it with none.",
    body: v.strictObject({ capabilities: v.pipe(v.array(capability), v.maxLength(6)) }),
    reply: v.strictObject({ app: v.optional(app) }),
    errors: ["unknown_app"],
  }),
  "GET /apps/{id}/challenge": route({
    tag: "Apps",
    access: "public",
    about: "32 octets to prove the app's secret with, good for a minute and once.",
    reply: v.strictObject({ challenge: v.string() }),
    errors: ["unknown_app"],
  }),
  "PATCH /apps/{id}": route({
    tag: "Apps",
    access: "admin",
    stepUp: true,
    about: "Gives an app other rights; they hold at once.",
    body: v.strictObject({ capabilities: v.pipe(v.array(capability), v.maxLength(6)) }),
    reply: v.strictObject({ app }),
    errors: ["unknown_app"],
  }),
  "DELETE /apps/{id}": route({
    tag: "Apps",
    access: "admin",
    about: "Takes every right from an app and ends its sessions.",
    errors: ["unknown_app"],
  }),
  "GET /certificate": route({
    tag: "Welcome",
    access: "public",
    media: "application/x-x509-ca-cert",
    about:
      "The certificate of the box's own authority, to be installed; it can only vouch for the names of this box.",
    reply: v.string(),
  }),
  "PUT /first-run": route({
    tag: "Welcome",
    access: "admin",
    about: "The first screens are done.",
    body: v.strictObject({ language }),
    reply: v.strictObject({ revision: count }),
  }),
};
