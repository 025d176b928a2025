import { expect, test } from "vitest";
import { matchPath, pathTo } from "../src/core/route-match.ts";

test.each<[string, string, object | undefined]>([
  ["/", "/", {}],
  ["/devices", "/devices", {}],
  ["/devices", "/devices/", {}],
  ["/devices", "/", undefined],
  ["/devices", "/devicesx", undefined],
  ["/devices/:id", "/devices/d%201", { id: "d 1" }],
  ["/devices/:id", "/devices/a%2Fb", { id: "a/b" }],
  ["/devices/:id", "/devices", undefined],
  ["/devices/:id", "/devices/a/b", undefined],
  ["/devices/:id", "/devices/%E0%A4%A", undefined],
])("%s and %s", (pattern, path, params) => {
  expect(matchPath(pattern, path)).toEqual(params);
});

test("what a path is made of comes back from it", () => {
  const id = "02:00/…?#%";
  expect(matchPath("/devices/:id", pathTo("/devices/:id", { id }))).toEqual({ id });
});
