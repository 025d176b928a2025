export * from "./common.ts";
export * from "./config.ts";
export * from "./define.ts";
export * from "./firewall.ts";
export * from "./lan.ts";
export * from "./registry.ts";
export * from "./section.ts";
export * as values from "./values.ts";
export * from "./wan.ts";
