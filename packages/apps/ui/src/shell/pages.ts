import type { ComponentType } from "preact";
import type { IconName } from "../components/icon.tsx";
import type { PageName } from "../core/page-name.ts";
import { matchPath, type Params } from "../core/route-match.ts";
import type { PlainKey } from "../words/index.ts";

export type { PageName };

export type PageProps = { readonly params: Params };

export interface Page {
  readonly name: PageName;
  readonly path: string;
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>;
  /** Shown in the navigation; absent: reached from another page. */
  readonly nav?: { readonly icon: IconName; readonly label: PlainKey };
}

/** Every page. The order is that of the navigation; the first four stand in the bar of a phone. */
export const PAGES: readonly Page[] = [
  {
    name: "home",
    path: "/",
    load: () => import("../pages/home/home.tsx"),
    nav: { icon: "home", label: "nav.home" },
  },
  {
    name: "devices",
    path: "/devices",
    load: () => import("../pages/devices/devices.tsx"),
    nav: { icon: "devices", label: "nav.devices" },
  },
  {
    name: "internet",
    path: "/internet",
    load: () => import("../pages/internet/internet.tsx"),
    nav: { icon: "internet", label: "nav.internet" },
  },
  {
    name: "diagnostics",
    path: "/diagnostics",
    load: () => import("../pages/diagnostics/diagnostics.tsx"),
    nav: { icon: "diagnostics", label: "nav.diagnostics" },
  },
  {
    name: "security",
    path: "/security",
    load: () => import("../pages/security/security.tsx"),
    nav: { icon: "security", label: "nav.security" },
  },
  {
    name: "system",
    path: "/system",
    load: () => import("../pages/system/system.tsx"),
    nav: { icon: "system", label: "nav.system" },
  },
  {
    name: "expert",
    path: "/expert",
    load: () => import("../pages/expert/expert.tsx"),
    nav: { icon: "expert", label: "nav.expert" },
  },
  {
    name: "device",
    path: "/devices/:id",
    load: () => import("../pages/devices/device.tsx"),
  },
];

/** The page of a path, with what the path says. */
export function pageAt(at: string): { readonly page: Page; readonly params: Params } | undefined {
  for (const page of PAGES) {
    const params = matchPath(page.path, at);
    if (params !== undefined) return { page, params };
  }
  return undefined;
}
