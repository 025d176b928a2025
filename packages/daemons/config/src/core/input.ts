import type { Applied, ConfigAuthor, ConfigChange, DaemonName } from "@passerelle/contract";
import type { Instant } from "@passerelle/time";
import type { Document } from "./document.ts";
import type { FaultCode } from "./faults.ts";
import type { Rollback, Snapshot } from "./state.ts";
import type { Gone } from "./vigil.ts";

export type ChangeInput =
  | Loaded
  | Apply
  | Confirm
  | RollBack
  | FactoryReset
  /** What a daemon says of the section it was given. */
  | { readonly kind: "reported"; readonly daemon: DaemonName; readonly applied: Applied }
  /** Of daemons other than `config`; the first `came_online` of each is news to us, not always to the others. */
  | { readonly kind: "came_online"; readonly daemon: DaemonName }
  | ({ readonly kind: "went_offline" } & Gone)
  /** The `store` effect of that name is on the disk. */
  | { readonly kind: "stored"; readonly write: string }
  | {
      readonly kind: "store_failed";
      readonly write: string;
      readonly code: StoreFaultCode;
      readonly raw: string;
    }
  | { readonly kind: "timeout" };

/** The store was read; documents already fit this release. */
export interface Loaded {
  readonly kind: "loaded";
  /** The last confirmed revision. */
  readonly head: Snapshot;
  readonly newest: number;
  readonly lastRollback?: Rollback;
  readonly probation?: {
    readonly author: ConfigAuthor;
    readonly tokenHash: string;
    /** Means something only within the boot that wrote it. */
    readonly deadline: Instant;
    /** False after a reboot. */
    readonly sameBoot: boolean;
    readonly revision: number;
    /** Absent where its document can't be used any more. */
    readonly snapshot?: Snapshot;
  };
}

export interface Apply {
  readonly kind: "apply";
  readonly request: number;
  readonly author: ConfigAuthor;
  readonly change: WantedChange;
  readonly note?: string;
  readonly basedOn?: number;
  readonly probationSeconds?: number;
  /** Drawn by the edge for this request; used only if the change goes on probation. */
  readonly token: { readonly text: string; readonly hash: string };
}

export type WantedChange =
  | { readonly kind: "patches"; readonly changes: readonly ConfigChange[] }
  /** Whole sections of an imported document; always on probation. */
  | { readonly kind: "import"; readonly values: ReadonlyMap<DaemonName, unknown> }
  /** An older revision again. */
  | {
      readonly kind: "revision";
      readonly of: number;
      readonly values: ReadonlyMap<DaemonName, unknown>;
    };

export interface Confirm {
  readonly kind: "confirm";
  readonly request: number;
  readonly tokenHash: string;
  readonly author: ConfigAuthor;
}

/** Ends the probation that runs. */
export interface RollBack {
  readonly kind: "roll_back";
  readonly request: number;
  readonly author: ConfigAuthor;
}

export interface FactoryReset {
  readonly kind: "factory_reset";
  readonly request: number;
  readonly author: ConfigAuthor;
  /** Made by `factoryDocument` with fresh entropy. */
  readonly document: Document;
}

export type StoreFaultCode = Extract<FaultCode, "store_full" | "store_io">;
