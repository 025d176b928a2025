import { afterEach, beforeEach, expect, it } from "vitest";
import type { LineDriver } from "../src/index.ts";

/** A driver, and a modem that is well. */
export interface World {
  readonly driver: LineDriver;
  /** What the modem says of its line. */
  readonly snapshot: unknown;
  /** Absent where it tells nothing of its tones. */
  readonly spectrum?: unknown;
  /** Absent where nobody is asked: a recording. */
  readonly modem?: {
    /** Whether anything was asked until now. */
    wasAsked(): boolean;
    /** How many questions were there at one time, at most. */
    busiest(): number;
    /** From now on it answers nothing. The promise ends when a question has come to it. */
    mute(): Promise<void>;
  };
  close(): Promise<void>;
}

/**
 * What any body of the port does.
 *
 * @param hasModem false: nobody is asked
 */
export function contract(make: () => Promise<World>, hasModem = true): void {
  let world: World;
  beforeEach(async () => {
    world = await make();
  });
  afterEach(async () => {
    world.driver.close();
    await world.close();
  });

  if (hasModem) {
    it("asks nothing before the first question", async () => {
      expect(world.modem?.wasAsked()).toBe(false);
      await world.driver.snapshot();
      expect(world.modem?.wasAsked()).toBe(true);
    });
  }

  it("says what the modem says of its line", async () => {
    expect(await world.driver.snapshot()).toEqual({ ok: true, value: world.snapshot });
  });

  it("has the abilities that it tells of", async () => {
    const { abilities } = world.driver;
    const [spectrum, resync] = [await world.driver.spectrum(), await world.driver.resync()];
    if (abilities.spectrum) expect(spectrum).toEqual({ ok: true, value: world.spectrum });
    else expect(spectrum.ok || spectrum.error.code).toBe("unsupported");
    expect(resync.ok || resync.error.code).toBe(abilities.resync ? true : "unsupported");
  });

  it("asks one question at a time", async () => {
    const { driver } = world;
    const all = await Promise.all([driver.snapshot(), driver.snapshot(), driver.spectrum()]);
    expect(all[0]).toEqual({ ok: true, value: world.snapshot });
    expect(all[1]).toEqual(all[0]);
    expect(all[2].ok).toBe(driver.abilities.spectrum);
    expect(world.modem?.busiest() ?? 1).toBe(1);
  });

  it("ends with `closed` what was not answered, and what is asked later", async () => {
    const { driver } = world;
    const muted = world.modem?.mute();
    const waiting = [driver.snapshot(), driver.snapshot(), driver.resync()];
    await muted;
    driver.close();
    driver.close();
    const answers = await Promise.all([...waiting, driver.snapshot(), driver.spectrum()]);
    expect(answers.map((one) => one.ok || one.error.code)).toEqual(Array(5).fill("closed"));
  });
}
