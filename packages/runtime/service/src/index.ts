export * from "./context.ts";
export * from "./driver.ts";
export * from "./journal.ts";
export * from "./linux.ts";
export * from "./port.ts";
