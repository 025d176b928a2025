import type { Capability } from "@passerelle/api";
import type { WallTime } from "@passerelle/time";
import type { NewSession } from "./session.ts";

/** Somebody guesses at a secret. The secret itself stays outside: no dump and no crash file can show it. */
export interface Guess {
  /** Whom the edge answers. */
  readonly request: number;
  readonly source: string;
  readonly at: WallTime;
  readonly purpose: Purpose;
}

export type Purpose =
  /** A person logs in; the session whose cookie came along ends. */
  | { readonly kind: "login"; readonly session: NewSession; readonly replaces?: string }
  | { readonly kind: "step_up"; readonly session: string; readonly tokenHash?: string }
  /** Whoever changes the password from the box itself has no session. */
  | { readonly kind: "password"; readonly session?: string; readonly actor: string }
  | {
      readonly kind: "app";
      readonly app: string;
      readonly challenge: string;
      readonly session: NewSession;
    };

export type Input =
  | { readonly kind: "knock"; readonly guess: Guess }
  /** What became of the guess that was being judged. */
  | { readonly kind: "judged"; readonly request: number; readonly right: boolean }
  /** Somebody guessed wrong at another place: a confirmation token. */
  | { readonly kind: "failed"; readonly source: string }
  /** A request came in this session. */
  | { readonly kind: "seen"; readonly session: string }
  | {
      readonly kind: "ended";
      readonly request: number;
      readonly session: string;
      readonly how: "logout" | "revoked";
      readonly actor: string;
      readonly source: string;
    }
  | {
      readonly kind: "button_asked";
      readonly request: number;
      readonly session: string;
      readonly source: string;
      readonly tokenHash?: string;
    }
  /** The button of the box was pressed. */
  | { readonly kind: "button" }
  | {
      readonly kind: "app_asked";
      readonly request: number;
      readonly id: string;
      readonly name: string;
      readonly wanted: readonly Capability[];
      readonly source: string;
      readonly at: WallTime;
    }
  /** Without any capability it is refused. */
  | {
      readonly kind: "app_answered";
      readonly request: number;
      readonly id: string;
      readonly capabilities: readonly Capability[];
      readonly actor: string;
      readonly source: string;
      readonly at: WallTime;
    }
  | {
      readonly kind: "app_changed";
      readonly request: number;
      readonly id: string;
      readonly capabilities: readonly Capability[];
      readonly actor: string;
      readonly source: string;
    }
  | {
      readonly kind: "app_revoked";
      readonly request: number;
      readonly id: string;
      readonly actor: string;
      readonly source: string;
    }
  | {
      readonly kind: "challenge_asked";
      readonly request: number;
      readonly id: string;
      readonly challenge: string;
    }
  | { readonly kind: "timeout" };

export const INPUT_KINDS = [
  "knock",
  "judged",
  "failed",
  "seen",
  "ended",
  "button_asked",
  "button",
  "app_asked",
  "app_answered",
  "app_changed",
  "app_revoked",
  "challenge_asked",
  "timeout",
] as const satisfies readonly Input["kind"][];
