import { type Instant, instant, seconds } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import { snapshotOf } from "../src/core/apply.ts";
import type { Document } from "../src/core/document.ts";
import type { ChangeEffect, HeadRecord, Write } from "../src/core/effect.ts";
import type { ChangeInput, Loaded } from "../src/core/input.ts";
import { canonicalJson } from "../src/core/json.ts";
import type { ChangeState } from "../src/core/state.ts";
import { casualty } from "../src/core/vigil.ts";
import { lanAuthor } from "./home.ts";
import { documentAt, machine, sections, sha256 } from "./story.ts";

/** What survives: the whole of a write or nothing of it. */
interface Disk {
  readonly documents: ReadonlyMap<number, Document>;
  readonly head: HeadRecord;
  readonly newest: number;
  readonly boot: number;
}

type Act =
  | { readonly kind: "apply"; readonly address: number; readonly domain: number }
  | { readonly kind: "confirm"; readonly right: boolean }
  | { readonly kind: "undo" }
  | { readonly kind: "reset" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "refuse" }
  | { readonly kind: "die"; readonly daemon: "lan" | "wan"; readonly isBack: boolean }
  | { readonly kind: "crash"; readonly reboot: boolean };

/** What happens to the next write: it is done, refused by a full disk, or the process dies before or after it. */
type Fate = "done" | "full" | "dies_before" | "dies_after";

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("apply" as const),
    address: fc.integer({ min: 1, max: 3 }),
    domain: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant("confirm" as const), right: fc.boolean() }),
  fc.record({ kind: fc.constant("undo" as const) }),
  fc.record({ kind: fc.constant("reset" as const) }),
  fc.record({
    kind: fc.constant("wait" as const),
    ms: fc.constantFrom(1000, 6000, 89_999, 90_000),
  }),
  fc.record({ kind: fc.constant("refuse" as const) }),
  fc.record({
    kind: fc.constant("die" as const),
    daemon: fc.constantFrom("lan" as const, "wan" as const),
    isBack: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("crash" as const), reboot: fc.boolean() }),
);
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("done" as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("full" as const, "dies_before" as const, "dies_after" as const),
  },
);

/** A box whose process may die around any write, and whose owner was told what was acknowledged. */
class Box {
  now: Instant = instant(1000);
  disk: Disk;
  state: ChangeState = machine.initial;
  fates: Fate[];
  /** Revision → its document as text, for what was answered to be in force for good. */
  readonly promised: { revision: number; text: string }[] = [];
  token = "";
  onProbation: { revision: number; deadline: Instant } | undefined;
  inForce = "";

  constructor(fates: readonly Fate[]) {
    this.fates = [...fates];
    const first = documentAt("192.168.1.1", "d1");
    this.disk = {
      documents: new Map([[1, first]]),
      head: { confirmed: 1 },
      newest: 1,
      boot: 1,
    };
    this.promised.push({ revision: 1, text: canonicalJson(first) });
    this.start(1);
  }

  start(boot: number): void {
    this.state = machine.initial;
    const { head, documents, newest } = this.disk;
    const snapshot = (n: number) => snapshotOf(n, documents.get(n) ?? {}, sections, sha256);
    const { probation, lastRollback } = head;
    const loaded: Loaded = {
      kind: "loaded",
      head: snapshot(head.confirmed),
      newest,
      ...(lastRollback === undefined ? {} : { lastRollback }),
      ...(probation === undefined
        ? {}
        : {
            probation: {
              ...probation,
              sameBoot: boot === this.disk.boot,
              snapshot: snapshot(probation.revision),
            },
          }),
    };
    this.disk = { ...this.disk, boot };
    this.feed(loaded);
  }

