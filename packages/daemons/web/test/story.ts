import type { Capability } from "@passerelle/api";
import { CAPABILITIES } from "@passerelle/api";
import { type Instant, instant, wallTime } from "@passerelle/time";
import type { Effect } from "../src/core/effect.ts";
import type { Input, Purpose } from "../src/core/input.ts";
import type { NewSession, Session } from "../src/core/session.ts";
import { type DoorState, EMPTY_BOOK } from "../src/core/state.ts";
import { doorMachine } from "../src/core/step.ts";

/** What the scenarios, the table and the properties share: an empty door, and words for its inputs. */
export const machine = doorMachine(EMPTY_BOOK);

export function fresh(id: string, options: Partial<NewSession> = {}): NewSession {
  return { id, tokenHash: `hash of ${id}`, transport: "cookie", remember: false, ...options };
}

export function knock(request: number, source: string, purpose: Purpose): Input {
  return { kind: "knock", guess: { request, source, at: wallTime(1_800_000_000_000), purpose } };
}

/**
 * Words of a scenario; NUMBER is the request, chosen by the story:
 * `login NUMBER SOURCE SESSION [remember] [bearer] [replaces OTHER]`, `step-up NUMBER SOURCE SESSION`,
 * `password NUMBER SOURCE SESSION`, `proof NUMBER SOURCE APP CHALLENGE SESSION`, `right NUMBER`, `wrong NUMBER`,
 * `failed SOURCE`, `seen SESSION`, `logout NUMBER SESSION`, `revoke NUMBER SESSION`, `ask-button NUMBER SESSION`,
 * `button`, `app-asks NUMBER SOURCE APP CAPABILITY…`, `app-answer NUMBER APP [CAPABILITY…]`,
 * `app-change NUMBER APP [CAPABILITY…]`, `app-revoke NUMBER APP`, `challenge NUMBER APP CHALLENGE`.
 */
export function parseInput(words: readonly string[]): Input {
  const [verb, first = "", second = "", third = "", ...rest] = words;
  const request = Number(first);
  const who = { actor: "admin", source: "192.168.1.9" };
  const at = wallTime(1_800_000_000_000);
  switch (verb) {
    case "login": {
      const session = fresh(third, {
        remember: rest.includes("remember"),
        transport: rest.includes("bearer") ? "bearer" : "cookie",
      });
      const replaced = rest[rest.indexOf("replaces") + 1];
      const replaces =
        rest.includes("replaces") && replaced !== undefined ? { replaces: replaced } : {};
      return knock(request, second, { kind: "login", session, ...replaces });
    }
    case "step-up":
      return knock(request, second, {
        kind: "step_up",
        session: third,
        tokenHash: `new hash of ${third}`,
      });
    case "password":
      return knock(request, second, { kind: "password", session: third, actor: "admin" });
    case "proof":
      return knock(request, second, {
        kind: "app",
        app: third,
        challenge: rest[0] ?? "",
        session: fresh(rest[1] ?? "", { transport: "bearer" }),
      });
    case "right":
    case "wrong":
      return { kind: "judged", request, right: verb === "right" };
    case "failed":
      return { kind: "failed", source: first };
    case "seen":
      return { kind: "seen", session: first };
    case "logout":
      return { kind: "ended", request, session: second, how: "logout", ...who };
    case "revoke":
      return { kind: "ended", request, session: second, how: "revoked", ...who };
    case "ask-button":
      return {
        kind: "button_asked",
        ...{ request, session: second, source: who.source, tokenHash: `new hash of ${second}` },
      };
    case "button":
      return { kind: "button" };
    case "app-asks":
      return {
        kind: "app_asked",
        ...{ request, source: second, id: third, name: `The ${third}`, at },
        wanted: capabilities(rest),
      };
    case "app-answer":
      return {
        kind: "app_answered",
        ...{ request, id: second, at, ...who },
        capabilities: capabilities([third, ...rest]),
      };
    case "app-change":
      return {
        kind: "app_changed",
        ...{ request, id: second, ...who },
        capabilities: capabilities([third, ...rest]),
      };
    case "app-revoke":
      return { kind: "app_revoked", request, id: second, ...who };
    case "challenge":
      return { kind: "challenge_asked", request, id: second, challenge: third };
    default:
      throw new Error(`scenario: unknown words ${words.join(" ")}`);
  }
}

/** Who is in, with what: a story is read by its states. */
export function describeState(state: DoorState): string {
  const { sessions, attempts, apps, requests } = state.book;
  const judging = state.kind === "judging" ? ` ${state.current.request}` : "";
  const waiting = state.kind === "judging" && state.waiting.length > 0;
  const parts = [
    `${state.kind}${judging}${waiting ? `+${state.waiting.length}` : ""}`,
    ...[...sessions.values()].map(describeSession),
    ...[...apps.values()].map(({ id, capabilities: may }) => `${id}=${[...may].join("+")}`),
    ...[...requests.values()].map(({ id, state: is }) => `${id}?${is}`),
    ...(attempts.all.count === 0 ? [] : [`failures=${attempts.all.count}`]),
  ];
  return parts.join(" ");
}

function describeSession({ id, owner, stepUpUntil, previous }: Session): string {
  const level = owner.kind === "person" ? owner.level : owner.app;
  return `${id}:${level}${stepUpUntil === undefined ? "" : "^"}${previous === undefined ? "" : "~"}`;
}

export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case "judge":
    case "set_password":
      return `${effect.kind}(${effect.request})`;
    case "save":
      return "save";
    case "changed":
      return `changed(${effect.what})`;
    case "audit": {
      const { kind, actor, source, subject } = effect.event;
      return `audit(${kind} ${actor} ${source}${subject === undefined ? "" : ` ${subject}`})`;
    }
    case "answer": {
      const { answer, request } = effect;
      const more =
        answer.kind === "wait"
          ? ` ${answer.seconds}s`
          : answer.kind === "session"
            ? ` ${answer.session.id}`
            : "";
      return `answer(${request} ${answer.kind}${more})`;
    }
  }
}

/** Runs words, each at its time in seconds after boot. */
export function told(...story: readonly (readonly [number, string])[]): DoorState {
  let state: DoorState = machine.initial;
  for (const [at, words] of story) {
    ({ state } = machine.step(state, parseInput(words.split(" ")), instant(at * 1000)));
    machine.check(state);
  }
  return state;
}

export const at = (seconds: number): Instant => instant(seconds * 1000);

function capabilities(words: readonly string[]): readonly Capability[] {
  return CAPABILITIES.filter((capability) => words.includes(capability));
}
