import { boxRoutes } from "./box.ts";
import type { Route } from "./define.ts";
import { doorRoutes } from "./door.ts";
import { eventRoutes } from "./events.ts";
import { homeRoutes } from "./home.ts";
import { upgradeRoutes } from "./upgrade.ts";

export { CLOSE_CODES } from "./client.ts";
export type { Problem } from "./common.ts";
export * from "./define.ts";
export { doorRoutes } from "./door.ts";
export * from "./events.ts";
export type { Host, PortMapping } from "./home.ts";
export * from "./read.ts";
export * from "./statuses.ts";

/** Below this, every path of the API. */
export const API_ROOT = "/api/v1";

/** Every operation of the API, by method and path. The router, the document and the clients are made from this. */
export const routes = {
  ...doorRoutes,
  ...homeRoutes,
  ...boxRoutes,
  ...upgradeRoutes,
  ...eventRoutes,
};
export type Routes = typeof routes;
export type Operation = keyof Routes;

/** The table as a list, for who treats all operations alike. */
export const allRoutes = Object.entries(routes) as readonly (readonly [Operation, Route])[];