  feed(input: ChangeInput): void {
    const inputs = [input];
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      const step = machine.step(this.state, next, this.now);
      machine.check(step.state);
      this.state = step.state;
      for (const effect of step.effects) {
        const answer = this.run(effect);
        if (answer === "died") {
          this.start(this.disk.boot);
          return;
        }
        if (answer !== undefined) inputs.push(answer);
      }
    }
  }

  run(effect: ChangeEffect): ChangeInput | "died" | undefined {
    switch (effect.kind) {
      case "store":
        return this.store(effect.write);
      case "publish":
        this.inForce = canonicalJson(effect.view.head.document);
        return undefined;
      case "answer": {
        if (!effect.reply.ok) return undefined;
        const { revision, probation } = effect.reply.value;
        if (probation !== undefined) {
          this.token = probation.token;
          const deadline = instant(this.now + probation.seconds * 1000);
          this.onProbation = { revision, deadline };
        } else {
          const text = canonicalJson(this.disk.documents.get(revision) ?? {});
          this.promised.push({ revision, text });
          this.onProbation = undefined;
        }
        return undefined;
      }
    }
  }

  store(write: Write): ChangeInput | "died" {
    const fate = this.fates.shift() ?? "done";
    if (fate === "dies_before") return "died";
    if (fate === "full") {
      return { kind: "store_failed", write: write.name, code: "store_full", raw: "" };
    }
    const documents = new Map(write.forget ? [] : this.disk.documents);
    if (write.add !== undefined) {
      expect(documents.has(write.add.revision)).toBe(false);
      documents.set(write.add.revision, write.add.document);
    }
    const newest = Math.max(this.disk.newest, write.add?.revision ?? 0);
    this.disk = { ...this.disk, documents, head: write.head, newest };
    return fate === "dies_after" ? "died" : { kind: "stored", write: write.name };
  }

  act(act: Act): void {
    const common = { request: 1, author: lanAuthor };
    switch (act.kind) {
      case "apply": {
        const patch = { address: `192.168.${act.address}.1`, domain: `d${act.domain}` };
        const text = `token ${this.disk.newest + 1}`;
        this.feed({
          kind: "apply",
          ...common,
          change: { kind: "patches", changes: [{ section: "lan", patch }] },
          token: { text, hash: sha256(text) },
        });
        break;
      }
      case "confirm":
        this.feed({
          kind: "confirm",
          ...common,
          tokenHash: sha256(act.right ? this.token : "wrong"),
        });
        break;
      case "undo":
        this.feed({ kind: "roll_back", ...common });
        break;
      case "reset":
        this.feed({
          kind: "factory_reset",
          ...common,
          document: documentAt("192.168.1.1", "factory"),
        });
        break;
      case "wait":
        this.wait(act.ms);
        break;
      case "refuse":
        this.refuse();
        break;
      case "die":
        this.feed({ kind: "went_offline", daemon: act.daemon, upFor: seconds(90) });
        if (act.isBack) this.feed({ kind: "came_online", daemon: act.daemon });
        break;
      case "crash":
        this.start(this.disk.boot + (act.reboot ? 1 : 0));
    }
  }

  wait(ms: number): void {
    const end = instant(this.now + ms);
    for (let n = 0; n < 100; n += 1) {
      const deadline = machine.deadline(this.state);
      if (deadline === undefined || deadline > end) break;
      this.now = instant(Math.max(this.now, deadline));
      this.feed({ kind: "timeout" });
    }
    this.now = end;
  }

  refuse(): void {
    if (this.state.kind !== "probation") return;
    const digest = this.state.head.digests.lan ?? "";
    const fault = { code: "no_bridge", text: { fr: "", en: "" } };
    this.feed({
      kind: "reported",
      daemon: "lan",
      applied: { revision: 2, digest, result: { kind: "refused", fault } },
    });
  }

  /** What must be true after every act, whatever died in between. */
  inspect(): void {
    const { head, documents } = this.disk;
    // Whole: what is in force is one stored document, to the last character.
    expect([...documents.values()].map(canonicalJson)).toContain(this.inForce);
    // The disk names revisions that it has.
    expect(documents.has(head.confirmed)).toBe(true);
    if (head.probation !== undefined) expect(documents.has(head.probation.revision)).toBe(true);
    // Nothing is half-way once everything was answered.
    expect(this.state.kind === "confirmed" || this.state.kind === "probation").toBe(true);
    // Durable: what was acknowledged last is what the disk calls confirmed, or something newer is.
    const last = this.promised.at(-1);
    expect(head.confirmed).toBeGreaterThanOrEqual(last?.revision ?? 0);
    if (head.confirmed === last?.revision) {
      expect(canonicalJson(documents.get(head.confirmed))).toBe(last.text);
    }
    // Safe: a window that is over leaves nothing unconfirmed in force.
    if (this.state.kind === "probation") {
      expect(this.now).toBeLessThan(this.state.deadline);
      expect(casualty(this.state.vigil, this.now)).toBeUndefined();
    }
  }
}

test("any story leaves the old or the new revision, whole; what was acknowledged is kept", () => {
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 25 }),
      fc.array(fate, { maxLength: 40 }),
      (acts, fates) => {
        const box = new Box(fates);
        box.inspect();
        for (const next of acts) {
          box.act(next);
          box.inspect();
        }
        // Left alone with a disk that works, the box comes to rest, and a restart finds the same.
        box.fates = [];
        box.wait(200_000);
        expect(box.state.kind).toBe("confirmed");
        const atRest = box.inForce;
        box.start(box.disk.boot + 1);
        expect(box.inForce).toBe(atRest);
      },
    ),
    { numRuns: 400 },
  );
});

test("nothing but the right token makes a change on probation stay", () => {
  const harmless = act.filter((a) => !(a.kind === "confirm" && a.right) && a.kind !== "reset");
  fc.assert(
    fc.property(fc.array(harmless, { maxLength: 20 }), (acts) => {
      const box = new Box([]);
      box.act({ kind: "apply", address: 2, domain: 1 });
      for (const next of acts) {
        if (next.kind !== "apply") box.act(next);
      }
      box.wait(90_000);
      expect(box.inForce).toContain("192.168.1.1");
      expect(box.disk.head.confirmed).toBe(1);
    }),
    { numRuns: 200 },
  );
});
