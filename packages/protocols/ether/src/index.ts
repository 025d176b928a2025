export * from "./arp.ts";
export * from "./checksum.ts";
export * from "./ethernet.ts";
export * from "./ipv4-packet.ts";
export * from "./magic-packet.ts";
export * from "./udp.ts";
