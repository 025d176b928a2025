import type { Result } from "@passerelle/result";
import type { Netlink } from "../src/port.ts";

/** A kernel with nothing but a loopback that is up. */
export interface World {
  readonly netlink: Netlink;
  /** Waits until every event has been handed over. */
  settle(): Promise<void>;
  end(): Promise<void>;
}

/**
 * The kernel's linkwatch looks at carriers once a second at the latest, and duplicate address detection takes two
 * seconds at most after the carrier came.
 */
export async function until(condition: () => Promise<boolean>, world: World): Promise<void> {
  for (let attempt = 0; !(await condition()); attempt += 1) {
    if (attempt === 200) throw new Error("it never came");
    await world.settle();
  }
}

export function value<T>(result: Result<T, { readonly text: string; readonly code: string }>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.text}`);
  return result.value;
}

export function code(result: Result<unknown, { readonly code: string }>): string {
  return result.ok ? "ok" : result.error.code;
}
