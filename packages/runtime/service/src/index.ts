export * from "./context.ts";
export * from "./driver.ts";
export * from "./environment.ts";
export { replaceFile } from "./files.ts";
export { type HostedService, hosted } from "./host.ts";
export * from "./journal.ts";
export * from "./linux.ts";
export * from "./port.ts";
export * from "./run.ts";
