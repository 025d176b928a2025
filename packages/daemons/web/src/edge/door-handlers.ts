import type { Bus } from "@passerelle/bus-client";
import { configApply } from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import type { WebConfig } from "../config.ts";
import { type DoorFaultCode, doorFault } from "../core/faults.ts";
import { REMEMBER_MAX } from "../core/session.ts";
import { appView, requestView, sessionView } from "../core/view.ts";
import { isWeakPassword } from "../core/weak-password.ts";
import type { DoorOperation } from "./api/create-api.ts";
import { authorOf, type Caller, type Handlers, type Outcome } from "./api/port.ts";
import type { BoxFacts } from "./box-facts.ts";
import type { DoorKeeper, Judgement, Settled } from "./door.ts";
import {
  drawId,
  drawToken,
  hashPassword,
  isPassword,
  isProof,
  isSameText,
  sha256,
} from "./secrets.ts";
import { clearCookie, setCookie } from "./token.ts";

export interface HandlerOptions {
  readonly door: DoorKeeper;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly config: () => WebConfig;
  readonly facts: BoxFacts;
  readonly certificate: () => { readonly pem: string; readonly fingerprint: string } | undefined;
}

/** Every operation of `doorRoutes`. The rights were looked at before anybody gets here. */
export function doorHandlers(options: HandlerOptions): Handlers<DoorOperation> {
  return {
    ...welcomeHandlers(options),
    ...sessionHandlers(options),
    ...loginHandlers(options),
    ...appHandlers(options),
  };
}

type Welcome = "GET /welcome" | "GET /certificate" | "PUT /first-run";

function welcomeHandlers(options: HandlerOptions): Handlers<Welcome> {
  const { bus, config, facts, certificate } = options;
  return {
    "GET /welcome": async ({ caller }) => {
      const { language, firstRunDone } = config();
      const fingerprint = certificate()?.fingerprint;
      return done({
        name: facts.deviceName() ?? "Passerelle",
        firstRunDone,
        languages: language === "en" ? ["en", "fr"] : ["fr", "en"],
        probation: facts.probation(),
        secure: caller.secure,
        ...(fingerprint === undefined ? {} : { fingerprint }),
      });
    },
    "GET /certificate": async () => {
      const pem = certificate()?.pem;
      return pem === undefined ? refused("certificate_not_ready") : done(pem);
    },
    "PUT /first-run": async ({ input, caller }) => {
      const patch = { firstRunDone: true, language: input.body.language };
      const reply = await bus.request(configApply, {
        changes: [{ section: "web", patch }],
        author: authorOf(caller),
        note: "first run",
      });
      return reply.ok ? done({ revision: reply.data.revision }) : reply;
    },
  };
}

type Sessions =
  | "GET /sessions"
  | "GET /sessions/current"
  | "DELETE /sessions/current"
  | "DELETE /sessions/{id}";

function sessionHandlers({ door, clock }: HandlerOptions): Handlers<Sessions> {
  const clocks = () => ({ now: clock.now(), wall: clock.wall() });
  return {
    "GET /sessions": async ({ caller }) => {
      const book = door.book();
      return done({
        sessions: [...book.sessions.values()].map((session) =>
          sessionView(session, book, clocks(), caller.sessionId),
        ),
      });
    },
    "GET /sessions/current": async ({ caller }) => {
      const book = door.book();
      const session = book.sessions.get(caller.sessionId ?? "");
      if (session === undefined) return refused("unknown_session");
      return done({ session: sessionView(session, book, clocks(), session.id) });
    },
    "DELETE /sessions/current": async ({ caller }) => {
      const outcome = await end(door, caller, caller.sessionId ?? "", "logout");
      return outcome.ok
        ? { ...outcome, headers: { "set-cookie": clearCookie(caller.secure) } }
        : outcome;
    },
    "DELETE /sessions/{id}": ({ input, caller }) => end(door, caller, input.params.id, "revoked"),
  };
}

async function end(
  door: DoorKeeper,
  { actor, source }: Caller,
  session: string,
  how: "logout" | "revoked",
): Promise<Outcome<undefined>> {
  const settled = await door.ask((request) => ({
    kind: "ended",
    ...{ request, session, how, actor, source },
  }));
  return settled.answer.kind === "unknown" ? refused("unknown_session") : kept(settled, undefined);
}

type Logins = "POST /sessions" | "POST /sessions/current/step-up" | "PUT /password";

