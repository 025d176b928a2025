import { ignored, type Machine, type Step } from "@passerelle/machine";
import { after, type Duration, type Instant, minutes } from "@passerelle/time";
import { failed, waitOf } from "./attempts.ts";
import type { Effect } from "./effect.ts";
import type { Guess, Input } from "./input.ts";
import { wasRight, wasWrong } from "./judgement.ts";
import { mayOnlyRead, ownerName } from "./owner.ts";
import { stepApps } from "./pairing.ts";
import { steppedUp } from "./session.ts";
import {
  aged,
  type Book,
  BUTTON_FOR,
  check,
  type DoorState,
  deadline,
  WAITING_MAX,
} from "./state.ts";

export type Next = Step<DoorState, Effect>;

/** Who may come in: sessions, guesses and their delays, step-up, apps. */
export function doorMachine(book: Book): Machine<DoorState, Input, Effect> {
  return { initial: { kind: "idle", book }, step, deadline, check };
}

/** A sign of life is written down once a minute: a session may end a minute early, never late. */
export const SEEN_EVERY: Duration = minutes(1);

export function step(state: DoorState, input: Input, now: Instant): Next {
  const book = aged(state.book, now);
  if (book === state.book) return stepFresh(state, input, now);
  const next = stepFresh({ ...state, book }, input, now);
  const over: Effect[] = [{ kind: "save" }];
  if (book.sessions !== state.book.sessions) over.push({ kind: "changed", what: "sessions" });
  if (book.requests !== state.book.requests) over.push({ kind: "changed", what: "apps" });
  return { state: next.state, effects: [...over, ...next.effects] };
}

function stepFresh(state: DoorState, input: Input, now: Instant): Next {
  switch (input.kind) {
    case "knock":
      return knock(state, input.guess, now);
    case "judged":
      return judged(state, input.request, input.right, now);
    case "failed": {
      const attempts = failed(state.book.attempts, input.source, now);
      return withBook(state, { attempts }, [{ kind: "save" }]);
    }
    case "seen":
      return seen(state, input.session, now);
    case "ended":
      return ended(state, input);
    case "button_asked":
      return buttonAsked(state, input, now);
    case "button":
      return buttonPressed(state);
    case "timeout":
      return ignored(state);
    default: {
      const { change, effects } = stepApps(state.book, input, now);
      return withBook(state, change, effects);
    }
  }
}

/** While a delay runs a guess is not evaluated, however right it is. */
function knock(state: DoorState, guess: Guess, now: Instant): Next {
  const wait = waitOf(state.book.attempts, guess.source, now);
  if (wait > 0) return { state, effects: [answerWait(guess, wait)] };
  if (state.kind === "judging") {
    if (state.waiting.length >= WAITING_MAX)
      return { state, effects: [answerWait(guess, BUSY_FOR)] };
    return { state: { ...state, waiting: [...state.waiting, guess] }, effects: [] };
  }
  return begin(state.book, guess, []);
}

function begin(book: Book, guess: Guess, waiting: readonly Guess[]): Next {
  const { purpose, request } = guess;
  const judging = (then: Book): Next => ({
    state: { kind: "judging", book: then, current: guess, waiting },
    effects: [{ kind: "judge", request }],
  });
  if (purpose.kind !== "app") return judging(book);
  // A challenge that is over, used or another's can't be proved: nothing to evaluate, nothing to count.
  const challenge = book.challenges.get(purpose.challenge);
  if (challenge?.app !== purpose.app) {
    return {
      state: { kind: "idle", book },
      effects: [{ kind: "answer", request, answer: { kind: "wrong" } }],
    };
  }
  const challenges = new Map(book.challenges);
  challenges.delete(purpose.challenge);
  return judging({ ...book, challenges });
}

function judged(state: DoorState, request: number, right: boolean, now: Instant): Next {
  if (state.kind !== "judging" || state.current.request !== request) return ignored(state);
  const { current } = state;
  const { change, effects } = right
    ? wasRight(state.book, current, now)
    : wasWrong(state.book, current, now);
  const rest = nextTurn({ ...state.book, ...change }, state.waiting, now);
  return { state: rest.state, effects: [...effects, ...rest.effects] };
}

