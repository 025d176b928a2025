import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeFrame,
  FRAME,
  type Frame,
  type FrameKind,
  FrameReader,
  PAYLOAD_OCTETS_MAX,
} from "./frames.ts";

const frame = fc.record({
  kind: fc.constantFrom(...(Object.keys(FRAME) as FrameKind[])),
  payload: fc.uint8Array({ maxLength: 300 }),
});

const octetsOf = (frames: readonly Frame[]) =>
  Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
const plain = (frames: readonly Frame[]) =>
  frames.map(({ kind, payload }) => ({ kind, payload: [...payload] }));

test("a frame is its kind, its length with the highest octet first, and its payload", () => {
  expect(Buffer.from(encodeFrame("output", "hé")).toString("hex")).toBe("040000000368c3a9");
  expect(Buffer.from(encodeFrame("input")).toString("hex")).toBe("0200000000");
});

test("frames come out as they went in, whatever the pieces are", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.integer({ min: 1, max: 400 }),
      (all, size) => {
        const octets = octetsOf(all);
        const reader = new FrameReader();
        const heard: Frame[] = [];
        for (let at = 0; at < octets.length; at += size) {
          heard.push(...reader.read(octets.subarray(at, at + size)));
        }
        expect(plain(heard)).toEqual(plain(all));
        expect(reader.isInside).toBe(false);
      },
    ),
  );
});

test("cut at every octet, a talk gives the frames that are whole", () => {
  const all: Frame[] = [
    { kind: "start", payload: Buffer.from("{}") },
    { kind: "output", payload: Buffer.from([0, 255, 10]) },
    { kind: "end", payload: Buffer.from('{"code":7}') },
  ];
  const octets = octetsOf(all);
  const ends = all.map((_, index) => octetsOf(all.slice(0, index + 1)).length);
  for (let cut = 0; cut <= octets.length; cut += 1) {
    const reader = new FrameReader();
    const heard = reader.read(octets.subarray(0, cut));
    expect(heard).toHaveLength(ends.filter((end) => end <= cut).length);
    expect(reader.isInside).toBe(cut !== 0 && !ends.includes(cut));
  }
});

test("what no end of ours sends is refused before it is waited for", () => {
  expect(() => new FrameReader().read(Buffer.from([9, 0, 0, 0, 0]))).toThrow("no kind of frame: 9");
  const head = Buffer.from([FRAME.output, 0, 0, 0, 0]);
  head.writeUInt32BE(PAYLOAD_OCTETS_MAX + 1, 1);
  expect(() => new FrameReader().read(head)).toThrow(`a frame of ${PAYLOAD_OCTETS_MAX + 1} octets`);
});
