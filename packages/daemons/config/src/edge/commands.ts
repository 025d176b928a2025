import type { Bus, Reply, Subscription } from "@passerelle/bus-client";
import {
  configApply,
  configConfirm,
  configExport,
  configFactoryReset,
  configHistory,
  configImport,
  configPlan,
  configRead,
  configRollback,
  configShow,
  type DaemonName,
} from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Driver } from "@passerelle/service";
import { backupValues, makeBackup, readBackup, secretsText } from "../core/backup.ts";
import type { Document, Sections } from "../core/document.ts";
import { faultOf } from "../core/faults.ts";
import type { ChangeInput } from "../core/input.ts";
import { planChanges } from "../core/plan.ts";
import { load } from "../core/restore.ts";
import { mask } from "../core/secrets.ts";
import type { ChangeState, Snapshot } from "../core/state.ts";
import { drawToken, openSecrets, sealSecrets, sha256 } from "./crypto.ts";
import type { Requests } from "./requests.ts";
import type { RevisionStore } from "./revision-store.ts";

export interface CommandOptions {
  readonly bus: Bus;
  readonly driver: Driver<ChangeState, ChangeInput>;
  readonly requests: Requests;
  readonly revisions: RevisionStore;
  readonly sections: Sections;
  readonly drawBytes: (length: number) => Uint8Array;
  readonly factory: () => Result<Document, Fault>;
}

/** Serves every command of the contract; what changes anything becomes an input of the machine. */
export function serveCommands(options: CommandOptions): readonly Subscription[] {
  return [...serveReaders(options), ...serveChanges(options), ...serveBackup(options)];
}

function serveReaders(options: CommandOptions): readonly Subscription[] {
  const { bus, driver, revisions, sections } = options;
  const reads = Object.entries(configRead).map(([name, command]) =>
    bus.serve(command, () => {
      const head = inForce(driver.state);
      if (head === undefined) return refused("busy");
      const digest = head.digests[name];
      if (digest === undefined) return refused("section_not_ready", name);
      return done({ revision: head.revision, digest, value: head.document[name]?.value });
    }),
  );
  return [
    ...reads,
    bus.serve(configPlan, ({ changes }) => {
      const head = inForce(driver.state);
      if (head === undefined) return refused("busy");
      return done(planChanges(head.document, changes, sections).plan);
    }),
    bus.serve(configHistory, ({ limit }) =>
      done({ revisions: revisions.history(limit ?? HISTORY_DEFAULT) }),
    ),
    bus.serve(configShow, ({ revision }) => {
      const head = inForce(driver.state);
      if (head === undefined) return refused("busy");
      const wanted = revision ?? head.revision;
      const document = wanted === head.revision ? head.document : revisions.document(wanted);
      if (document === undefined) return refused("unknown_revision", `${wanted}`);
      return done({ revision: wanted, sections: shown(document, sections) });
    }),
  ];
}

function serveChanges(options: CommandOptions): readonly Subscription[] {
  const { bus, driver, requests, revisions, sections } = options;
  return [
    bus.serve(configApply, async ({ changes, author, ...rest }) => {
      const reply = await requests.ask((request) =>
        driver.input({
          kind: "apply",
          request,
          author,
          change: { kind: "patches", changes },
          ...given(rest),
          token: drawToken(options.drawBytes),
        }),
      );
      return withPlan(reply);
    }),
    bus.serve(configConfirm, ({ token, author }) =>
      requests.ask((request) =>
        driver.input({ kind: "confirm", request, tokenHash: sha256(token), author }),
      ),
    ),
    bus.serve(configRollback, async ({ to, author }) => {
      const { state } = driver;
      const ends =
        to === undefined || (state.kind === "probation" && to === state.previous.revision);
      if (ends) {
        return requests.ask((request) => driver.input({ kind: "roll_back", request, author }));
      }
      const document = revisions.document(to);
      if (document === undefined) return refused("unknown_revision", `${to}`);
      const values = sectionValues(document, sections);
      const reply = await requests.ask((request) =>
        driver.input({
          kind: "apply",
          request,
          author,
          change: { kind: "revision", of: to, values },
          token: drawToken(options.drawBytes),
        }),
      );
      if (!reply.ok) return reply;
      const { plan: _, ...answer } = reply.data;
      return done(answer);
    }),
    bus.serve(configFactoryReset, async ({ author }) => {
      const document = options.factory();
      if (!document.ok) return { ok: false, fault: document.error };
      const reply = await requests.ask((request) =>
        driver.input({ kind: "factory_reset", request, author, document: document.value }),
      );
      if (reply.ok) revisions.scrub();
      return reply;
    }),
  ];
}