function loginHandlers(options: HandlerOptions): Handlers<Logins> {
  const { door, clock, config } = options;
  const judgePassword = (given: string) => async (): Promise<Judgement> => {
    const { passwordHash } = door.store;
    const right =
      passwordHash === undefined
        ? isSameText(given.normalize("NFKC"), config().labelPassword)
        : await isPassword(given, passwordHash);
    return { right };
  };
  return {
    "POST /sessions": ({ input: { body }, caller }) => {
      if (body.kind === "app") return loginApp(options, body, caller);
      return loginPerson(options, body, caller, judgePassword(body.password));
    },
    "POST /sessions/current/step-up": async ({ input: { body }, caller }) => {
      const session = caller.sessionId;
      const token = drawToken();
      const isCookie = door.book().sessions.get(session ?? "")?.transport === "cookie";
      if (session === undefined) return refused("unknown_session");
      const { source } = caller;
      const rotation = isCookie ? { tokenHash: sha256(token) } : {};
      const settled =
        body.kind === "button"
          ? await door.ask((request) => ({
              kind: "button_asked",
              ...{ request, session, source },
              ...rotation,
            }))
          : await door.guess((request) => {
              const purpose = { kind: "step_up", session, ...rotation } as const;
              return { kind: "knock", guess: { request, source, at: clock.wall(), purpose } };
            }, judgePassword(body.password));
      const { answer } = settled;
      if (answer.kind !== "session") return refusal(answer, "wrong_password", "unknown_session");
      const book = door.book();
      const clocks = { now: clock.now(), wall: clock.wall() };
      const view = sessionView(answer.session, book, clocks, session);
      const isRemembered = answer.session.owner.kind === "person" && answer.session.owner.remember;
      return {
        ok: true,
        data: { session: view },
        ...(isCookie ? { headers: cookie(caller, token, isRemembered) } : {}),
      };
    },
    "PUT /password": async ({ input: { body }, caller }) => {
      const { current, next } = body;
      if (isWeakPassword(next, current, config().labelPassword)) return refused("weak_password");
      const { source, actor, sessionId } = caller;
      const session = sessionId === undefined ? {} : { session: sessionId };
      const settled = await door.guess(
        (request) => {
          const purpose = { kind: "password", actor, ...session } as const;
          return { kind: "knock", guess: { request, source, at: clock.wall(), purpose } };
        },
        async () => {
          const { right } = await judgePassword(current)();
          return right ? { right, passwordHash: await hashPassword(next) } : { right };
        },
      );
      if (settled.answer.kind === "done") return kept(settled, undefined);
      return refusal(settled.answer, "wrong_password", "unknown_session");
    },
  };
}

type LoginBody = Parameters<Handlers<DoorOperation>["POST /sessions"]>[0]["input"]["body"];
type LoginOutcome = Awaited<ReturnType<Handlers<DoorOperation>["POST /sessions"]>>;

async function loginPerson(
  { door, clock }: HandlerOptions,
  body: Extract<LoginBody, { kind: "password" }>,
  caller: Caller,
  judge: () => Promise<Judgement>,
): Promise<LoginOutcome> {
  const token = drawToken();
  const { transport, remember = false } = body;
  const session = { id: drawId(), tokenHash: sha256(token), transport, remember, ...agent(caller) };
  const replaces =
    caller.kind === "person" && caller.sessionId !== undefined
      ? { replaces: caller.sessionId }
      : {};
  const { source } = caller;
  const { answer } = await door.guess((request) => {
    const purpose = { kind: "login", session, ...replaces } as const;
    return { kind: "knock", guess: { request, source, at: clock.wall(), purpose } };
  }, judge);
  if (answer.kind !== "session") return refusal(answer, "wrong_password", "unknown_session");
  const clocks = { now: clock.now(), wall: clock.wall() };
  const view = sessionView(answer.session, door.book(), clocks, session.id);
  return transport === "bearer"
    ? done({ session: view, token })
    : { ok: true, data: { session: view }, headers: cookie(caller, token, remember) };
}

/** An app's session is a bearer token: no browser carries it. */
async function loginApp(
  { door, clock }: HandlerOptions,
  { app, challenge, proof }: Extract<LoginBody, { kind: "app" }>,
  caller: Caller,
): Promise<LoginOutcome> {
  const token = drawToken();
  const session = {
    id: drawId(),
    tokenHash: sha256(token),
    transport: "bearer" as const,
    remember: false,
    ...agent(caller),
  };
  const { source } = caller;
  const { answer } = await door.guess(
    (request) => {
      const purpose = { kind: "app", app, challenge, session } as const;
      return { kind: "knock", guess: { request, source, at: clock.wall(), purpose } };
    },
    async () => {
      const secret = door.store.secretOf(app);
      return { right: secret !== undefined && isProof(secret, challenge, proof) };
    },
  );
  if (answer.kind !== "session") return refusal(answer, "wrong_proof", "wrong_proof");
  const clocks = { now: clock.now(), wall: clock.wall() };
  return done({
    session: sessionView(answer.session, door.book(), clocks, session.id),
    token,
  });
}

