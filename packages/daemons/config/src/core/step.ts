import type { DaemonName } from "@passerelle/contract";
import { ignored, type Machine, type Step } from "@passerelle/machine";
import { err, type Fault, ok } from "@passerelle/result";
import { after, type Duration, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { applyChange, resetToFactory } from "./apply.ts";
import type { Sections } from "./document.ts";
import type { ChangeEffect, Write } from "./effect.ts";
import { faultOf } from "./faults.ts";
import type { ChangeInput, Confirm, Loaded } from "./input.ts";
import {
  type ChangeState,
  type Confirmed,
  checkChange,
  type Digest,
  type Probation,
  type Rollback,
  WRONG_TOKENS_MAX,
} from "./state.ts";
import { changeView } from "./view.ts";
import { casualty, noteBack, noteGone, vigilDeadline } from "./vigil.ts";

export type ChangeStep = Step<ChangeState, ChangeEffect>;
export type ChangeMachine = Machine<ChangeState, ChangeInput, ChangeEffect>;

/** What the machine knows of its surroundings; both are pure. */
export interface Surroundings {
  readonly sections: Sections;
  readonly digest: Digest;
}

export function createChangeMachine(surroundings: Surroundings): ChangeMachine {
  return {
    initial: { kind: "starting" },
    step: (state, input, now) => step(state, input, now, surroundings),
    deadline: (state) => {
      if (state.kind === "probation") return earliest(state.deadline, vigilDeadline(state.vigil));
      return state.kind === "confirmed" ? state.owed?.retryAt : undefined;
    },
    check: checkChange,
  };
}

function step(
  state: ChangeState,
  input: ChangeInput,
  now: Instant,
  surroundings: Surroundings,
): ChangeStep {
  switch (state.kind) {
    case "starting":
      return input.kind === "loaded" ? load(input, now) : refuse(state, input);
    case "storing":
      return inStoring(state, input, now);
    case "confirmed":
      return inConfirmed(state, input, now, surroundings);
    case "probation": {
      // Late by a busy loop is late all the same: whatever comes first, the window is over.
      const fault = whyOver(state, now);
      if (fault === undefined) return inProbation(state, input, now, surroundings);
      const ended = endProbation(state, fault, now);
      return then(ended, (next) => step(next, input, now, surroundings));
    }
  }
}

function inConfirmed(
  state: Confirmed,
  input: ChangeInput,
  now: Instant,
  surroundings: Surroundings,
): ChangeStep {
  switch (input.kind) {
    case "apply":
      return applyChange(state, input, now, surroundings);
    case "factory_reset":
      return resetToFactory(state, input, surroundings);
    case "confirm":
    case "roll_back":
      return answer(state, input.request, faultOf("no_probation"));
    case "timeout":
      return retryOwed(state, now);
    case "stored":
      return input.write === state.owed?.write.name ? settleOwed(state) : ignored(state);
    case "store_failed":
      return input.write === state.owed?.write.name
        ? postponeOwed(state, faultOf("undo_not_saved", input.raw), now)
        : ignored(state);
    case "loaded":
    case "reported":
    case "came_online":
    case "went_offline":
      return ignored(state);
  }
}

function inProbation(
  state: Probation,
  input: ChangeInput,
  now: Instant,
  surroundings: Surroundings,
): ChangeStep {
  switch (input.kind) {
    case "apply":
      return answer(state, input.request, faultOf("probation_running"));
    case "factory_reset":
      return resetToFactory(state, input, surroundings);
    case "confirm":
      return confirm(state, input, now);
    case "roll_back":
      return endProbation(state, faultOf("rolled_back", input.author.name), now, input.request);
    case "reported": {
      const { daemon, applied } = input;
      const ofThisChange =
        applied.digest === state.head.digests[daemon] && isTouched(state, daemon);
      // Whoever applied it waits for something that will not work: the sooner it is undone the better.
      return ofThisChange && applied.result.kind === "refused"
        ? endProbation(state, applied.result.fault as Fault, now)
        : ignored(state);
    }
    case "came_online":
      return { state: { ...state, vigil: noteBack(state.vigil, input.daemon) }, effects: [] };
    case "went_offline": {
      const vigil = noteGone(state.vigil, input, isTouched(state, input.daemon), now);
      const next: Probation = { ...state, vigil };
      const fault = whyOver(next, now);
      return fault === undefined ? { state: next, effects: [] } : endProbation(state, fault, now);
    }
    case "loaded":
    case "stored":
    case "store_failed":
    case "timeout":
      return ignored(state);
  }
}

/** Why the window is over, if it is. */
function whyOver({ deadline, vigil }: Probation, now: Instant): Fault | undefined {
  if (isDue(deadline, now)) return faultOf("not_confirmed");
  const daemon = casualty(vigil, now);
  return daemon === undefined ? undefined : faultOf("daemon_died", daemon);
}

function isTouched({ head, previous }: Probation, daemon: DaemonName): boolean {
  return head.digests[daemon] !== previous.digests[daemon];
}

function inStoring(
  state: Extract<ChangeState, { kind: "storing" }>,
  input: ChangeInput,
  now: Instant,
): ChangeStep {
  const { from, to, request } = state;
  const ofAnother = "write" in input && input.write !== state.write;
  // What became of an earlier write no longer matters: this one holds all that it held.
  if (ofAnother) return ignored(state);
  if (input.kind === "stored") {
    return {
      state: to,
      effects: [
        { kind: "publish", view: changeView(to, now) },
        { kind: "answer", request, reply: ok(state.answer) },
      ],
    };
  }
  if (input.kind === "store_failed") return answer(from, request, faultOf(input.code, input.raw));
  return refuse(state, input);
}

function load(input: Loaded, now: Instant): ChangeStep {
  const { head, newest, probation } = input;
  const lastRollback = input.lastRollback === undefined ? {} : { lastRollback: input.lastRollback };
  const confirmed: Confirmed = { kind: "confirmed", head, newest, ...lastRollback };
  if (probation === undefined) {
    return { state: confirmed, effects: [{ kind: "publish", view: changeView(confirmed, now) }] };
  }
  const { snapshot, deadline } = probation;
  if (snapshot !== undefined && probation.sameBoot && !isDue(deadline, now)) {
    const state: Probation = {
      kind: "probation",
      head: snapshot,
      previous: head,
      newest,
      author: probation.author,
      tokenHash: probation.tokenHash,
      deadline,
      wrong: { count: 0, until: now },
      vigil: [],
      ...lastRollback,
    };
    return { state, effects: [{ kind: "publish", view: changeView(state, now) }] };
  }
  // A power cut in the middle of a probation may be the person pulling the plug to get back in.
  const fault = faultOf(probation.sameBoot ? "not_confirmed" : "interrupted_by_reboot");
  return undo(confirmed, probation.revision, fault, now);
}

function confirm(state: Probation, input: Confirm, now: Instant): ChangeStep {
  const origin = input.author.origin;
  if (origin !== "lan" && origin !== "local") {
    return answer(state, input.request, faultOf("wrong_origin"));
  }
  const fresh = isDue(state.wrong.until, now);
  const count = fresh ? 0 : state.wrong.count;
  if (count >= WRONG_TOKENS_MAX) {
    return answer(state, input.request, faultOf("too_many_attempts"));
  }
  if (!sameHash(input.tokenHash, state.tokenHash)) {
    const until = fresh ? after(now, WRONG_TOKENS_WINDOW) : state.wrong.until;
    const counted: Probation = { ...state, wrong: { count: count + 1, until } };
    return answer(counted, input.request, faultOf("wrong_token"));
  }
  const { head, newest, lastRollback } = state;
  const rollback = lastRollback === undefined ? {} : { lastRollback };
  const to: Confirmed = { kind: "confirmed", head, newest, ...rollback };
  const write: Write = {
    name: `confirm ${head.revision}`,
    settle: [{ revision: head.revision, phase: "confirmed" }],
    head: { confirmed: head.revision, ...rollback },
    forget: false,
  };
  const { request } = input;
  return {
    state: {
      kind: "storing",
      from: state,
      to,
      write: write.name,
      request,
      answer: { revision: head.revision },
    },
    effects: [{ kind: "store", write }],
  };
}

function endProbation(state: Probation, fault: Fault, now: Instant, request?: number): ChangeStep {
  const { previous, newest } = state;
  const confirmed: Confirmed = { kind: "confirmed", head: previous, newest };
  return undo(confirmed, state.head.revision, fault, now, request);
}

/** The previous revision is in force at once, whatever the disk says; the disk hears of it until it agrees. */
function undo(
  confirmed: Confirmed,
  revision: number,
  fault: Fault,
  now: Instant,
  request?: number,
): ChangeStep {
  const to = confirmed.head.revision;
  const lastRollback: Rollback = { from: revision, to, at: { kind: "instant", at: now }, fault };
  const write: Write = {
    name: `undo ${revision}`,
    settle: [{ revision, phase: "rolled_back" }],
    head: { confirmed: to, lastRollback },
    forget: false,
  };
  const retryAt = after(now, RETRY_WAIT);
  const owed = { write, retryAt, ...(request === undefined ? {} : { request }) };
  const state: Confirmed = { ...confirmed, lastRollback, owed };
  return {
    state,
    effects: [
      { kind: "publish", view: changeView(state, now) },
      { kind: "store", write },
    ],
  };
}

function retryOwed(state: Confirmed, now: Instant): ChangeStep {
  const { owed } = state;
  if (owed === undefined || !isDue(owed.retryAt, now)) return ignored(state);
  return {
    state: { ...state, owed: { ...owed, retryAt: after(now, RETRY_WAIT) } },
    effects: [{ kind: "store", write: owed.write }],
  };
}

function settleOwed(state: Confirmed): ChangeStep {
  const { owed, ...settled } = state;
  if (owed === undefined) return ignored(state);
  const { request } = owed;
  if (request === undefined) return { state: settled, effects: [] };
  const reply = ok({ revision: state.head.revision });
  return { state: settled, effects: [{ kind: "answer", request, reply }] };
}

function postponeOwed(state: Confirmed, fault: Fault, now: Instant): ChangeStep {
  if (state.owed === undefined) return ignored(state);
  const { request, ...owed } = state.owed;
  const later: Confirmed = { ...state, owed: { ...owed, retryAt: after(now, RETRY_WAIT) } };
  return request === undefined ? { state: later, effects: [] } : answer(later, request, fault);
}

/** Every request gets exactly one answer, also the one that comes at a bad moment. */
function refuse(state: ChangeState, input: ChangeInput): ChangeStep {
  return "request" in input ? answer(state, input.request, faultOf("busy")) : ignored(state);
}

function answer(state: ChangeState, request: number, fault: Fault): ChangeStep {
  return { state, effects: [{ kind: "answer", request, reply: err(fault) }] };
}

function then(first: ChangeStep, next: (state: ChangeState) => ChangeStep): ChangeStep {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}

/** Looks at every character, so that the time taken tells nothing of where two hashes part. */
function sameHash(a: string, b: string): boolean {
  let parted = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) parted |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return parted === 0;
}

const WRONG_TOKENS_WINDOW: Duration = seconds(10);
const RETRY_WAIT: Duration = seconds(5);
