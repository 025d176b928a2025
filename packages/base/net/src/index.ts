export * from "./cidr.ts";
export * from "./cidr6.ts";
export * from "./ipv4.ts";
export * from "./ipv6.ts";
export * from "./ipv6-kinds.ts";
export * from "./mac.ts";
