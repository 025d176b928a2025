export * from "./fake.ts";
export * from "./linux.ts";
export * from "./port.ts";
