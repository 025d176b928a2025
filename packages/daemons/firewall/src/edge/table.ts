import { createHash } from "node:crypto";
import type { Nft, NftError } from "@passerelle/nft";
import type { Fault } from "@passerelle/result";
import type { Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { difference, recognise } from "../core/readback.ts";
import { type Ruleset, TABLE, type Table, transaction } from "../core/ruleset.ts";

export type TableEffect = Extract<Effect, { kind: "look" | "apply" | "verify" }>;

export interface TableEdge {
  run(effect: TableEffect): void;
  /** The kernel says that somebody changed something. */
  changed(): void;
  idle(): Promise<void>;
}

/** One thing at a time with the table, in the order asked. Never rejects: what went wrong is an input. */
export function createTableEdge(
  nft: Nft,
  input: (input: Input) => void,
  arpRefused: (error: NftError) => void,
): TableEdge {
  let queue: Promise<void> = Promise.resolve();
  const work: Work = { reading: false, touched: false, arpRefused };
  return {
    run(effect) {
      queue = queue.then(async () => {
        const answer = await perform(nft, effect, work);
        const { touched } = work;
        Object.assign(work, { reading: false, touched: false });
        input(answer);
        // After the answer: what was read may be older than the touch.
        if (touched) input({ kind: "touched" });
      });
    },
    changed() {
      // Our own transactions, too: they are heard of before their read-back begins, when no touch matters yet.
      if (work.reading) work.touched = true;
      else input({ kind: "touched" });
    },
    async idle() {
      // An answer may have asked for more: the look at the start is followed by a transaction.
      for (let seen: Promise<void> | undefined; seen !== queue; ) {
        seen = queue;
        await seen;
      }
    },
  };
}

interface Work {
  reading: boolean;
  /** By another program, since we began to read. */
  touched: boolean;
  /** The table of ARP as the kernel took it; absent: it takes none, and everything else goes on. */
  arp?: { readonly table: Table; readonly digest: string };
  readonly arpRefused: (error: NftError) => void;
}

async function perform(nft: Nft, effect: TableEffect, work: Work): Promise<Input> {
  const read = () => {
    work.reading = true;
    return nft.listTable("inet", TABLE);
  };
  switch (effect.kind) {
    case "look": {
      const seen = await read();
      // What can't be read is treated as strange: the base rules go in, or say why they can't.
      return { kind: "found", table: seen.ok ? recognise(seen.value) : "none" };
    }
    case "apply": {
      const digest = digestOf(effect.ruleset);
      const done = await nft.apply(transaction(effect.ruleset, digest, effect.replace));
      if (!done.ok) return { kind: "apply_failed", fault: refused(done.error) };
      await applyArp(nft, effect.ruleset.arp, digest, work);
      const seen = await read();
      if (!seen.ok) return { kind: "apply_failed", fault: unreadable(seen.error) };
      const what = difference(seen.value, effect.ruleset, digest);
      if (what !== undefined) return { kind: "apply_failed", fault: unconfirmed(what) };
      return { kind: "applied", digest };
    }
    case "verify": {
      const seen = await read();
      if (!seen.ok) return { kind: "verify_failed", fault: unreadable(seen.error) };
      const what =
        difference(seen.value, effect.ruleset, effect.digest) ?? (await arpDifference(nft, work));
      return what === undefined ? { kind: "verified" } : { kind: "differs", what };
    }
  }
}

/** A transaction of its own, after the one that protects: refused, it takes nothing with it. */
async function applyArp(nft: Nft, table: Table, digest: string, work: Work): Promise<void> {
  const done = await nft.apply(transaction(table, digest, "delete", "arp"));
  if (done.ok) work.arp = { table, digest };
  else {
    delete work.arp;
    work.arpRefused(done.error);
  }
}

async function arpDifference(nft: Nft, { arp }: Work): Promise<string | undefined> {
  if (arp === undefined) return undefined;
  const seen = await nft.listTable("arp", TABLE);
  const what = seen.ok ? difference(seen.value, arp.table, arp.digest) : undefined;
  return what === undefined ? undefined : `of ARP, ${what}`;
}

export function digestOf(ruleset: Ruleset): string {
  return createHash("sha256").update(ruleset.body).digest("hex");
}

function refused(error: NftError): Fault {
  return {
    code: "ruleset_refused",
    text: {
      fr: "Le noyau a refusé les nouvelles règles du pare-feu ; les précédentes restent en vigueur.",
      en: "The kernel refused the new firewall rules; the previous ones stay in force.",
    },
    raw: rawOf(error),
  };
}

function unreadable(error: NftError): Fault {
  return {
    code: "ruleset_unreadable",
    text: {
      fr: "Les règles du pare-feu n'ont pas pu être relues.",
      en: "The firewall rules couldn't be read back.",
    },
    raw: rawOf(error),
  };
}

function unconfirmed(what: string): Fault {
  return {
    code: "ruleset_unconfirmed",
    text: {
      fr: "Les règles relues du noyau ne sont pas celles qui ont été posées.",
      en: "The rules read back from the kernel aren't the ones that were applied.",
    },
    raw: what,
  };
}

function rawOf(error: NftError): string {
  const line = error.line === undefined ? "" : ` (line ${error.line})`;
  return `${error.code}: ${error.text}${line}`.slice(0, RAW_MAX);
}

/** What nft says can be as long as the ruleset; a fault carries the beginning. */
const RAW_MAX = 2000;
