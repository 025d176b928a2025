import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteWriter, concatBytes } from "@passerelle/bytes";
import { macBytes } from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import { expect, it } from "vitest";
import {
  ETHERTYPE_PPPOE_DISCOVERY,
  ETHERTYPE_PPPOE_SESSION,
  encodeSessionFrame,
  type PppEffect,
  pppMachine,
} from "../src/index.ts";
import { AC, mac, rng, settingsOf } from "./fixtures.ts";
import { parseInput } from "./story.ts";

const US = mac("02:11:22:33:44:55");

/** Every kind of packet that we send, in two stories. */
const PAP = [
  "link up",
  "pado cookie=0a0b0c relay=0d0e max=1500",
  "pads sid=17 max=1500",
  "lcp request accm=00000000 pfc= magic=11223344",
  "lcp request mru=128 auth=mschap2",
  "lcp request mru=1500 auth=pap magic=11223344",
  "lcp ack",
  "pap ack",
  "ipcp request address=198.51.100.1",
  "ipcp nak address=203.0.113.7 dns1=192.0.2.53",
  "ipcp ack",
  "ipv6cp request iid=ours",
  "ipv6cp request iid=00000000000000aa",
  "ipv6cp ack",
  "lcp code 9 0000000061",
  "lcp code 42 0102",
  "raw 80fd 01010004",
  "lcp terminate",
  "padt sid=17",
];
const CHAP = [
  "link up",
  "pado",
  "pads sid=17",
  "lcp request auth=chap",
  "lcp ack",
  "chap challenge 7 000102030405060708090a0b0c0d0e0f",
  "stop",
  "lcp terminate_ack",
];

function sentIn(story: readonly string[], words: readonly string[]): readonly Uint8Array[] {
  const machine = pppMachine(settingsOf(words), rng());
  let state = machine.initial;
  const frames: Uint8Array[] = [];
  for (const [index, line] of story.entries()) {
    const now: Instant = instant(index);
    const step = machine.step(state, parseInput(line.split(" "), now, state), now);
    state = step.state;
    frames.push(...step.effects.flatMap(frameOf));
  }
  return frames;
}

function frameOf(effect: PppEffect): readonly Uint8Array[] {
  if (effect.kind === "send_discovery") {
    return [ethernet(ETHERTYPE_PPPOE_DISCOVERY, effect.payload)];
  }
  if (effect.kind !== "send_packet") return [];
  const { protocol, payload } = effect;
  const frame = encodeSessionFrame({ sessionId: 17, protocol, payload });
  return [ethernet(ETHERTYPE_PPPOE_SESSION, frame)];
}

function ethernet(etherType: number, payload: Uint8Array): Uint8Array {
  const type = new ByteWriter(2).uint16(etherType).finish();
  return concatBytes(macBytes(AC), macBytes(US), type, payload);
}

/** tshark's summary of each frame, and its complaints. */
function readByTshark(frames: readonly Uint8Array[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "ppp-"));
  try {
    const file = join(folder, "frames.pcap");
    writeFileSync(file, capture(frames));
    const fields = ["_ws.col.Protocol", "_ws.col.Info", "_ws.expert.message", "_ws.malformed"];
    const shown = spawnSync(
      "tshark",
      ["-r", file, "-T", "fields", "-E", "separator=|", ...fields.flatMap((one) => ["-e", one])],
      { encoding: "utf8" },
    );
    expect(shown.status).toBe(0);
    return shown.stdout.trimEnd().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A capture file of Ethernet frames (libpcap 2.4, big-endian). */
function capture(frames: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(4096)
    .uint32(0xa1b2c3d4)
    .uint16(2)
    .uint16(4)
    .zeros(8)
    .uint32(65_535)
    .uint32(1);
  for (const frame of frames) {
    writer.zeros(8).uint32(frame.length).uint32(frame.length).put(frame);
  }
  return writer.finish();
}

it("tshark reads every kind of packet that we send, and finds no fault with it", async () => {
  const frames = [...sentIn(PAP, ["max=1500"]), ...sentIn(CHAP, ["ipv6=off"])];
  const read = readByTshark(frames);
  expect(read).toHaveLength(frames.length);
  await expect(`${read.join("\n")}\n`).toMatchFileSnapshot("golden/tshark.txt");
});
