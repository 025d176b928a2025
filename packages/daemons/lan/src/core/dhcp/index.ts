export * from "./client.ts";
export * from "./config.ts";
export * from "./effect.ts";
export * from "./input.ts";
export * from "./state.ts";
export { dhcpServer } from "./step.ts";
