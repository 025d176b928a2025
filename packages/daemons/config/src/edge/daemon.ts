import type { Subscription } from "@passerelle/bus-client";
import { appliedState } from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Driver, ServiceContext } from "@passerelle/service";
import type { Store } from "@passerelle/store";
import type { ConfigConfig } from "../config.ts";
import type { Document, Sections } from "../core/document.ts";
import type { ChangeEffect, ChangeView, Write } from "../core/effect.ts";
import { faultOf } from "../core/faults.ts";
import type { ChangeInput, Loaded } from "../core/input.ts";
import type { ChangeState, Digest } from "../core/state.ts";
import { createChangeMachine } from "../core/step.ts";
import { announce } from "./announce.ts";
import { bootFrom } from "./boot.ts";
import { inForce, serveCommands } from "./commands.ts";
import { hmac } from "./crypto.ts";
import { DefaultsError } from "./defaults.ts";
import { digestKey } from "./digest-key.ts";
import type { Factory } from "./factory.ts";
import { watchLiveness } from "./liveness.ts";
import { createRequests } from "./requests.ts";
import type { RevisionStore } from "./revision-store.ts";
import { readSafetyCopy, writeSafetyCopy } from "./safety-copy.ts";

export interface ConfigDaemonOptions {
  readonly context: ServiceContext<ConfigConfig>;
  readonly sections: Sections;
  readonly store: Store;
  readonly revisions: RevisionStore;
  /** Path of the last confirmed document's copy. */
  readonly safetyCopy: string;
  readonly factory: Factory;
  /** The same without overrides. */
  readonly plainFactory: Factory;
}

/** Joins the store, the machine of changes and the bus. Decisions are in `core`. */
export class ConfigDaemon {
  readonly #options: ConfigDaemonOptions;
  readonly #context: ServiceContext<ConfigConfig>;
  readonly #digest: Digest;
  readonly #requests = createRequests();
  readonly #driver: Driver<ChangeState, ChangeInput>;
  readonly #subscriptions: Subscription[] = [];

  constructor(options: ConfigDaemonOptions) {
    this.#options = options;
    this.#context = options.context;
    const { sections, store } = options;
    const key = digestKey(store, this.#context);
    this.#digest = (text) => hmac(key, text);
    const machine = createChangeMachine({ sections, digest: this.#digest });
    this.#driver = this.#context.drive(machine, {
      name: "change",
      redact,
      run: (effect: ChangeEffect) => this.#run(effect),
    });
  }

  /** Throws DefaultsError on a new box whose overrides are not valid. */
  start(): void {
    this.#driver.input(this.#boot());
    const { sections, revisions, factory } = this.#options;
    const { bus, clock, entropy } = this.#context;
    this.#subscriptions.push(
      ...serveCommands({
        bus,
        driver: this.#driver,
        requests: this.#requests,
        revisions,
        sections,
        drawBytes: (length) => entropy.bytes(length),
        factory,
      }),
    );
    for (const daemon of sections.keys()) {
      if (daemon === "config") continue;
      this.#subscriptions.push(
        bus.subscribe(appliedState[daemon], (applied) =>
          this.#driver.input({ kind: "reported", daemon, applied }),
        ),
        watchLiveness(bus, clock, daemon, (input) => this.#driver.input(input)),
      );
    }
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#driver.stop();
  }

  dump(): unknown {
    const { state } = this.#driver;
    return {
      kind: state.kind,
      revision: inForce(state)?.revision,
      waiting: this.#requests.waiting,
      opening: this.#options.store.opening.kind,
    };
  }

  #boot(): Loaded {
    const { factory, plainFactory, revisions, safetyCopy, sections } = this.#options;
    const { clock, log } = this.#context;
    return bootFrom({
      revisions,
      sections,
      digest: this.#digest,
      factory: () => orThrow(factory()),
      plainFactory: () => {
        const made = factory();
        if (made.ok) return made.value;
        log.error("defaults_invalid", { problems: made.error.raw });
        return orThrow(plainFactory());
      },
      safetyCopy: readSafetyCopy(safetyCopy),
      ...this.#lost(),
      log,
      now: () => ({ kind: "instant", at: clock.now() }),
    });
  }

  #lost(): { readonly lost?: Fault } {
    const { opening } = this.#options.store;
    if (opening.kind !== "replaced") return {};
    const { movedTo, reason } = opening;
    this.#context.log.error("config_lost", { movedTo, reason });
    return { lost: faultOf("config_lost", reason) };
  }

  #run(effect: ChangeEffect): void {
    switch (effect.kind) {
      case "store":
        this.#driver.input(this.#write(effect.write));
        break;
      case "publish":
        this.#publish(effect.view);
        break;
      case "answer":
        this.#requests.answer(effect.request, effect.reply);
    }
  }

  #write(write: Write): ChangeInput {
    const result = this.#options.revisions.write(write);
    if (result.ok) return { kind: "stored", write: write.name };
    const { code, message } = result.error;
    this.#context.log.error("config_not_stored", { write: write.name, code, message });
    return {
      kind: "store_failed",
      write: write.name,
      code: code === "store_full" ? "store_full" : "store_io",
      raw: message,
    };
  }

  #publish(view: ChangeView): void {
    const { bus, clock, log } = this.#context;
    const isConfirmed = view.probation === undefined;
    if (isConfirmed) this.#keepCopy(view.head.document);
    const phase = isConfirmed ? "confirmed" : "probation";
    log.info("config_in_force", { revision: view.head.revision, phase });
    announce(bus, clock, view);
  }

  #keepCopy(document: Document): void {
    try {
      writeSafetyCopy(this.#options.safetyCopy, document);
    } catch (thrown) {
      // The database holds it; the copy is only for the day when the database is damaged.
      this.#context.log.warn("safety_copy_failed", { reason: String(thrown) });
    }
  }
}

function orThrow(made: Result<Document, Fault>): Document {
  if (made.ok) return made.value;
  throw new DefaultsError(`${made.error.text.en}\n${made.error.raw ?? ""}`);
}

/** Inputs carry whole sections and tokens: dumps and crash files hold what happened, not with what. */
function redact(input: { readonly kind: string }): unknown {
  return { kind: input.kind, ...("request" in input ? { request: input.request } : {}) };
}
