import type { KeyEvent } from "../button.ts";
import type { Reach } from "../input.ts";
import type { Phase } from "../upgrade/state.ts";

/** Everything that the face of the box shows or feels. */
export type PanelInput =
  /** `lan` says whether it serves the home. */
  | { readonly kind: "home"; readonly served: boolean }
  | { readonly kind: "house"; readonly house: House }
  | { readonly kind: "upgrade"; readonly phase: Phase["kind"] }
  /** The box, or this process, is about to end. */
  | { readonly kind: "ending" }
  /** The system refused to restart: all goes on. */
  | { readonly kind: "stays" }
  | { readonly kind: "key"; readonly event: KeyEvent }
  /** The device of the button is gone: nobody will say when the key was let go. */
  | { readonly kind: "button_away" }
  | { readonly kind: "timeout" };

export const PANEL_INPUT_KINDS = [
  "home",
  "house",
  "upgrade",
  "ending",
  "stays",
  "key",
  "button_away",
  "timeout",
] as const satisfies readonly PanelInput["kind"][];

/** What the event log's machine knows, as far as a light says it. */
export interface House {
  readonly reach: Reach["kind"];
  /** `lan` and `wifi` live. */
  readonly lan: boolean;
  readonly wifi: boolean;
  /** A service keeps failing, or the firewall does not protect. */
  readonly failing: boolean;
}

export type PanelEffect =
  /** A key was pressed: a person stands before the box. */
  | { readonly kind: "pressed" }
  /** The key called reset was held long enough, and let go. */
  | { readonly kind: "factory_reset" };
