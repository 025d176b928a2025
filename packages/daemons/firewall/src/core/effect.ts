import type { Replace, Ruleset } from "./ruleset.ts";

/** Everything the firewall asks for. Answers come back as inputs. */
export type Effect =
  /** Reads the table: answered by `found`. */
  | { readonly kind: "look" }
  /** Applies in one transaction and reads back: answered by `applied` or `apply_failed`. */
  | { readonly kind: "apply"; readonly ruleset: Ruleset; readonly replace: Replace }
  /** Compares the kernel with what was applied: answered by `verified`, `differs` or `verify_failed`. */
  | { readonly kind: "verify"; readonly ruleset: Ruleset; readonly digest: string }
  /** Time-outs of connection tracking, then forwarding: answered by `settings_failed`, if at all. */
  | { readonly kind: "settings" }
  /** One line in the log: another program touched our table. */
  | { readonly kind: "report_foreign_change"; readonly what: string };
