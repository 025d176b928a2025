import type { Instant } from "@passerelle/time";
import { type App, type AppRequest, hasPlace, withChallenge } from "./app.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import type { Outcome } from "./judgement.ts";
import type { Session } from "./session.ts";
import type { Book } from "./state.ts";

type AppInput = Extract<
  Input,
  { kind: "app_asked" | "app_answered" | "app_changed" | "app_revoked" | "challenge_asked" }
>;

/** Apps ask, a person answers, apps prove who they are. */
export function stepApps(book: Book, input: AppInput, now: Instant): Outcome {
  switch (input.kind) {
    case "app_asked":
      return asked(book, input, now);
    case "app_answered":
      return answered(book, input);
    case "app_changed":
      return changed(book, input);
    case "app_revoked":
      return revoked(book, input);
    case "challenge_asked": {
      const { request, id, challenge } = input;
      if (!book.apps.has(id)) return unknown(request);
      return {
        change: { challenges: withChallenge(book.challenges, challenge, id, now) },
        effects: [{ kind: "answer", request, answer: { kind: "done" } }],
      };
    }
  }
}

function asked(book: Book, input: Extract<Input, { kind: "app_asked" }>, now: Instant): Outcome {
  const { request, id, name, wanted, source, at } = input;
  if (!hasPlace(book.requests, book.apps, source))
    return { change: {}, effects: [{ kind: "answer", request, answer: { kind: "no_place" } }] };
  const made: AppRequest = { id, name, wanted, source, at, askedAt: now, state: "pending" };
  return {
    change: { requests: new Map(book.requests).set(id, made) },
    effects: [
      { kind: "save" },
      { kind: "audit", event: { kind: "app_requested", actor: name, source } },
      { kind: "changed", what: "apps" },
      { kind: "answer", request, answer: { kind: "done" } },
    ],
  };
}

function answered(book: Book, input: Extract<Input, { kind: "app_answered" }>): Outcome {
  const { request, id, capabilities, actor, source, at } = input;
  const asking = book.requests.get(id);
  if (asking?.state !== "pending") return unknown(request);
  const isIn = capabilities.length > 0;
  const state = isIn ? "approved" : "denied";
  const requests = new Map(book.requests).set(id, { ...asking, state });
  const app: App = {
    id,
    name: asking.name,
    capabilities: new Set(capabilities),
    createdAt: at,
  };
  const apps = isIn ? new Map(book.apps).set(id, app) : book.apps;
  const kind = isIn ? "app_approved" : "app_revoked";
  return {
    change: { requests, apps },
    effects: told(request, { kind, actor, source, subject: asking.name }),
  };
}

function changed(book: Book, input: Extract<Input, { kind: "app_changed" }>): Outcome {
  const { request, id, capabilities, actor, source } = input;
  const app = book.apps.get(id);
  if (app === undefined) return unknown(request);
  const apps = new Map(book.apps).set(id, { ...app, capabilities: new Set(capabilities) });
  return {
    change: { apps },
    effects: told(request, { kind: "app_changed", actor, source, subject: app.name }),
  };
}

function revoked(book: Book, input: Extract<Input, { kind: "app_revoked" }>): Outcome {
  const { request, id, actor, source } = input;
  const app = book.apps.get(id);
  if (app === undefined) return unknown(request);
  const apps = new Map(book.apps);
  apps.delete(id);
  const requests = new Map(book.requests);
  requests.delete(id);
  const challenges = new Map([...book.challenges].filter(([, challenge]) => challenge.app !== id));
  const sessions = new Map([...book.sessions].filter(([, session]) => !isOf(session, id)));
  const asks = new Map([...book.asks].filter(([session]) => sessions.has(session)));
  return {
    change: { apps, requests, challenges, sessions, asks },
    effects: told(request, { kind: "app_revoked", actor, source, subject: app.name }),
  };
}

function isOf({ owner }: Session, app: string): boolean {
  return owner.kind === "app" && owner.app === app;
}

/** Stored, told to whoever watches, then answered. */
function told(
  request: number,
  event: Extract<Effect, { kind: "audit" }>["event"],
): readonly Effect[] {
  return [
    { kind: "save" },
    { kind: "audit", event },
    { kind: "changed", what: "apps" },
    { kind: "changed", what: "sessions" },
    { kind: "answer", request, answer: { kind: "done" } },
  ];
}

function unknown(request: number): Outcome {
  return { change: {}, effects: [{ kind: "answer", request, answer: { kind: "unknown" } }] };
}
