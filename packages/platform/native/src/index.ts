export * from "./load.ts";
export * from "./port.ts";
export * from "./private-network.ts";
