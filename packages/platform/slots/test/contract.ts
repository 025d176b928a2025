import { describe, expect, it } from "vitest";
import type { Progress, Slots } from "../src/port.ts";

/** A board "passerelle-test" that runs from slot A, and bundles for it by name. */
export interface World {
  readonly slots: Slots;
  /** Path of a bundle: good ones are of version 0.2.0, described and built. */
  readonly bundle: (name: "good" | "foreign" | "wrong-key" | "cut" | "missing") => string;
  /** Lets an installation go on. */
  readonly pause: () => Promise<void>;
  /** The engine tells what a bundle says of itself in full. */
  readonly describes: boolean;
}

export function contract(open: () => World): void {
  describe("slots", () => {
    it("say which one runs and that it may", async () => {
      const status = await open().slots.status();
      expect(
        status.ok && [status.value.booted, status.value.slots.map(({ name }) => name)],
      ).toEqual(["A", ["A", "B"]]);
      expect(status.ok && status.value.slots.map(({ isBooted }) => isBooted)).toEqual([
        true,
        false,
      ]);
    });

    it("look into a bundle, and write nothing", async () => {
      const { slots, bundle, describes } = open();
      const looked = await slots.inspect(bundle("good"));
      expect(looked).toMatchObject({
        ok: true,
        value: {
          compatible: "passerelle-test",
          version: "0.2.0",
          ...(describes ? { description: "Notes", build: "2026-11-25" } : {}),
        },
      });
      const status = await slots.status();
      expect(status.ok && status.value.slots[1]?.version).toBe(undefined);
    });

    it.each(["wrong-key", "cut", "missing"] as const)("take no bundle that is %s", async (name) => {
      const { slots, bundle } = open();
      expect((await slots.inspect(bundle(name))).ok).toBe(false);
      const end = await installed(open(), bundle(name));
      expect(end.kind === "idle" && end.error?.code).toBe(
        name === "wrong-key" ? "wrong_signature" : "damaged",
      );
      const status = await slots.status();
      expect(status.ok && status.value.slots[1]?.version).toBe(undefined);
    });

    it("take no bundle of another board", async () => {
      const { slots, bundle } = open();
      const looked = await slots.inspect(bundle("foreign"));
      expect(looked.ok && looked.value.compatible).toBe("other");
      const end = await installed(open(), bundle("foreign"));
      expect(end).toMatchObject({ kind: "idle", error: { code: "wrong_board" } });
    });

    it("write a bundle to the other slot, which boots next", async () => {
      const { slots, bundle } = open();
      expect(await installed(open(), bundle("good"))).toEqual({ kind: "idle", percent: 100 });
      const status = await slots.status();
      expect(status.ok && status.value.slots[1]).toMatchObject({
        name: "B",
        isBooted: false,
        isGood: true,
        version: "0.2.0",
        isWhole: true,
      });
    });

    it("are kept, and changed over, by name of their part", async () => {
      const { slots } = open();
      expect(await slots.markGood()).toEqual({ ok: true, value: undefined });
      expect(await slots.activate("booted")).toEqual({ ok: true, value: undefined });
      expect(await slots.activate("other")).toEqual({ ok: true, value: undefined });
    });
  });
}

async function installed({ slots, pause }: World, path: string): Promise<Progress> {
  const begun = await slots.install(path);
  if (!begun.ok) throw new Error(begun.error.text);
  for (let looks = 0; looks < 200; looks += 1) {
    const seen = await slots.progress();
    if (!seen.ok) throw new Error(seen.error.text);
    if (seen.value.kind === "idle") return seen.value;
    await pause();
  }
  throw new Error("an installation without an end");
}
