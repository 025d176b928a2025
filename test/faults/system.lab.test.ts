import { join } from "node:path";
import type { SystemLogEntry, SystemState } from "@passerelle/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AVAILABLE, loadSections } from "../../packages/apps/passerelle/src/daemons.ts";
import { Box } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";

/** Reboot, factory reset, kill and report of the whole gateway, as the page would ask for them. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "orange" });
  box = new Box(lab);
});
afterAll(() => lab.down());

const state = () => box.get<SystemState>("system/state");

async function log(): Promise<readonly SystemLogEntry[]> {
  const reply = await box.call<{ entries: readonly SystemLogEntry[] }>("system/log", {
    limit: 200,
  });
  return reply.ok ? reply.data.entries : [];
}

/** Seconds of the chart in which something was measured. */
async function readings(): Promise<number> {
  const query = { series: "cpu", resolution: "1s" };
  const reply = await box.call<{ mean: readonly (number | null)[] }>("system/history", query);
  return reply.ok ? reply.data.mean.filter((value) => value !== null).length : 0;
}

/** Starts of every process, once all of them run. */
async function starts(): Promise<Starts> {
  const entries = [...AVAILABLE, "broker"].map(async (name) => {
    // Rejected between its end and its next start.
    const state = await lab.daemon(name).catch(() => undefined);
    return [name, state?.starts] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

type Starts = Readonly<Record<string, number | undefined>>;

/** The gateway stops and comes back as a whole. */
async function rebooted(before: Starts): Promise<void> {
  await lab.waitFor(
    "every process anew",
    async () => {
      const now = await starts();
      return Object.entries(before).every(([name, count]) => (now[name] ?? 0) > (count ?? 0));
    },
    20_000,
  );
  await lab.waitFor("it serves", async () => (await state())?.latest !== undefined, 20_000);
  await lab.lease("udhcpc", "lan1");
}

/** Files of the gateway's disk in which a word stands. The disk is seen by the gateway only. */
async function filesWith(word: string): Promise<readonly string[]> {
  const found = await lab.exec("gw", ["grep", "-rlaF", word, join(lab.paths.gateway, "state")]);
  expect(found.code).toBeLessThan(2);
  return found.stdout.split("\n").filter((path) => path !== "");
}

describe("kill -9 of system", () => {
  test("loses at most ten seconds of the chart, no line of the log, and leaves one chrony", async () => {
    await lab.waitFor("it measures", async () => (await state())?.latest !== undefined, 20_000);
    await lab.waitFor("some seconds of the chart", async () => (await readings()) > 15, 30_000);
    const before = await log();
    const seconds = await readings();
    await lab.fault("daemon-kill", "system");
    await lab.waitFor("it is back", async () => (await starts()).system === 2, 10_000);
    await lab.waitFor("the log again", async () => (await log()).length >= before.length, 10_000);
    expect(await readings()).toBeGreaterThanOrEqual(seconds - 10);
    const after = await log();
    const known = after.filter(({ id }) => before.some((line) => line.id === id));
    expect(known).toEqual(before);
    expect((await state())?.bootCause).toBe("unknown");
    await lab.waitFor(
      "the clock again",
      async () => (await state())?.clock.kind === "synchronised",
      60_000,
    );
    const engines = await lab.must("gw", ["pgrep", "-c", "chronyd"]);
    expect(engines.trim()).toBe("1");
  });
});

/** What some secrets cannot stand without. */
const MODEM = { address: "192.168.77.1", from: "192.168.77.2/24" };
const BESIDE: Readonly<Record<string, object>> = {
  "wan/modem/password": { modem: { driver: "draytek", user: "admin", ...MODEM } },
  "wan/modem/community": { modem: { driver: "snmp", user: null, password: null, ...MODEM } },
};

describe("a support report", () => {
  test("S-34: no secret of any section, no address of the house", async () => {
    const canary = "cAnArY-9e51";
    const sections = await loadSections();
    const pointers = sections.flatMap(({ name, secrets }) => secrets.map((at) => ({ name, at })));
    expect(pointers.length).toBeGreaterThan(0);
    const device = (await lab.lease("udhcpc", "lan1")).address;
    let text = "";
    for (const { name, at } of pointers) {
      const patch = at
        .split("/")
        .slice(1)
        .reduceRight<unknown>((value, key) => ({ [key]: value }), `${canary}-${name}`);
      const beside = BESIDE[`${name}${at}`];
      const reply = await box.call("config/apply", {
        changes: [
          ...(beside === undefined ? [] : [{ section: name, patch: beside }]),
          { section: name, patch },
        ],
        author: { name: "test", origin: "lan" },
      });
      expect(reply, `${name}${at}`).toMatchObject({ ok: true });
      const told = await box.call<{ document: string }>("system/support-bundle", {});
      text = told.ok ? told.data.document : "";
      expect(text.length).toBeGreaterThan(5000);
      expect(text, `${name}${at}`).not.toContain(canary);
    }
    expect(Buffer.byteLength(text)).toBeLessThan(900 * 1024);
    expect(text).not.toContain(device);
    for (const personal of [/02:70:61/i, /192\.168\./, /81\.25\d\./, /azerty1/, /fti\/labtest/]) {
      expect(text).not.toMatch(personal);
    }
    const document = JSON.parse(text);
    expect(Object.keys(document.states).length).toBeGreaterThan(10);
    expect(document.configuration.sections.wan.profile).toBe("orange-fr");
  });
});

describe("a reboot", () => {
  test("is every process anew, with its cause in the log and in the state", async () => {
    const before = await starts();
    expect(await box.call("system/reboot", { author: "Anna" })).toMatchObject({ ok: true });
    await rebooted(before);
    expect(await state()).toMatchObject({ bootCause: "person" });
    expect((await log()).find(({ code }) => code.startsWith("booted"))).toMatchObject({
      code: "booted_person",
      actor: "Anna",
    });
  });
  test("that nobody asked for is a power cut", async () => {
    await lab.fault("power-cut", "0");
    await lab.waitFor("it is back", async () => (await state())?.bootCause === "power", 20_000);
  });
});

describe("a factory reset (S-33)", () => {
  test("leaves no word of the house on the disk, and a box that serves", async () => {
    const canary = "cAnArY-0a17";
    const root = join(lab.paths.gateway, "state");
    for (const name of AVAILABLE) {
      await lab.must("gw", ["tee", join(root, name, "planted")], { input: canary });
    }
    // And where a house really leaves its words: a configuration, a lease, a name, the log.
    const named = await box.call("config/apply", {
      changes: [{ section: "config", patch: { device: { name: canary } } }],
      author: { name: canary, origin: "lan" },
    });
    expect(named).toMatchObject({ ok: true });
    await lab.waitFor(
      "words of the house",
      async () => (await filesWith(canary)).length > AVAILABLE.length,
      10_000,
    );
    const before = await starts();
    expect(await box.call("system/factory-reset", { author: canary })).toMatchObject({ ok: true });
    await rebooted(before);
    expect(await filesWith(canary)).toEqual([]);
    expect(await state()).toMatchObject({ bootCause: "factory_reset" });
    const codes = (await log()).map(({ code }) => code);
    expect(codes.at(-1)).toBe("booted_reset");
    const config = await box.call<{ sections: { config: { device: { name: string } } } }>(
      "config/show",
      {},
    );
    expect(config.ok && config.data.sections.config.device.name).toBe("Passerelle");
  });
});
