import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { type Admin, labelOf } from "../face/admin.ts";
import { supervisedProcess } from "../lab/gateway/gateway.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser } from "../ui/browser.ts";
import { livingHouse } from "../ui/living-house.ts";
import { BOX, resident } from "../ui/resident.ts";
import { type BenchSection, median, table } from "./section.ts";

/** What the page weighs, how soon it can be used on a slow phone, and what the API costs beside the least a server can do. */
const ROUNDS = 7;
const THROTTLE = 4;
const REQUESTS = 3000;
const PLAIN_PORT = 8001;

export async function benchPage(): Promise<BenchSection> {
  const weights = weigh();
  const lab = await Lab.up();
  try {
    const admin = await livingHouse(lab);
    const browser = await openBrowser(lab);
    const loads = await measureLoads(lab, browser);
    await browser.close();
    const waits = await measureWaits(lab, admin);
    return { title: "The page", markdown: markdown(weights, loads, waits) };
  } finally {
    await lab.down();
  }
}

/** As the build's own check counts them. */
function weigh(): readonly (readonly string[])[] {
  const program = join(import.meta.dirname, "../../packages/apps/ui/budget.ts");
  const said = execFileSync(process.execPath, [program], { encoding: "utf8" });
  return [...said.matchAll(/^ui: (.+) ([\d.]+) kB of (\d+)/gm)].map(([, name, weight, max]) => [
    name ?? "",
    weight ?? "",
    max ?? "",
  ]);
}

interface Loads {
  readonly first: readonly number[];
  readonly again: readonly number[];
  readonly within: readonly number[];
  readonly pssIdle: number;
  readonly pssOpen: number;
}

/** From the navigation to the moment when Home says in words how the house is, by the clock of the page. */
async function measureLoads(lab: Lab, browser: Browser): Promise<Loads> {
  const pssIdle = pssMiB(lab);
  await using person = await resident(browser, labelOf(lab));
  const first: number[] = [];
  const again: number[] = [];
  const within: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    first.push(await load(person.context, true));
    again.push(await load(person.context, false));
  }
  const pssOpen = pssMiB(lab);
  const { page } = person;
  const session = await person.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.goto(`${BOX}/internet`);
    await page.locator("main h1").waitFor();
    within.push(await page.evaluate<number>(CLICK_HOME));
  }
  return { first, again, within, pssIdle, pssOpen };
}

async function load(context: BrowserContext, isFirst: boolean): Promise<number> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: isFirst });
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await page.addInitScript(WATCH_HOME);
  await page.goto(`${BOX}/`);
  for (;;) {
    const ms = await page.evaluate<number | null>("window.__usableMs ?? null");
    if (ms !== null) {
      await page.close();
      return ms;
    }
  }
}

/** Home is usable when its heading tells a verdict and its tiles stand under it. */
const IS_USABLE = `(() => {
  const heading = document.querySelector("main h1")?.textContent ?? "";
  return heading !== "" && !heading.includes("…") && location.pathname === "/" && document.querySelectorAll("main a[href='/devices']").length > 0;
})()`;
const WATCH_HOME = `{
  const timer = setInterval(() => {
    if (!${IS_USABLE}) return;
    clearInterval(timer);
    window.__usableMs = performance.now();
  }, 5);
}`;
const CLICK_HOME = `new Promise((resolve) => {
  const began = performance.now();
  document.querySelector("nav a[href='/']").click();
  const timer = setInterval(() => {
    if (!${IS_USABLE}) return;
    clearInterval(timer);
    resolve(performance.now() - began);
  }, 5);
})`;

interface Wait {
  readonly p50: number;
  readonly p99: number;
  readonly octets: number;
}

/** The API and a bare server of the same Node, asked in turns from the same place, answers of the same size. */
async function measureWaits(lab: Lab, admin: Admin) {
  const program = join(import.meta.dirname, "latency.ts");
  const ask = async (url: string, ...token: readonly string[]): Promise<Wait> =>
    JSON.parse(
      await lab.must("gw", [process.execPath, program, url, `${REQUESTS}`, ...token], {
        timeoutMs: 120_000,
      }),
    ) as Wait;
  const hosts = () => ask(`${BOX}/api/v1/hosts`, admin.token);
  const { octets } = await hosts();
  const plain = join(import.meta.dirname, "plain-server.ts");
  const argv = [process.execPath, plain, "192.168.1.1", `${PLAIN_PORT}`, `${octets}`];
  await lab.serve("gw", "plain-server", argv);
  const bare = () => ask(`${BOX}:${PLAIN_PORT}/`);
  await lab.waitFor("the bare server", () => bare().catch(() => false as const), 10_000);
  const rounds: { readonly ours: Wait; readonly plain: Wait }[] = [];
  for (let round = 0; round < 3; round += 1)
    rounds.push({ ours: await hosts(), plain: await bare() });
  const of = (side: "ours" | "plain", key: "p50" | "p99") =>
    median(rounds.map((one) => one[side][key]));
  return {
    octets,
    ours: { p50: of("ours", "p50"), p99: of("ours", "p99") },
    plain: { p50: of("plain", "p50"), p99: of("plain", "p99") },
  };
}

function pssMiB(lab: Lab): number {
  const path = join(
    "/proc",
    `${lab.hostPid("gw")}`,
    "root/proc",
    `${supervisedProcess(lab.name, "web").pid}`,
  );
  const text = readFileSync(`${path}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}

function markdown(
  weights: readonly (readonly string[])[],
  loads: Loads,
  waits: Awaited<ReturnType<typeof measureWaits>>,
): string {
  const spread = (values: readonly number[]) =>
    `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  const row = (name: string, wait: { readonly p50: number; readonly p99: number }) => [
    name,
    wait.p50.toFixed(2),
    wait.p99.toFixed(2),
    (wait.p50 / waits.plain.p50).toFixed(1),
  ];
  return [
    table([["JavaScript and style, gzip", "kB", "budget"], ...weights]),
    "",
    `Chromium on lan1, its processor throttled ${THROTTLE} ×, against the whole gateway; from the navigation to a Home that says how the`,
    `house is and can be used, by the page's own clock. ${ROUNDS} rounds, median (lowest to highest). Goal: 1000 ms.`,
    "",
    table([
      ["Home usable", "after"],
      ["first visit, nothing cached", spread(loads.first)],
      ["another visit", spread(loads.again)],
      ["from another page of ours", spread(loads.within)],
    ]),
    "",
    `\`web\`: ${loads.pssIdle.toFixed(0)} MiB PSS before anybody came, ${loads.pssOpen.toFixed(0)} MiB after ${2 * ROUNDS} visits with a page open.`,
    "",
    `GET /hosts (${waits.octets} octets, logged in, checked, from the bus's mirror) beside a bare \`node:http\` that answers as many octets, one`,
    `connection, ${REQUESTS} requests a round, alternated, medians of 3 rounds.`,
    "",
    table([
      ["server", "p50 ms", "p99 ms", "ratio"],
      row("Passerelle, GET /hosts", waits.ours),
      row("node:http, the same octets", waits.plain),
    ]),
  ].join("\n");
}
