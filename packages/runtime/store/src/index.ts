export { forgetAside } from "./aside.ts";
export * from "./group-commit.ts";
export * from "./open.ts";
export * from "./port.ts";
export * from "./store-error.ts";
