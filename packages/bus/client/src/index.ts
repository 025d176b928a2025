export type { BusCounters, CountedBus, ReadTimes } from "./bus.ts";
export * from "./connect.ts";
export * from "./faults.ts";
export type { BusLog, BusTime } from "./link.ts";
export * from "./memory-hub.ts";
export { PAYLOAD_BYTES_MAX } from "./payload.ts";
export * from "./port.ts";