/** Whoever waited meets the delay that the guess before them made. */
function nextTurn(book: Book, waiting: readonly Guess[], now: Instant): Next {
  const effects: Effect[] = [];
  for (const [n, guess] of waiting.entries()) {
    const wait = waitOf(book.attempts, guess.source, now);
    if (wait > 0) {
      effects.push(answerWait(guess, wait));
      continue;
    }
    const next = begin(book, guess, waiting.slice(n + 1));
    effects.push(...next.effects);
    if (next.state.kind === "judging") return { state: next.state, effects };
  }
  return { state: { kind: "idle", book }, effects };
}

function seen(state: DoorState, id: string, now: Instant): Next {
  const session = state.book.sessions.get(id);
  if (session === undefined || now - session.seenAt < SEEN_EVERY) return ignored(state);
  const sessions = new Map(state.book.sessions).set(id, { ...session, seenAt: now });
  return withBook(state, { sessions }, [{ kind: "save" }]);
}

function ended(state: DoorState, input: Extract<Input, { kind: "ended" }>): Next {
  const { request, session, how, actor, source } = input;
  const gone = state.book.sessions.get(session);
  if (gone === undefined)
    return { state, effects: [{ kind: "answer", request, answer: { kind: "unknown" } }] };
  const sessions = new Map(state.book.sessions);
  sessions.delete(session);
  const asks = new Map(state.book.asks);
  asks.delete(session);
  const kind = how === "logout" ? "logout" : "session_revoked";
  const subject = how === "revoked" ? { subject: ownerName(gone.owner, state.book.apps) } : {};
  return withBook(state, { sessions, asks }, [
    { kind: "save" },
    { kind: "audit", event: { kind, actor, source, ...subject } },
    { kind: "changed", what: "sessions" },
    { kind: "answer", request, answer: { kind: "done" } },
  ]);
}

/** The first call opens the minute in which the button counts; one after the press takes what it gave. */
function buttonAsked(
  state: DoorState,
  input: Extract<Input, { kind: "button_asked" }>,
  now: Instant,
): Next {
  const { request, session: id, source } = input;
  const session = state.book.sessions.get(id);
  if (session === undefined || mayOnlyRead(session.owner))
    return { state, effects: [{ kind: "answer", request, answer: { kind: "unknown" } }] };
  const ask = state.book.asks.get(id);
  const asks = new Map(state.book.asks);
  if (ask?.pressed !== true) {
    const notPressed: Effect = { kind: "answer", request, answer: { kind: "not_pressed" } };
    if (ask !== undefined) return { state, effects: [notPressed] };
    asks.set(id, { until: after(now, BUTTON_FOR), pressed: false });
    return withBook(state, { asks }, [notPressed]);
  }
  asks.delete(id);
  const risen = steppedUp(session, input.tokenHash ?? session.tokenHash, now);
  const sessions = new Map(state.book.sessions).set(id, risen);
  const actor = ownerName(session.owner, state.book.apps);
  return withBook(state, { asks, sessions }, [
    { kind: "save" },
    { kind: "audit", event: { kind: "step_up", actor, source } },
    { kind: "changed", what: "sessions" },
    { kind: "answer", request, answer: { kind: "session", session: risen } },
  ]);
}

/** Where two sessions ask at once the press is nobody's: one of them may be a stranger's. */
function buttonPressed(state: DoorState): Next {
  const waiting = [...state.book.asks].filter(([, ask]) => !ask.pressed);
  const [first] = waiting;
  if (first === undefined) return ignored(state);
  const [id, ask] = first;
  if (waiting.length === 1) {
    const asks = new Map(state.book.asks).set(id, { ...ask, pressed: true });
    return withBook(state, { asks }, []);
  }
  const asks = new Map(state.book.asks);
  const effects: Effect[] = [];
  for (const [other] of waiting) {
    asks.delete(other);
    const session = state.book.sessions.get(other);
    if (session === undefined) continue;
    const actor = ownerName(session.owner, state.book.apps);
    const { source } = session;
    effects.push({ kind: "audit", event: { kind: "step_up_failed", actor, source } });
  }
  return withBook(state, { asks }, effects);
}

/** What a guess is told that finds too many others before it. */
const BUSY_FOR = 1000 as Duration;

function withBook(state: DoorState, change: Partial<Book>, effects: readonly Effect[]): Next {
  if (Object.keys(change).length === 0) return { state, effects };
  return { state: { ...state, book: { ...state.book, ...change } }, effects };
}

function answerWait({ request }: Guess, wait: Duration): Effect {
  return { kind: "answer", request, answer: { kind: "wait", seconds: Math.ceil(wait / 1000) } };
}
