export * from "./golden.ts";
export * from "./netns.ts";
export * from "./scenario.ts";
export * from "./second-opinion.ts";
export * from "./transition-table.ts";
