export * from "./message.ts";
export * from "./quoted.ts";
