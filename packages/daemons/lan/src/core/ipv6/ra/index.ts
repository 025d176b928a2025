export * from "./announced.ts";
export * from "./config.ts";
export * from "./effect.ts";
export * from "./input.ts";
export type { RaState } from "./state.ts";
export { routerAdvertiser } from "./step.ts";
