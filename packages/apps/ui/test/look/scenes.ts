import type { Page } from "playwright-core";
import type { Fixture } from "./box.ts";
import { but, hostileHosts, manyHosts, wanDown, well } from "./fixtures.ts";
import { boxScenes } from "./scenes-box.ts";

/** One page in one state, worth a look. */
export interface Scene {
  readonly name: string;
  readonly path: string;
  readonly fixture: Fixture;
  /** What a person does before the picture is taken. */
  readonly steps?: (page: Page) => Promise<void>;
}

const stranger = { status: 401, code: "not_logged_in", text: { fr: "", en: "" } };

/** A new page adds its scenes here. */
export const scenes: readonly Scene[] = [
  {
    name: "login",
    path: "/devices",
    fixture: but({}, {}, { "GET /sessions/current": [401, stranger] }),
  },
  { name: "home", path: "/", fixture: well },
  { name: "home-down", path: "/", fixture: but({ wan: wanDown, hosts: { hosts: [] } }) },
  { name: "home-250", path: "/", fixture: but({ hosts: { hosts: manyHosts(250) } }) },
  { name: "home-hostile", path: "/", fixture: but({ hosts: { hosts: hostileHosts } }) },
  { name: "devices", path: "/devices", fixture: well },
  ...boxScenes,
];
