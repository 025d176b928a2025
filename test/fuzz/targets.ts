import type { FuzzTarget } from "./engine.ts";

/** Every parser that a stranger's bytes reach. */
export const targets: readonly FuzzTarget[] = [];
