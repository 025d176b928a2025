import { expect, it } from "vitest";
import { decodeLabel, LABEL_SECTORS as READ } from "../../packages/apps/passerelle/src/label.ts";
import { BOOT_STATE_SECTORS } from "../../packages/tools/image/src/boot-state.ts";
import {
  drawLabel,
  encodeLabel,
  LABEL_SECTORS as WRITTEN,
} from "../../packages/tools/image/src/flash-label.ts";

it("a label that is drawn when a card is written is the one its box reads", () => {
  expect(WRITTEN).toEqual(READ);
  const password = drawLabel();
  expect(decodeLabel(encodeLabel(password))).toEqual({ password });
  // Before the first partition, and no sector twice.
  const sectors = [...WRITTEN, ...BOOT_STATE_SECTORS];
  expect(new Set(sectors).size).toBe(4);
  expect(Math.max(...sectors)).toBeLessThan(2048);
});
