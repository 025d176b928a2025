export * from "./md5.ts";
export * from "./orange.ts";
export * from "./radius.ts";
export * from "./response.ts";
