export * from "./discovery.ts";
export * from "./edge.ts";
export * from "./fake.ts";
export * from "./linux.ts";
export * from "./port.ts";
