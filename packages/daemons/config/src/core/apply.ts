import type { ConfigAuthor } from "@passerelle/contract";
import type { Step } from "@passerelle/machine";
import { err, type Fault, ok } from "@passerelle/result";
import { after, type Instant, seconds } from "@passerelle/time";
import { type Document, type Sections, sectionValue } from "./document.ts";
import type { Answer, ChangeEffect, NewRevision, Write } from "./effect.ts";
import { faultOf, invalidFault } from "./faults.ts";
import type { Apply, FactoryReset, WantedChange } from "./input.ts";
import { canonicalJson } from "./json.ts";
import { type Planned, planChanges, planValues } from "./plan.ts";
import type { ChangeState, Confirmed, Digest, Probation, Snapshot } from "./state.ts";
import type { Surroundings } from "./step.ts";

type ChangeStep = Step<ChangeState, ChangeEffect>;

/** Plans a change and, where it is possible, decides whether it goes on probation and has it written. */
export function applyChange(
  state: Confirmed,
  input: Apply,
  now: Instant,
  { sections, digest }: Surroundings,
): ChangeStep {
  const { head } = state;
  if (input.basedOn !== undefined && input.basedOn !== head.revision) {
    return refusal(state, input.request, faultOf("stale_revision", `${head.revision}`));
  }
  const { plan, next } = planWanted(head.document, input.change, sections);
  if (plan.problems.length > 0) return refusal(state, input.request, invalidFault(plan.problems));
  if (plan.differences.length === 0) {
    const reply = ok({ revision: head.revision, plan });
    return { state, effects: [{ kind: "answer", request: input.request, reply }] };
  }
  const window =
    input.probationSeconds ??
    (plan.needsConfirmation || input.change.kind === "import" ? PROBATION_SECONDS : undefined);
  const snapshot = snapshotOf(state.newest + 1, next, sections, digest);
  const add = newRevision(snapshot, head.revision, input, plan, window);
  const settle = state.owed?.write.settle ?? [];
  const rollback = state.lastRollback === undefined ? {} : { lastRollback: state.lastRollback };
  const { revision } = snapshot;
  if (window === undefined) {
    const to: Confirmed = { kind: "confirmed", head: snapshot, newest: revision, ...rollback };
    const write = {
      name: `add ${revision}`,
      add,
      settle,
      head: { confirmed: revision, ...rollback },
      forget: false,
    };
    return store(state, to, input.request, { revision, plan }, write);
  }
  const to: Probation = {
    kind: "probation",
    head: snapshot,
    previous: head,
    newest: revision,
    author: input.author,
    tokenHash: input.token.hash,
    deadline: after(now, seconds(window)),
    wrong: { count: 0, until: now },
    vigil: [],
    ...rollback,
  };
  const { author, tokenHash, deadline } = to;
  const probation = { revision, tokenHash, deadline, author };
  const record = { confirmed: head.revision, probation, ...rollback };
  const answer: Answer = {
    revision,
    plan,
    probation: { token: input.token.text, seconds: window },
  };
  return store(state, to, input.request, answer, {
    name: `add ${revision}`,
    add,
    settle,
    head: record,
    forget: false,
  });
}

/** Everything is forgotten, and so is a probation that runs. */
export function resetToFactory(
  state: Confirmed | Probation,
  input: FactoryReset,
  { sections, digest }: Surroundings,
): ChangeStep {
  const revision = state.newest + 1;
  const head = snapshotOf(revision, input.document, sections, digest);
  const to: Confirmed = { kind: "confirmed", head, newest: revision };
  const add: NewRevision = {
    revision,
    author: input.author,
    note: "factory reset",
    phase: "confirmed",
    differences: [],
    document: input.document,
  };
  const write: Write = {
    name: `add ${revision}`,
    add,
    settle: [],
    head: { confirmed: revision },
    forget: true,
  };
  return store(state, to, input.request, { revision }, write);
}

export function planWanted(document: Document, change: WantedChange, sections: Sections): Planned {
  return change.kind === "patches"
    ? planChanges(document, change.changes, sections)
    : planValues(document, change.values, sections);
}

export function snapshotOf(
  revision: number,
  document: Document,
  sections: Sections,
  digest: Digest,
): Snapshot {
  const digests = Object.fromEntries(
    [...sections.keys()].map((name) => [name, digest(canonicalJson(sectionValue(document, name)))]),
  );
  return { revision, document, digests };
}

function newRevision(
  snapshot: Snapshot,
  parent: number,
  input: { readonly author: ConfigAuthor; readonly note?: string; readonly change: WantedChange },
  plan: Planned["plan"],
  window: number | undefined,
): NewRevision {
  const note =
    input.note ??
    (input.change.kind === "revision" ? `revision ${input.change.of} again` : undefined);
  return {
    revision: snapshot.revision,
    parent,
    author: input.author,
    ...(note === undefined ? {} : { note }),
    phase: window === undefined ? "confirmed" : "probation",
    differences: plan.differences,
    document: snapshot.document,
  };
}

function store(
  from: Confirmed | Probation,
  to: Confirmed | Probation,
  request: number,
  answer: Answer,
  write: Write,
): ChangeStep {
  return {
    state: { kind: "storing", from, to, write: write.name, request, answer },
    effects: [{ kind: "store", write }],
  };
}

function refusal(state: ChangeState, request: number, fault: Fault): ChangeStep {
  return { state, effects: [{ kind: "answer", request, reply: err(fault) }] };
}

/** Long enough to find the new address of the box and log in again; 30 s was too short for people elsewhere. */
const PROBATION_SECONDS = 90;
