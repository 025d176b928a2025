import { createHash } from "node:crypto";
import { type Applied, type ConfigAuthor, DAEMONS } from "@passerelle/contract";
import { type Instant, instant, seconds } from "@passerelle/time";
import { snapshotOf } from "../src/core/apply.ts";
import { type Document, knownSections } from "../src/core/document.ts";
import type { ChangeEffect } from "../src/core/effect.ts";
import type { ChangeInput, Loaded } from "../src/core/input.ts";
import type { ChangeState, Snapshot } from "../src/core/state.ts";
import { createChangeMachine } from "../src/core/step.ts";
import type { Outage } from "../src/core/vigil.ts";
import { lanAuthor, lanSection, wanSection } from "./home.ts";

/** What the scenarios, the table and the properties share: a machine over two sections, and words for its inputs. */
export const sections = knownSections([lanSection, wanSection]);
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const machine = createChangeMachine({ sections, digest: sha256 });

export function documentAt(address: string, domain = "home"): Document {
  return {
    lan: { version: 2, value: { address, domain, people: [] } },
    wan: { version: 1, value: { profile: "ethernet" } },
  };
}

export function snapshotAt(revision: number, address: string, domain?: string): Snapshot {
  return snapshotOf(revision, documentAt(address, domain), sections, sha256);
}

export const firstLoad: Loaded = {
  kind: "loaded",
  head: snapshotAt(1, "192.168.1.1"),
  newest: 1,
};

/** A probation of revision 2 in the store, from a process that is gone. */
export function loadedInProbation(
  deadline: Instant,
  options: { readonly sameBoot: boolean; readonly usable?: boolean } = { sameBoot: true },
): Loaded {
  return {
    ...firstLoad,
    newest: 2,
    probation: {
      revision: 2,
      author: lanAuthor,
      tokenHash: sha256("token of 2"),
      deadline,
      sameBoot: options.sameBoot,
      ...(options.usable === false ? {} : { snapshot: snapshotAt(2, "192.168.2.1") }),
    },
  };
}

/**
 * Words of a scenario: `loaded`, `loaded-probation 90s [rebooted|unusable]`, `apply lan.address 192.168.2.1 [for 30]
 * [based-on 1]`, `import …`, `confirm TOKEN [from box]`, `undo`, `reset`, `stored`, `full`, `lan refuses|runs`,
 * `lan|wan offline [up 5]|online`.
 * The token of a change is "token of N", N being the revision it would make; a confirmation says it as N.
 */
export function parseInput(
  words: readonly string[],
  _now: Instant,
  state: ChangeState,
): ChangeInput {
  const [verb, ...rest] = words;
  const author: ConfigAuthor = { ...lanAuthor, origin: originOf(rest) };
  switch (verb) {
    case "loaded":
      return firstLoad;
    case "loaded-probation":
      return loadedInProbation(instant(Number.parseInt(rest[0] ?? "", 10) * 1000), {
        sameBoot: !rest.includes("rebooted"),
        usable: !rest.includes("unusable"),
      });
    case "apply":
    case "import":
      return applyOf(verb, rest, state, author);
    case "confirm":
      return { kind: "confirm", request: 7, tokenHash: sha256(`token of ${rest[0]}`), author };
    case "undo":
      return { kind: "roll_back", request: 7, author };
    case "reset":
      return { kind: "factory_reset", request: 7, author, document: documentAt("192.168.1.1") };
    case "stored":
      return { kind: "stored", write: writeOf(rest, state) };
    case "full":
      return {
        kind: "store_failed",
        write: writeOf(rest, state),
        code: "store_full",
        raw: "planted",
      };
    case "wan":
    case "lan":
      if (rest[0] === "offline") {
        const upFor = seconds(after(rest, "up") ?? 3600);
        return { kind: "went_offline", daemon: verb, upFor };
      }
      if (rest[0] === "online") return { kind: "came_online", daemon: verb };
      return { kind: "reported", daemon: "lan", applied: appliedOf(rest[0] ?? "", state) };
    default:
      throw new Error(`scenario: unknown words ${words.join(" ")}`);
  }
}

