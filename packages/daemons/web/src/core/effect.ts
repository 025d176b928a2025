import type { WebSecurityEvent } from "@passerelle/contract";
import type { Session } from "./session.ts";

export type Effect =
  /** Compare what was guessed; answered by `judged`. */
  | { readonly kind: "judge"; readonly request: number }
  /** The guess was right and its password is the new one: part of the next `save`. */
  | { readonly kind: "set_password"; readonly request: number }
  /** The book goes to the disk, before anybody hears of it. */
  | { readonly kind: "save" }
  | { readonly kind: "answer"; readonly request: number; readonly answer: Answer }
  | { readonly kind: "audit"; readonly event: Omit<WebSecurityEvent, "at"> }
  /** Who follows these lists is told; who lost a right loses its connections. */
  | { readonly kind: "changed"; readonly what: "sessions" | "apps" };

export type Answer =
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "done" }
  | { readonly kind: "wrong" }
  /** Nothing was evaluated. */
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "not_pressed" }
  | { readonly kind: "unknown" }
  | { readonly kind: "no_place" };
