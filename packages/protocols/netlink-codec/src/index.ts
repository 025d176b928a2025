export * from "./address.ts";
export * from "./attribute.ts";
export * from "./constants.ts";
export * from "./link.ts";
export * from "./message.ts";
export * from "./neighbour.ts";
export * from "./route.ts";
export * from "./rule.ts";
