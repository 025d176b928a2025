import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Box } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser, type Visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { partsOf } from "./hands.ts";
import { BOX, resident, settle, settledHouse } from "./resident.ts";

/** A DSL line as a person sees it live: training, up, losing its margin, and up again at a lower rate. */
let lab: Lab;
let admin: Admin;
let box: Box;
let browser: Browser;
let person: Visit;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  box = new Box(lab);
  admin = await settledHouse(lab);
  browser = await openBrowser(lab);
  person = await resident(browser, labelOf(lab));
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

const { card } = partsOf(() => page);
const dslCard = () => card("The DSL line");

/** The modem of the configuration; nobody has to be asked twice on the bus. */
async function watch(modem: object | null): Promise<void> {
  const done = await box.call("config/apply", {
    changes: [{ section: "wan", patch: { modem } }],
    author: { name: "test", origin: "lan" },
  });
  expect(done).toMatchObject({ ok: true });
}

/** What the card says, sentence after sentence, from now on. */
async function listen(): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const said = (globalThis.said = []);
    const look = () => {
      const now = document.querySelector(".dsl-saying strong")?.textContent ?? "";
      if (now !== "" && now !== said.at(-1)) said.push(now);
    };
    const changes = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document.body, changes);
    look();
  }`);
  return () => page.evaluate<readonly string[]>("globalThis.said");
}

test.each([
  ["vdsl2", 80, "VDSL2"],
  ["adsl2plus", 150, "ADSL2+"],
] as const)(
  "a line of %s is seen training, up, losing its margin and up again",
  async (recording, speed, name) => {
    await using _ = failedPicture(page, `dsl-${recording}`);
    await watch(null);
    await page.goto(`${BOX}/internet`);
    await settle(page);
    const sentences = await listen();
    await watch({ driver: "replay", recording, speed });
    const rateOf = (sentence: string): number => Number(/at ([\d.]+)\sMbit/.exec(sentence)?.[1]);
    const life = await lab.waitFor(
      "the line trained anew",
      async () => {
        const said = await sentences();
        const first = said.findIndex((one) => one.includes("synchronised at"));
        const weak = said.findIndex((one) => one.includes("little reserve"));
        const again = said.findIndex((one, n) => n > weak && one.includes("synchronised at"));
        return first >= 0 && weak > first && again > weak
          ? { said, first, weak, again }
          : undefined;
      },
      120_000,
    );
    const { said, first, again } = life;
    // A training is short at this pace: the page shows some of it, the history all.
    expect(said.join("\n")).toMatch(/being trained|agrees with it|no DSL signal/);
    const { transitions } = must(await admin.api.call("GET /wan/history"));
    const words = transitions.filter(({ layer }) => layer === "dsl").map(({ to }) => to);
    const since = words.slice(words.lastIndexOf("none") + 1).join(" ");
    expect(since).toMatch(/training showtime_no_tc up .*training showtime_no_tc up/);
    expect(rateOf(said[again] ?? "")).toBeLessThan(rateOf(said[first] ?? ""));
    await dslCard().getByText(name, { exact: false }).first().waitFor();
    // The home was online all the while: nothing of it hangs on a modem that is only watched.
    expect(must(await admin.api.call("GET /wan")).line.reach.kind).toBe("online");
  },
);

test("wan is killed: what the line did stays in its history, and the modem is watched again", async () => {
  expect(must(await admin.api.call("GET /wan/dsl/history")).quarters.length).toBeGreaterThan(0);
  const said = async () => {
    const { transitions } = must(await admin.api.call("GET /wan/history"));
    return transitions.flatMap(({ layer, at, to }) => (layer === "dsl" ? [`${at} ${to}`] : []));
  };
  const before = await said();
  for (const word of ["training", "up"]) expect(before.join("\n")).toContain(word);
  const killedAt = Date.now();
  await lab.fault("daemon-kill", "wan");
  // What the broker kept of the dead one is older.
  await box.until<{ kind: string; since?: number }>(
    "wan/dsl",
    "the modem is watched again",
    ({ kind, since = 0 }) => kind === "line" && since > killedAt,
  );
  // The last two seconds may be lost.
  expect((await said()).slice(0, before.length - 6)).toEqual(before.slice(0, -6));
});

test("a modem that only the operator's line leads to is not asked, and what to do is said", async () => {
  const away = { driver: "draytek", address: "192.168.100.1", user: "u", password: "p" };
  await watch({ ...away, recording: null, speed: null });
  await dslCard().getByText("No network of the box leads to the modem").waitFor();
  await dslCard().getByText("an address in the modem’s network").waitFor();
});

test("a modem that is not there is told in a sentence, and what to do", async () => {
  await watch({ driver: "tr064", from: "192.168.100.2/24" });
  await dslCard().getByText("The modem does not answer.").waitFor({ timeout: 40_000 });
  await dslCard().getByText("Check the modem and its address").waitFor();
  expect(person.watch.problems(/ERR_NETWORK_CHANGED/)).toEqual([]);
});
