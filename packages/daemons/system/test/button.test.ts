import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, recordingLogger } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { expect, it } from "vitest";
import { readButton } from "../src/core/button.ts";
import { watchButton } from "../src/edge/button.ts";

/** struct input_event, as linux/input.h has it. */
function event(type: number, code: number, value: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 1_795_600_000n, true);
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
  event(1, WPS, 0),
  event(0, 0, 0),
];
const whole = Uint8Array.from(press.flatMap((one) => [...one]));

it("is pressed once, however long it is held and however its octets are cut", () => {
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const first = readButton(new Uint8Array(), whole.subarray(0, cut));
    const second = readButton(first.rest, whole.subarray(cut));
    expect([first.presses + second.presses, second.rest.length]).toEqual([1, 0]);
  }
});

it.each([
  ["power", 1, 116, 1],
  ["restart", 1, 0x198, 1],
  ["WPS", 1, WPS, 1],
  ["a letter of a keyboard", 1, 30, 0],
  ["a switch", 5, WPS, 0],
])("%s", (_, type, code, presses) => {
  expect(readButton(new Uint8Array(), event(type, code, 1)).presses).toBe(presses);
});

it("is heard through its device, and looked for again when that goes", async () => {
  const directory = mkdtempSync(join(tmpdir(), "passerelle-button-"));
  const device = join(directory, "event0");
  execFileSync("mkfifo", [device]);
  const clock = new ManualClock();
  const log = recordingLogger();
  let presses = 0;
  const pressed = (): void => {
    presses += 1;
  };
  const button = watchButton({ devices: device, clock, log, pressed });
  const push = async (): Promise<void> => {
    const writer = spawn("dd", [`of=${device}`, "status=none"]);
    writer.stdin.end(whole);
    await new Promise((resolve) => writer.once("exit", resolve));
  };
  await push();
  await expect.poll(() => [presses, log.lines.length]).toEqual([1, 1]);
  await clock.advance(seconds(30));
  await push();
  await expect.poll(() => presses).toBe(2);
  button.close();
  rmSync(directory, { recursive: true });
});
