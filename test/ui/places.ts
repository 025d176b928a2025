import { homeMac } from "../lab/topology.ts";

/** Every place of the page that a person can be at, once they are in. */
export const PLACES: readonly { readonly name: string; readonly path: string }[] = [
  { name: "home", path: "/" },
  { name: "devices", path: "/devices" },
  { name: "device", path: `/devices/${encodeURIComponent(`mac:${homeMac("lan2")}`)}` },
  { name: "internet", path: "/internet" },
  { name: "diagnostics", path: "/diagnostics" },
  { name: "security", path: "/security" },
  { name: "system", path: "/system" },
  { name: "expert", path: "/expert" },
];
