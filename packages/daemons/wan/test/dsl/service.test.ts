import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type WanDsl,
  type WanState,
  wanDsl,
  wanDslHistory,
  wanDslResync,
  wanDslSpectrum,
  wanHistory,
  wanState,
} from "@passerelle/contract";
import { createFakeNetlink } from "@passerelle/netlink";
import { createFakeLine, type FakeLine } from "@passerelle/platform-line";
import { createFakePpp } from "@passerelle/platform-ppp";
import { createFakeProcesses } from "@passerelle/process";
import { err, ok } from "@passerelle/result";
import { settle, testContext } from "@passerelle/service/testing";
import { createFakeNetwork } from "@passerelle/sockets";
import { minutes, seconds } from "@passerelle/time";
import { describe, expect, it, onTestFinished } from "vitest";
import type { WanConfig } from "../../src/config.ts";
import { wanService } from "../../src/service.ts";
import { MAC } from "../fixtures.ts";
import { snapshot } from "./line.ts";

const MODEM = {
  driver: "draytek",
  address: "192.168.100.1",
  from: "192.168.100.2/24",
  user: "admin",
  password: "of the modem",
} as const;
const config: WanConfig = {
  ...{ interface: "wan", profile: "generic-dhcp", link: "untagged", mac: "own" },
  health: { names: ["web.internet.test"] },
  modem: MODEM,
};

/** A line whose operator never answers, and a modem that answers what a test says. */
function house(
  given: { readonly config?: WanConfig; readonly stateDirectory?: string } = {},
  now = snapshot("up"),
) {
  const netlink = createFakeNetlink();
  netlink.addCard("wan", MAC);
  const host = createFakeNetwork({ delivery: "microtask" }).addHost("box");
  host.addInterface({ name: "wan", segment: "line", mac: MAC });
  const programs = createFakeProcesses();
  programs.install("tc", () => ({ code: 0 }));
  programs.install("ip", () => ({ code: 0 }));
  const line: FakeLine = createFakeLine({ snapshot: ok(now) });
  const service = wanService({
    ...{ netlink: () => netlink, sockets: () => host.sockets, ppp: createFakePpp },
    ...{ processes: () => programs, line: () => line },
  });
  const context = testContext<WanConfig>({ config, ...given, client: "wan" });
  onTestFinished(() => context.dispose());
  const web = context.hub.client("web");
  let dsl: WanDsl | undefined;
  let state: WanState | undefined;
  web.subscribe(wanDsl, (value) => {
    dsl = value;
  });
  web.subscribe(wanState, (value) => {
    state = value;
  });
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) {
      await settle();
      await context.clock.advance(seconds(0));
    }
  };
  return {
    ...{ line, context, web, quiet, programs },
    dsl: () => dsl,
    state: () => state,
    start: () => service.start(context),
    async after(wait: ReturnType<typeof seconds>): Promise<void> {
      await context.clock.advance(wait);
      await quiet();
    },
  };
}

