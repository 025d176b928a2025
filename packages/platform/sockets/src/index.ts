export * from "./batch.ts";
export * from "./bpf.ts";
export * from "./fake.ts";
export * from "./linux.ts";
export * from "./outbox.ts";
export * from "./port.ts";
