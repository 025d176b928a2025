export type { HeldLease, Kept, Place } from "./former.ts";
export * from "./machine.ts";
