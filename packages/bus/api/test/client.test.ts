import { describe, expect, test } from "vitest";
import { type CarriedRequest, createApiClient, requestOf } from "../src/client.ts";

describe("a request", () => {
  test("has its path filled in, nothing of which can leave its place", () => {
    const input = { params: { id: "../a b/c?d#e" } };
    expect(requestOf("GET /hosts/{id}", input)).toEqual({
      method: "GET",
      path: "/api/v1/hosts/..%2Fa%20b%2Fc%3Fd%23e",
      headers: { accept: "application/json", "x-passerelle": "1" },
    });
  });

  test("has a query of what was given", () => {
    const query = { series: "cpu", limit: 3, before: undefined, text: "a&b=c" };
    expect(requestOf("GET /x", { query }).path).toBe("/api/v1/x?series=cpu&limit=3&text=a%26b%3Dc");
    expect(requestOf("GET /x", { query: {} }).path).toBe("/api/v1/x");
  });

  test("has a body as JSON, and the revision that was looked at", () => {
    expect(requestOf("PUT /x", { body: { a: 1 }, ifMatch: 7 })).toEqual({
      method: "PUT",
      path: "/api/v1/x",
      headers: {
        accept: "application/json",
        "x-passerelle": "1",
        "content-type": "application/json",
        "if-match": '"7"',
      },
      body: '{"a":1}',
    });
  });
});

describe("an answer", () => {
  const problem = {
    type: "about:blank",
    title: "x",
    status: 409,
    code: "x",
    text: { fr: "", en: "" },
  };
  const ask = (status: number, text: string) => {
    const seen: CarriedRequest[] = [];
    const client = createApiClient(async (request) => {
      seen.push(request);
      return { status, text };
    });
    return client.call("GET /wan");
  };

  test("is data, nothing, or a problem", async () => {
    expect(await ask(200, '{"a":1}')).toEqual({ ok: true, data: { a: 1 } });
    expect(await ask(204, "")).toEqual({ ok: true, data: undefined });
    expect(await ask(409, JSON.stringify(problem))).toEqual({ ok: false, problem });
  });

  test("of a stranger (a proxy, a captive portal) is a problem that says so", async () => {
    for (const text of ["<html>", "", '{"error":"x"}', "null"]) {
      expect(await ask(502, text)).toMatchObject({
        ok: false,
        problem: { status: 502, code: "unreadable_answer" },
      });
    }
  });
});
