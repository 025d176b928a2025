export * from "./broker.ts";
export { type BrokerLimits, DEFAULT_LIMITS } from "./limits.ts";
export * from "./mosquitto.ts";
export * from "./socket-path.ts";
