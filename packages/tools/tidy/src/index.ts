export { rules } from "./rules.ts";
export { type ProjectFile, type Rule, readProject, type Violation } from "./tree.ts";
