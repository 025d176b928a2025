import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, recordingLogger } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { expect, it } from "vitest";
import { type KeyEvent, readButton } from "../src/core/button.ts";
import { watchButton } from "../src/edge/button.ts";

const AT = 1_795_600_000_250;

/** struct input_event, as linux/input.h has it. */
function event(type: number, code: number, value: number, at = AT): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(at / 1000)), true);
  view.setBigInt64(8, BigInt((at % 1000) * 1000 + 999), true);
  view.setUint16(16, type, true);
  view.setUint16(18, code, true);
  view.setInt32(20, value, true);
  return bytes;
}

const WPS = 0x211;
const press = [
  event(1, WPS, 1),
  event(0, 0, 0),
  event(1, WPS, 2),
  event(1, WPS, 0, AT + 1500),
  event(0, 0, 0),
];
const whole = Uint8Array.from(press.flatMap((one) => [...one]));
const DOWN_UP: readonly KeyEvent[] = [
  { key: "wps", down: true, at: AT },
  { key: "wps", down: false, at: AT + 1500 },
];

it("is pressed once and let go once, however long it is held and however its octets are cut", () => {
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const first = readButton(new Uint8Array(), whole.subarray(0, cut));
    const second = readButton(first.rest, whole.subarray(cut));
    expect([...first.events, ...second.events]).toEqual(DOWN_UP);
    expect(second.rest.length).toBe(0);
  }
});

it.each([
  ["power", 1, 116, ["power"]],
  ["reset", 1, 0x198, ["restart"]],
  ["WPS", 1, WPS, ["wps"]],
  ["a letter of a keyboard", 1, 30, []],
  ["a switch", 5, WPS, []],
])("%s", (_, type, code, keys) => {
  const { events } = readButton(new Uint8Array(), event(type, code, 1));
  expect(events.map(({ key }) => key)).toEqual(keys);
});

it("is heard through its device, told of once when that goes, and looked for again", async () => {
  const directory = mkdtempSync(join(tmpdir(), "passerelle-button-"));
  const device = join(directory, "event0");
  execFileSync("mkfifo", [device]);
  const clock = new ManualClock();
  const log = recordingLogger();
  const felt: (KeyEvent | "away")[] = [];
  const button = watchButton({
    ...{ devices: device, clock, log },
    felt: (key) => void felt.push(key),
    away: () => void felt.push("away"),
  });
  const push = async (): Promise<void> => {
    const writer = spawn("dd", [`of=${device}`, "status=none"]);
    writer.stdin.end(whole);
    await new Promise((resolve) => writer.once("exit", resolve));
  };
  await push();
  await expect.poll(() => felt).toEqual([...DOWN_UP, "away"]);
  expect(log.lines.map(({ message }) => message)).toEqual(["button_away"]);
  // As long as it is not there, nobody is told again.
  rmSync(device);
  for (const _ of [1, 2, 3]) {
    await clock.advance(seconds(30));
    await expect.poll(() => clock.pending).toBe(1);
  }
  expect(felt).toHaveLength(3);
  expect(log.lines).toHaveLength(1);
  execFileSync("mkfifo", [device]);
  await clock.advance(seconds(30));
  await push();
  await expect.poll(() => felt).toEqual([...DOWN_UP, "away", ...DOWN_UP, "away"]);
  button.close();
  rmSync(directory, { recursive: true });
});