function serveBackup(options: CommandOptions): readonly Subscription[] {
  const { bus, driver, requests, sections } = options;
  const one = oneAtATime();
  return [
    bus.serve(configExport, ({ passphrase }) =>
      one(async () => {
        const head = inForce(driver.state);
        if (head === undefined) return refused("busy");
        const backup = makeBackup(head.document, sections);
        const text = secretsText(head.document, sections);
        const secrets =
          passphrase === undefined ? {} : { secrets: await sealSecrets(text, passphrase) };
        return done({ document: JSON.stringify({ ...backup, ...secrets }, undefined, 2) });
      }),
    ),
    bus.serve(configImport, ({ document, passphrase, author }) =>
      one(async () => {
        const backup = readBackup(document);
        if (!backup.ok) return { ok: false, fault: backup.error };
        const { secrets } = backup.value;
        if (secrets !== undefined && passphrase === undefined) return refused("passphrase_needed");
        const opened =
          secrets === undefined ? undefined : await openSecrets(secrets, passphrase ?? "");
        if (opened?.ok === false) return refused("wrong_passphrase");
        const head = inForce(driver.state);
        if (head === undefined) return refused("busy");
        const values = backupValues(backup.value, opened?.value, head.document, sections);
        if (!values.ok) return { ok: false, fault: values.error };
        const reply = await requests.ask((request) =>
          driver.input({
            kind: "apply",
            request,
            author,
            change: { kind: "import", values: values.value },
            note: "import",
            basedOn: head.revision,
            token: drawToken(options.drawBytes),
          }),
        );
        return withPlan(reply);
      }),
    ),
  ];
}

/** What the daemons are to run: a change that is being written is not yet in force. */
export function inForce(state: ChangeState): Snapshot | undefined {
  if (state.kind === "starting") return undefined;
  return state.kind === "storing" ? state.from.head : state.head;
}

/** Sections as this release would store them; one that does not fit is left out, its secrets could be anywhere. */
function sectionValues(document: Document, sections: Sections): ReadonlyMap<DaemonName, unknown> {
  return new Map(
    [...sections].flatMap(([name, known]) => {
      const stored = document[name];
      const loaded = stored === undefined ? undefined : load(stored, known);
      return loaded?.ok === true ? [[name, loaded.value.value] as const] : [];
    }),
  );
}

function shown(document: Document, sections: Sections): Record<string, unknown> {
  return Object.fromEntries(
    [...sectionValues(document, sections)].map(([name, value]) => [
      name,
      mask(value, sections.get(name)?.secrets ?? []),
    ]),
  );
}

/** scrypt takes tens of megabytes: on a small box two at once would be one too many. */
function oneAtATime(): <T>(work: () => Promise<Reply<T>>) => Promise<Reply<T>> {
  let working = false;
  return async (work) => {
    if (working) return refused("busy");
    working = true;
    try {
      return await work();
    } finally {
      working = false;
    }
  };
}

function withPlan(reply: Awaited<ReturnType<Requests["ask"]>>) {
  if (!reply.ok) return reply;
  const { plan, ...answer } = reply.data;
  if (plan === undefined) throw new Error("invariant: an apply is answered with its plan");
  return done({ ...answer, plan });
}

/** Members that were given, without those that are undefined. */
function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function done<T>(data: T): { readonly ok: true; readonly data: T } {
  return { ok: true, data };
}

function refused(
  code: Parameters<typeof faultOf>[0],
  raw?: string,
): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: faultOf(code, raw) };
}

const HISTORY_DEFAULT = 50;
