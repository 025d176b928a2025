import type { Capability, InputOf, Operation, ReplyOf, Routes } from "@passerelle/api";
import type { ConfigAuthor } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";

/** Who asks. The door found out; a handler believes it. */
export interface Caller {
  /** "anyone" has no session; "local" is a program on the box, by the unix socket. */
  readonly kind: "person" | "app" | "local" | "anyone";
  /** "admin", the app's name, or the program's user. */
  readonly actor: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** The address it came from; "local" for the unix socket. */
  readonly source: string;
  /** Absent for "anyone" and "local". */
  readonly sessionId?: string;
  /** A person proved within the hour, in this session, that it is them. A local program always has. */
  readonly steppedUp: boolean;
  readonly secure: boolean;
  readonly userAgent?: string;
}

/** One validated request: whoever is not allowed never gets here. */
export interface Call<Key extends Operation> {
  readonly input: InputOf<Key, Routes[Key]>;
  readonly caller: Caller;
  /** The revision of If-Match. */
  readonly ifMatch?: number;
}

export type Outcome<R> =
  | {
      readonly ok: true;
      readonly data: R;
      /** Set-Cookie and the like; the door's business alone. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly fault: Fault; readonly retryAfter?: number };

export type Handler<Key extends Operation> = (
  call: Call<Key>,
) => Promise<Outcome<ReplyOf<Routes[Key]>>>;

/** A part of the table; all parts together must be the whole of it, which the compiler proves. */
export type Handlers<Keys extends Operation> = { readonly [Key in Keys]: Handler<Key> };

/** What a caller's change of the configuration is signed with. */
export function authorOf(caller: Caller): ConfigAuthor {
  return {
    name: caller.actor.slice(0, 64),
    origin: caller.kind === "local" ? "local" : "lan",
  };
}
