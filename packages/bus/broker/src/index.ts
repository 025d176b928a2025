export * from "./access.ts";
export * from "./broker.ts";
export { type BrokerLimits, DEFAULT_LIMITS } from "./limits.ts";
export * from "./mosquitto.ts";