type Apps = Exclude<DoorOperation, Welcome | Sessions | Logins>;

function appHandlers({ door, clock }: HandlerOptions): Handlers<Apps> {
  return {
    "GET /apps": async () => {
      const { apps, requests } = door.book();
      return done({
        apps: [...apps.values()].map(appView),
        requests: [...requests.values()].map(requestView),
      });
    },
    "POST /apps/requests": async ({ input: { body }, caller: { source } }) => {
      const id = drawId();
      const secret = drawToken();
      const wanted = [...new Set(body.wanted)];
      door.store.holdSecret(id, secret);
      const settled = await door.ask((request) => ({
        kind: "app_asked",
        ...{ request, id, name: body.name, wanted, source, at: clock.wall() },
      }));
      const asking = door.book().requests.get(id);
      if (asking === undefined) return refused("too_many_requests");
      return kept(settled, { request: requestView(asking), secret });
    },
    "GET /apps/requests/{id}": async ({ input }) => {
      const asking = door.book().requests.get(input.params.id);
      if (asking === undefined) return refused("unknown_app");
      const { state, id } = asking;
      return done({ state, ...(state === "approved" ? { app: id } : {}) });
    },
    "POST /apps/requests/{id}/answer": async ({ input, caller: { actor, source } }) => {
      const { id } = input.params;
      const { capabilities } = input.body;
      const settled = await door.ask((request) => ({
        kind: "app_answered",
        ...{ request, id, capabilities, actor, source, at: clock.wall() },
      }));
      if (settled.answer.kind === "unknown") return refused("unknown_app");
      const app = door.book().apps.get(id);
      return kept(settled, app === undefined ? {} : { app: appView(app) });
    },
    "GET /apps/{id}/challenge": async ({ input }) => {
      const challenge = drawToken();
      const { answer } = await door.ask((request) => ({
        kind: "challenge_asked",
        ...{ request, id: input.params.id, challenge },
      }));
      return answer.kind === "unknown" ? refused("unknown_app") : done({ challenge });
    },
    "PATCH /apps/{id}": async ({ input, caller: { actor, source } }) => {
      const { id } = input.params;
      const { capabilities } = input.body;
      const settled = await door.ask((request) => ({
        kind: "app_changed",
        ...{ request, id, capabilities, actor, source },
      }));
      const app = door.book().apps.get(id);
      if (settled.answer.kind === "unknown" || app === undefined) return refused("unknown_app");
      return kept(settled, { app: appView(app) });
    },
    "DELETE /apps/{id}": async ({ input, caller: { actor, source } }) => {
      const { id } = input.params;
      const settled = await door.ask((request) => ({
        kind: "app_revoked",
        ...{ request, id, actor, source },
      }));
      if (settled.answer.kind === "unknown") return refused("unknown_app");
      return kept(settled, undefined);
    },
  };
}

/** Nothing that would be forgotten is said to be done. */
function kept<R>({ isSaved }: Settled, data: R): Outcome<R> {
  return isSaved ? done(data) : refused("not_saved");
}

function refusal(
  answer: Settled["answer"],
  wrong: DoorFaultCode,
  unknown: DoorFaultCode,
): Extract<Outcome<never>, { ok: false }> {
  switch (answer.kind) {
    case "wait":
      return { ...refused("too_many_attempts"), retryAfter: answer.seconds };
    case "wrong":
      return refused(wrong);
    case "not_pressed":
      return refused("button_not_pressed");
    case "no_place":
      return refused("too_many_requests");
    case "unknown":
    case "done":
    case "session":
      return refused(unknown);
  }
}

function cookie(
  { secure }: Caller,
  token: string,
  remember: boolean,
): Readonly<Record<string, string>> {
  return { "set-cookie": setCookie(secure, token, remember ? REMEMBER_MAX / 1000 : undefined) };
}

function agent({ userAgent }: Caller): { readonly userAgent?: string } {
  return userAgent === undefined ? {} : { userAgent };
}

function done<R>(data: R): Extract<Outcome<R>, { ok: true }> {
  return { ok: true, data };
}

function refused(code: DoorFaultCode): Extract<Outcome<never>, { ok: false }> {
  return { ok: false, fault: doorFault(code) };
}
