import type { Bus, Reply } from "@passerelle/bus-client";
import {
  type ConfigAuthor,
  type ConfigChange,
  configApply,
  configHistory,
  configShow,
} from "@passerelle/contract";
import { invariant } from "@passerelle/result";
import { seconds } from "@passerelle/time";
import { type MappingOrigin, originsOf } from "../../core/home/port-mappings.ts";
import type { HomeSections } from "../../core/home/sections.ts";
import { readSections } from "../../schema-sections.ts";
import { apiFault } from "./faults.ts";
import type { Mirror } from "./mirror.ts";

/** What a person decided, as `config` keeps it; secrets are masked. */
export interface Decided {
  readonly revision: number;
  readonly sections: HomeSections;
  readonly origins: ReadonlyMap<string, MappingOrigin>;
}

/** Reads the configuration once a revision, and changes parts of it. */
export interface Configuration {
  /** The last that was read; may be older than what is in force. */
  readonly known: Decided | undefined;
  /** What is in force now. */
  current(): Promise<Reply<Decided>>;
  /** Computes the change from what is in force and applies it; once more where another change came in between. */
  change(request: ChangeRequest): Promise<Reply<Changed>>;
  /** We changed it ourselves: what was read is old before `config` says so. */
  forget(): void;
  onChange(listener: () => void): void;
}

export interface ChangeRequest {
  readonly author: ConfigAuthor;
  readonly note: string;
  /** The revision the caller looked at: then there is no second try. */
  readonly ifMatch: number | undefined;
  readonly compute: (decided: Decided) => Reply<readonly ConfigChange[]>;
}

export interface Changed {
  readonly before: Decided;
  readonly changes: readonly ConfigChange[];
}

export function createConfiguration(bus: Bus, mirror: Mirror): Configuration {
  const reader = createReader(bus);
  mirror.onChange((name) => {
    if (name === "configState" && mirror.get(name)?.revision !== reader.fresh?.revision)
      reader.forget();
  });
  const attempt = async (request: ChangeRequest): Promise<Reply<Changed>> => {
    const before = await reader.current();
    if (!before.ok) return before;
    const { ifMatch, author, note } = request;
    const changes = request.compute(before.data);
    if (!changes.ok) return changes;
    if (changes.data.length > 0) {
      const applied = await bus.request(configApply, {
        changes: [...changes.data],
        author,
        note,
        basedOn: ifMatch ?? before.data.revision,
      });
      reader.forget();
      if (!applied.ok) return applied;
      // Devices and openings never cut their author off; undone behind their back they would be a lie.
      invariant(applied.data.probation === undefined, `"${note}" needs no confirmation`);
    }
    return { ok: true, data: { before: before.data, changes: changes.data } };
  };
  return {
    get known() {
      return reader.known;
    },
    current: reader.current,
    async change(request) {
      const first = await attempt(request);
      const isLate = !first.ok && first.fault.code === "stale_revision";
      return isLate && request.ifMatch === undefined ? attempt(request) : first;
    },
    forget: reader.forget,
    onChange: reader.onChange,
  };
}

interface Reader extends Pick<Configuration, "known" | "current" | "forget" | "onChange"> {
  /** What was read, unless something happened since that made it old. */
  readonly fresh: Decided | undefined;
}

function createReader(bus: Bus): Reader {
  const listeners: (() => void)[] = [];
  let known: Decided | undefined;
  let isStale = true;
  /** Counts what may have made a reading old while it was under way. */
  let generation = 0;
  let reading: { readonly generation: number; readonly reply: Promise<Reply<Decided>> } | undefined;

  const read = async (begun: number): Promise<Reply<Decided>> => {
    const [shown, history] = await Promise.all([
      bus.request(configShow, {}, { timeout: READ_TIMEOUT }),
      bus.request(configHistory, { limit: HISTORY_MAX }, { timeout: READ_TIMEOUT }),
    ]);
    if (!shown.ok) return shown;
    const sections = readSections(shown.data.sections);
    if (sections === undefined) return { ok: false, fault: apiFault("not_ready") };
    const origins = history.ok ? originsOf(history.data.revisions) : (known?.origins ?? new Map());
    const decided: Decided = { revision: shown.data.revision, sections, origins };
    if (begun === generation) {
      known = decided;
      isStale = !history.ok;
      for (const listener of listeners) listener();
    }
    return { ok: true, data: decided };
  };
  const current = async (): Promise<Reply<Decided>> => {
    if (known !== undefined && !isStale) return { ok: true, data: known };
    if (reading?.generation !== generation) {
      const mine = { generation, reply: read(generation) };
      reading = mine;
      void mine.reply.finally(() => {
        if (reading === mine) reading = undefined;
      });
    }
    return reading.reply;
  };
  return {
    get known() {
      return known;
    },
    get fresh() {
      return isStale ? undefined : known;
    },
    current,
    forget() {
      isStale = true;
      generation += 1;
      void current();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** As many as `config` tells. */
const HISTORY_MAX = 200;
/** Devices are shown without what people decided rather than late. */
const READ_TIMEOUT = seconds(2);