export function describeState(state: ChangeState): string {
  switch (state.kind) {
    case "starting":
      return "starting";
    case "confirmed":
      return `confirmed ${state.head.revision}${state.owed === undefined ? "" : " owed"}`;
    case "probation":
      return [`probation ${state.head.revision}`, ...state.vigil.map(describeOutage)].join(" ");
    case "storing":
      return `storing ${describeState(state.to)}`;
  }
}

function describeOutage({ daemon, count, since }: Outage): string {
  return `${daemon}*${count}${since === undefined ? "" : " away"}`;
}

export function describeEffect(effect: ChangeEffect): string {
  switch (effect.kind) {
    case "store": {
      const { name, forget, settle, head } = effect.write;
      const phases = settle.map(({ revision, phase }) => `${revision}=${phase}`);
      const probation = head.probation === undefined ? "" : ` probation=${head.probation.revision}`;
      const parts = [
        `head=${head.confirmed}${probation}`,
        ...phases,
        ...(forget ? ["forget"] : []),
      ];
      return `store(${name}: ${parts.join(" ")})`;
    }
    case "publish": {
      const { head, probation, lastRollback } = effect.view;
      const phase = probation === undefined ? "confirmed" : `probation ${probation.remaining}ms`;
      const undone =
        lastRollback === undefined
          ? ""
          : ` undone ${lastRollback.from}->${lastRollback.to} ${lastRollback.fault.code}`;
      return `publish(${head.revision} ${phase}${undone})`;
    }
    case "answer": {
      const { reply } = effect;
      if (!reply.ok) return `answer(${reply.error.code})`;
      const { probation } = reply.value;
      const token = probation === undefined ? "" : ` "${probation.token}" ${probation.seconds}s`;
      return `answer(revision ${reply.value.revision}${token})`;
    }
  }
}

function applyOf(
  verb: "apply" | "import",
  rest: readonly string[],
  state: ChangeState,
  author: ConfigAuthor,
): ChangeInput {
  const [place = "", value = ""] = rest;
  const [section, member = ""] = place.split(".");
  const daemon = DAEMONS.find((name) => name === section) ?? "wan";
  const next = ("newest" in state ? state.newest : 0) + 1;
  const text = `token of ${next}`;
  const window = after(rest, "for");
  const basedOn = after(rest, "based-on");
  return {
    kind: "apply",
    request: 7,
    author,
    change:
      verb === "apply"
        ? { kind: "patches", changes: [{ section: daemon, patch: { [member]: value } }] }
        : {
            kind: "import",
            values: new Map([[daemon, documentAt("192.168.1.1", value).lan?.value]]),
          },
    ...(window === undefined ? {} : { probationSeconds: window }),
    ...(basedOn === undefined ? {} : { basedOn }),
    token: { text, hash: sha256(text) },
  };
}

function appliedOf(verb: string, state: ChangeState): Applied {
  const head =
    state.kind === "starting" ? undefined : state.kind === "storing" ? state.from : state;
  const fault = { code: "no_bridge", text: { fr: "Pas de pont.", en: "No bridge." } };
  return {
    revision: head?.head.revision ?? 0,
    digest: head?.head.digests.lan ?? "",
    result: verb === "refuses" ? { kind: "refused", fault } : { kind: "running" },
  };
}

/** The write that waits, or the one named. */
function writeOf(rest: readonly string[], state: ChangeState): string {
  if (rest.length > 0) return rest.join(" ");
  if (state.kind === "storing") return state.write;
  return (state.kind === "confirmed" ? state.owed?.write.name : undefined) ?? "nothing";
}

function originOf(words: readonly string[]): ConfigAuthor["origin"] {
  const at = words.indexOf("from");
  const word = at < 0 ? "lan" : words[at + 1];
  return word === "box" || word === "local" ? word : "lan";
}

function after(words: readonly string[], word: string): number | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : Number(words[at + 1]);
}
