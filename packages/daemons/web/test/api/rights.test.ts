import { allRoutes, CAPABILITIES } from "@passerelle/api";
import { afterEach, expect, test } from "vitest";
import type { Caller } from "../../src/edge/api/port.ts";
import { GOOD, wireOf } from "./inputs.ts";
import { type ApiRig, admin, anyone, app, startApi } from "./rig.ts";

let rig: ApiRig;
afterEach(() => rig.stop());

const CALLERS: Readonly<Record<string, Caller>> = {
  anyone,
  nothing: app(),
  ...Object.fromEntries(CAPABILITIES.map((capability) => [capability, app(capability)])),
  "all, no proof": { ...admin, steppedUp: false },
  all: admin,
};
const WORDS: Readonly<Record<string, string>> = {
  not_logged_in: "401",
  not_allowed: "403",
  step_up_required: "proof",
};

async function seen(key: string, caller: Caller): Promise<string> {
  const { method, path, body } = wireOf(key, GOOD[key as keyof typeof GOOD]);
  const request = new Request(`http://box.home.arpa/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  const response = await rig.api.fetch(request, caller);
  // A stream has no end to wait for.
  if (response.headers.get("content-type") === "text/event-stream") {
    await response.body?.cancel();
    return "yes";
  }
  const text = await response.text();
  const code = response.status < 400 ? "" : String((JSON.parse(text) as { code: unknown }).code);
  return WORDS[code] ?? "yes";
}

/** S-14, S-15: read the diff of the table before you commit it: a "yes" more is a right more. */
test("who may do what, as the box answers it", async () => {
  rig = await startApi();
  const names = Object.keys(CALLERS);
  const lines = [["", ...names]];
  for (const [key] of allRoutes) {
    // Each starts from the same home.
    await rig.stop();
    rig = await startApi();
    const cells: string[] = [];
    for (const name of names) cells.push(await seen(key, CALLERS[name] ?? anyone));
    lines.push([key, ...cells]);
  }
  const widths = names.map((name) => Math.max(name.length, 5));
  const text = lines
    .map(([key = "", ...cells]) =>
      [key.padEnd(36), ...cells.map((cell, n) => cell.padEnd(widths[n] ?? 5))].join(" ").trimEnd(),
    )
    .join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot("./rights.txt");
});

test("the table of routes and the answers agree", async () => {
  rig = await startApi();
  for (const [key, { access, stepUp }] of allRoutes) {
    const reached = access === "public" ? "yes" : undefined;
    expect([key, await seen(key, anyone)]).toEqual([key, reached ?? "401"]);
    if (access === "public") continue;
    const others = CAPABILITIES.filter((capability) => capability !== access);
    // Every right but the one that is asked for.
    expect([key, await seen(key, app(...others))]).toEqual([key, "403"]);
    const unproved = { ...app(access), steppedUp: false };
    if (stepUp === true) expect([key, await seen(key, unproved)]).toEqual([key, "proof"]);
  }
});

test("a stranger learns nothing of what is wrong with a request it may not make", async () => {
  rig = await startApi();
  for (const body of ["{", '{"x":1}', "x".repeat(70_000)]) {
    const answer = await rig.raw("POST", "/config/apply", { caller: anyone, body });
    expect([answer.status, answer.json.code]).toEqual([401, "not_logged_in"]);
  }
  expect(rig.house.asked.filter(({ topic }) => topic.includes("apply"))).toEqual([]);
});
