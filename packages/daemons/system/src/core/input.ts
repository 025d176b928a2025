import type { Fault } from "@passerelle/result";
import type { WallTime } from "@passerelle/time";
import type { SystemConfig } from "../config.ts";
import type { LineCode } from "./lines.ts";
import type { News } from "./upgrade/input.ts";

/** Everything that the house, the daemons and the machine tell. `at` is the calendar, for people. */
export type Input =
  | { readonly kind: "configured"; readonly config: SystemConfig }
  /** This process began; `boot` where the machine did, too. */
  | { readonly kind: "started"; readonly at: WallTime; readonly boot?: Boot }
  /** The line's history, oldest first: what is new in it is logged. */
  | { readonly kind: "line_history"; readonly transitions: readonly Transition[] }
  | { readonly kind: "reach"; readonly at: WallTime; readonly reach: Reach }
  | { readonly kind: "networks"; readonly guests: readonly string[] }
  | {
      readonly kind: "device";
      readonly at: WallTime;
      readonly what: "new" | "online" | "offline";
      readonly device: Device;
    }
  /** A device has another name now. */
  | { readonly kind: "named"; readonly id: string; readonly name: string }
  | {
      readonly kind: "revision";
      readonly at: WallTime;
      readonly revision: number;
      readonly trial?: Trial;
      readonly undone?: Undone;
    }
  /** Answer to `ask_revisions`, oldest first. */
  | { readonly kind: "revisions"; readonly at: WallTime; readonly revisions: readonly Revision[] }
  | {
      readonly kind: "firewall";
      readonly at: WallTime;
      readonly openings: readonly Opening[];
      readonly fault?: Fault;
    }
  | {
      readonly kind: "alive";
      readonly at: WallTime;
      readonly daemon: string;
      readonly online: boolean;
      readonly pid?: number;
    }
  | {
      readonly kind: "security";
      readonly at: WallTime;
      readonly code: LineCode;
      readonly actor: string;
      readonly source: string;
      readonly subject?: string;
    }
  | {
      readonly kind: "clock";
      readonly at: WallTime;
      readonly wanted: boolean;
      readonly source?: string;
    }
  | { readonly kind: "clock_stepped"; readonly at: WallTime; readonly ms: number }
  | {
      readonly kind: "measured";
      readonly at: WallTime;
      readonly storage?: Storage;
      readonly temperature?: number;
    }
  /** A line of our own making. */
  | {
      readonly kind: "noted";
      readonly at: WallTime;
      readonly code: LineCode;
      readonly actor?: string;
      readonly source?: string;
      readonly what?: string;
    }
  /** Something became of another version of the system. */
  | { readonly kind: "upgrade"; readonly at: WallTime; readonly news: News }
  | { readonly kind: "dismissed"; readonly id: string }
  | { readonly kind: "timeout" };

export const INPUT_KINDS = [
  "configured",
  "started",
  "line_history",
  "reach",
  "networks",
  "device",
  "named",
  "revision",
  "revisions",
  "firewall",
  "alive",
  "security",
  "clock",
  "clock_stepped",
  "measured",
  "noted",
  "upgrade",
  "dismissed",
  "timeout",
] as const satisfies readonly Input["kind"][];

export interface Boot {
  readonly cause:
    | "power"
    | "person"
    | "upgrade"
    | "fallback"
    | "factory_reset"
    | "crash"
    | "watchdog"
    | "unknown";
  /** Who asked for it. */
  readonly actor?: string;
}

export interface Transition {
  readonly at: WallTime;
  readonly layer: "dsl" | "access" | "link" | "session" | "reach";
  readonly from: string;
  readonly to: string;
  readonly cause?: Fault;
}

export type Reach =
  | { readonly kind: "unknown" }
  | { readonly kind: "online" }
  | { readonly kind: "limited" | "offline"; readonly since: WallTime; readonly fault: Fault };

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly mac?: string;
  readonly privateMac: boolean;
  readonly network?: string;
}

export interface Trial {
  readonly author: string;
}

export interface Undone {
  readonly at: WallTime;
  readonly fault: Fault;
}

export interface Revision {
  readonly revision: number;
  readonly at: WallTime;
  readonly author: string;
  readonly origin: string;
  readonly sections: readonly string[];
  readonly phase: "probation" | "confirmed" | "rolled_back";
}

export interface Opening {
  readonly id: string;
  readonly owner: string;
  /** "tcp 8080 → 192.168.1.20:80". */
  readonly text: string;
}

export interface Storage {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** The megabyte that is given back when the disk is full. */
  readonly ballast: boolean;
}
