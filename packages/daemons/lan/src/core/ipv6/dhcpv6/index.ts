export * from "./client.ts";
export * from "./config.ts";
export * from "./effect.ts";
export * from "./input.ts";
export * from "./lease.ts";
export { checkEverything, type Dhcpv6State } from "./state.ts";
export { dhcpv6Server } from "./step.ts";
