import { type Instant, remaining } from "@passerelle/time";
import type { ChangeView } from "./effect.ts";
import type { Confirmed, Probation } from "./state.ts";

/** What the bus may know: no token, no value of any section. */
export function changeView(state: Confirmed | Probation, now: Instant): ChangeView {
  const lastRollback = state.lastRollback === undefined ? {} : { lastRollback: state.lastRollback };
  if (state.kind === "confirmed") return { head: state.head, ...lastRollback };
  return {
    head: state.head,
    probation: {
      remaining: remaining(now, state.deadline),
      previous: state.previous.revision,
      author: state.author,
    },
    ...lastRollback,
  };
}
