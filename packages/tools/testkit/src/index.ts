export * from "./golden.ts";
export * from "./netns.ts";
export * from "./scenario.ts";
export * from "./transition-table.ts";
