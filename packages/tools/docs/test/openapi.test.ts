import { allRoutes } from "@passerelle/api";
import { expect, test } from "vitest";
import { openApiPage } from "../src/page-openapi.ts";
import { undocumentedErrors, undocumentedStatuses } from "../src/route-errors.ts";

test("the document has every operation, and is the same each time it is made", () => {
  const { paths } = JSON.parse(openApiPage()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  for (const [key] of allRoutes) {
    const [method = "", path = ""] = key.split(" ");
    expect(paths[path]?.[method.toLowerCase()], key).toBeTypeOf("object");
  }
  expect(openApiPage()).toBe(openApiPage());
});

test("a route that may answer what no source explains is noticed", () => {
  const routes = [
    ["GET /a", { errors: ["known", "new_one"] }],
    ["GET /b", {}],
  ] as const;
  expect(undocumentedErrors(routes, new Set(["known"]))).toEqual([
    'packages/bus/api: GET /a may answer "new_one", which no source explains',
  ]);
  expect(undocumentedErrors(routes, new Set(["known", "new_one"]))).toEqual([]);
});

test("a status of a code that nobody says is noticed", () => {
  expect(undocumentedStatuses(["known", "old_one"], new Set(["known"]))).toEqual([
    'packages/bus/api/src/statuses.ts: "old_one" is said by no source',
  ]);
});