describe("the modem of the line", () => {
  it("is asked, and its answer is on the bus; no password is in it or in a dump", async () => {
    const { start, quiet, dsl, line } = house();
    const running = await start();
    await quiet();
    expect(line.drivers.map(({ modem }) => modem)).toEqual([MODEM]);
    expect(dsl()).toMatchObject({ kind: "line", state: "up", driver: "draytek" });
    const told = JSON.stringify([dsl(), running.dump?.()]);
    expect(told).not.toContain("of the modem");
    await running.stop();
    expect(line.drivers[0]?.isClosed).toBe(true);
  });

  it("says why the home is offline, and writes it into the line's history", async () => {
    const { start, quiet, line, state, web, after } = house();
    let layers: readonly string[] = [];
    web.subscribe(wanHistory, ({ transitions }) => {
      layers = transitions.map(({ layer, to, cause }) => `${layer} ${to} ${cause?.code ?? ""}`);
    });
    const running = await start();
    await quiet();
    await after(minutes(1));
    expect(state()?.cause?.code).toBe("no_answer");
    const [driver] = line.drivers;
    if (driver === undefined) throw new Error("no modem was opened");
    driver.answers.snapshot = ok(snapshot("no_signal"));
    driver.emit("no_signal");
    await quiet();
    expect(state()?.cause?.code).toBe("dsl_no_signal");
    expect(layers).toContain("dsl no_signal dsl_no_signal");
    await running.stop();
  });

  it("that nobody reaches is told so, and told once", async () => {
    const { start, quiet, line, dsl, after } = house();
    const answers = line.drivers;
    const running = await start();
    const [driver] = answers;
    if (driver === undefined) throw new Error("no modem was opened");
    driver.answers.snapshot = err({ code: "login_refused", text: "Login incorrect" });
    await quiet();
    // The first question was answered before; the next ones are not.
    await after(seconds(10));
    await after(minutes(6));
    await after(minutes(6));
    expect(dsl()).toMatchObject({ kind: "unreachable", fault: { code: "dsl_login_refused" } });
    expect(driver.asked.snapshot).toBeLessThanOrEqual(4);
    await running.stop();
  });

  it("answers for its spectrum and trains anew when asked; where none is set that is said", async () => {
    const { start, quiet, line, web } = house();
    const running = await start();
    await quiet();
    expect(await web.request(wanDslSpectrum, {})).toMatchObject({
      fault: { code: "dsl_unsupported" },
    });
    const driver = line.drivers[0];
    if (driver === undefined) throw new Error("no modem was opened");
    const bits = { groupSize: 1, values: [0, 2, 3] };
    driver.answers.spectrum = ok({ down: { bits }, up: {}, toneSpacing: 4312.5 });
    driver.answers.resync = ok(undefined);
    const [one, other] = await Promise.all([
      web.request(wanDslSpectrum, {}),
      web.request(wanDslSpectrum, {}),
    ]);
    expect(other).toEqual(one);
    // The one before was not answered; these two are one question.
    expect(driver.asked.spectrum).toBe(2);
    expect(one).toMatchObject({
      data: { toneSpacing: 4312.5, down: { bits }, up: {} },
    });
    expect(await web.request(wanDslResync, {})).toEqual({ ok: true, data: {} });
    expect(driver.asked.resync).toBe(1);
    const { modem: _, ...without } = config;
    expect((await running.reconfigure(without)).ok).toBe(true);
    expect(driver.isClosed).toBe(true);
    expect(await web.request(wanDslResync, {})).toMatchObject({ fault: { code: "dsl_no_modem" } });
    await running.stop();
  });

  it("stays the same modem while the line's own settings change", async () => {
    const { start, quiet, line } = house();
    const running = await start();
    await quiet();
    const names = { ...config, health: { names: ["other.internet.test"] } };
    expect((await running.reconfigure(names)).ok).toBe(true);
    expect((await running.reconfigure({ ...config, profile: "bouygues-fr" })).ok).toBe(true);
    expect(line.drivers).toHaveLength(1);
    const other = { ...config, modem: { ...MODEM, address: "192.168.100.3" } };
    expect((await running.reconfigure(other)).ok).toBe(true);
    expect(line.drivers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    await running.stop();
  });

  it.each(["stopped", "killed"])(
    "%s, it keeps what the modem counted, and gives another modem none of it",
    async (how) => {
      const first = house();
      const running = await first.start();
      const [driver] = first.line.drivers;
      if (driver === undefined) throw new Error("no modem was opened");
      await first.quiet();
      driver.answers.snapshot = ok(snapshot("up", { near: { crcErrors: 45 } }));
      await first.after(seconds(11));
      if (how === "stopped") await running.stop();
      const { stateDirectory } = first.context;
      expect(existsSync(join(stateDirectory, "dsl.json"))).toBe(true);
      expect(readFileSync(join(stateDirectory, "dsl.json"), "utf8")).not.toContain("of the modem");
      const crcOf = async (given: Parameters<typeof house>[0]): Promise<number> => {
        const next = house(given, snapshot("up", { near: { crcErrors: 45 } }));
        const again = await next.start();
        await next.quiet();
        const history = await next.web.request(wanDslHistory, {});
        await again.stop();
        if (!history.ok) throw new Error(history.fault.code);
        return history.data.quarters.reduce((sum, { near }) => sum + (near.crcErrors ?? 0), 0);
      };
      expect(await crcOf({ stateDirectory })).toBe(42);
      const other = { ...config, modem: { ...MODEM, address: "192.168.100.3" } };
      expect(await crcOf({ stateDirectory, config: other })).toBe(0);
    },
  );

  it("leaves queues of typed rates alone while it trains", async () => {
    const typed: WanConfig = { ...config, shaping: { download: 20_000, upload: 2000 } };
    const { start, quiet, line, programs } = house({ config: typed });
    const running = await start();
    await quiet();
    const said = () => programs.calls.filter(({ argv }) => argv.includes("bandwidth")).length;
    const before = said();
    // Made as for a cable, and again as the modem said what carries it.
    expect(before).toBe(4);
    const [driver] = line.drivers;
    if (driver === undefined) throw new Error("no modem was opened");
    driver.answers.snapshot = ok(snapshot("training"));
    driver.emit("training");
    await quiet();
    expect(said()).toBe(before);
    await running.stop();
  });

  it("gives its rates to the queues, and new ones when it trained anew", async () => {
    const shaped: WanConfig = { ...config, shaping: { follow: "modem" } };
    const { start, quiet, line, state, after } = house({ config: shaped });
    const running = await start();
    await quiet();
    expect(state()?.shaping).toEqual({ kind: "cake", download: 47_500, upload: 9500 });
    const [driver] = line.drivers;
    if (driver === undefined) throw new Error("no modem was opened");
    const slower = { currRate: 40_000_000 };
    driver.answers.snapshot = ok(snapshot("up", { down: slower }));
    driver.emit("training");
    driver.emit("up");
    await quiet();
    await after(seconds(11));
    expect(state()?.shaping).toEqual({ kind: "cake", download: 38_000, upload: 9500 });
    await running.stop();
  });
});
