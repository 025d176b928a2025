import { toHex } from "@passerelle/bytes";
import { cutAtEveryByte } from "@passerelle/testkit";
import { describe, expect, test } from "vitest";
import {
  decodeEbm,
  decodeSfpPages,
  encodeEbmRead,
  METANOIA_SNAPSHOT_REGISTERS,
  METANOIA_SPECTRUM_REGISTERS,
  readEbmRegisters,
  snapshotOfMetanoia,
  spectrumOfMetanoia,
} from "../src/index.ts";
import { golden, value } from "./fixture.ts";

describe("EBM", () => {
  const request = golden("ebm-request.hex");
  const response = golden("ebm-response.hex");

  test("a read of two registers is the golden, and reads as itself", () => {
    expect(toHex(encodeEbmRead(7, [0x6f20, 0x6f21]))).toBe(toHex(request));
    expect(value(decodeEbm(request))).toMatchObject({
      isResponse: false,
      sequence: 7,
      status: 255,
    });
  });

  test("the answer gives the registers in their order", () => {
    const frame = value(decodeEbm(response));
    expect(frame).toMatchObject({ isResponse: true, sequence: 7, status: 0 });
    expect([...value(readEbmRegisters(frame, [0x6f20, 0x6f21]))]).toEqual([
      [0x6f20, 48_244],
      [0x6f21, 6531],
    ]);
  });

  test("is refused when cut before its end, without a throw", () => {
    for (const [bytes, length] of [
      [request, 20],
      [response, 14],
    ] as const) {
      const cut = cutAtEveryByte(bytes, decodeEbm);
      expect(cut.threw).toEqual([]);
      // What follows is the padding of Ethernet.
      expect(cut.accepted.every((accepted) => accepted >= length)).toBe(true);
    }
  });

  test("what is no good answer", () => {
    expect(readEbmRegisters(value(decodeEbm(request)), [1])).toMatchObject({
      error: { code: "ebm_not_a_response" },
    });
    const frame = value(decodeEbm(response));
    expect(readEbmRegisters({ ...frame, status: 3 }, [1])).toMatchObject({
      error: { code: "ebm_refused" },
    });
    expect(readEbmRegisters(frame, [1, 2, 3])).toEqual({
      ok: false,
      error: { code: "ebm_truncated", at: 14 },
    });
    expect(decodeEbm(Uint8Array.of(0, 5, 0x81, 0, 0, 0, 1, 0))).toMatchObject({
      error: { code: "ebm_length" },
    });
  });

  test("our own mistake throws", () => {
    expect(() => encodeEbmRead(1, [])).toThrow("invariant");
    expect(() =>
      encodeEbmRead(
        1,
        Array.from({ length: 241 }, () => 1),
      ),
    ).toThrow("invariant");
    expect(
      encodeEbmRead(
        1,
        Array.from({ length: 240 }, () => 1),
      ).length,
    ).toBeLessThanOrEqual(1500);
  });
});

describe("Metanoia", () => {
  // Values as reported of a line of 43 Mbit/s (see fixtures/README.md for the layout's source).
  const registers = new Map<number, number>([
    [0x6c35, 0x000329],
    [0x6d35, 39],
    [0x6f26, 0x40],
    [0x6f20, 48_244],
    [0x6f21, 6531],
    [0x6f24, 128],
    [0x6f25, 0xff_ffe3],
    [0x7000, 259],
    [0x7001, 251],
    [0x7002, 33],
    [0x6ffc, 0x7f_fffe],
    [0x6ffe, 60],
    [0x7004, 6530],
    [0x7020, 43_276],
    [0x7eff, 88_621],
    [0x7ef3, 1_391_111],
    [0x7ee0, 1_454_981],
    [0x7ee1, 102_104],
    [0x7ee3, 71_776],
    [0x7d98, 0x43_4244],
    [0x7d99, 0xc1_c04d],
    [0x79e4, 0x00_004d],
    [0x79e5, 0x45_5441],
    [0x79ea, 0x31_5f36],
    [0x79eb, 0x30_5f38],
    [0x79ec, 0x32_3535],
  ]);

  test("registers of 24 bits are a snapshot", () => {
    const { raw: _, ...line } = value(snapshotOfMetanoia(registers));
    expect(line).toEqual({
      state: "up",
      rawState: "0x000329",
      uptime: 39,
      standard: "G.993.2",
      profile: "17a",
      tc: "ptm",
      near: { fecErrors: 1_391_111, crcErrors: 88_621 },
      far: { fecErrors: 1_454_981, crcErrors: 102_104, erroredSecs: 71_776 },
      down: {
        currRate: 43_276_000,
        maxRate: 48_244_000,
        noiseMargin: 3.3,
        lineAttenuation: 25.9,
        signalAttenuation: 25.1,
        power: 12.8,
      },
      up: { currRate: 6_530_000, maxRate: 6_531_000, noiseMargin: 6, power: -2.9 },
      inventory: { near: { vendor: "META", version: "1_60_8255" }, far: { vendor: "BDCM" } },
      quality: { tc: "derived" },
    });
  });

  test("a line that is down keeps its uptime to itself, and its phase is a guess", () => {
    const down = value(snapshotOfMetanoia(new Map(registers).set(0x6c35, 0x000129)));
    expect(down).toMatchObject({ state: "handshake", down: {}, quality: { state: "suspect" } });
    expect(down.uptime).toBeUndefined();
    expect(snapshotOfMetanoia(new Map())).toMatchObject({ error: { code: "no_state" } });
  });

  test("what is read is what is asked for, each once", () => {
    const asked: readonly number[] = METANOIA_SNAPSHOT_REGISTERS;
    expect(new Set(asked).size).toBe(asked.length);
    for (const register of registers.keys()) expect(asked).toContain(register);
    expect(METANOIA_SPECTRUM_REGISTERS).toHaveLength(10 + 8 + 512 + 171 + 171);
  });

  test("the spectrum is in groups of eight, each of one direction", () => {
    const spectrum = spectrumOfMetanoia(
      new Map([
        [0x6e37, 7],
        [0x6e38, 32],
        [0x6e47, 33],
        [0x6e48, 859],
        [0x7471 + 2, 0x3ff],
        [0x7471 + 5, 245],
        [0x7671 + 1, 0xd6d6ff],
        [0x771c + 1, 0x90ff92],
      ]),
    );
    expect(spectrum.down.bands).toEqual([{ start: 33, end: 859 }]);
    expect(spectrum.down.hlog?.values.slice(4, 7)).toEqual([null, -18.5, null]);
    expect(spectrum.up.qln?.values.slice(2, 5)).toEqual([null, -130, -130]);
    expect(spectrum.down.snr?.values.slice(5, 7)).toEqual([41, null]);
    expect(spectrumOfMetanoia(new Map())).toEqual({ down: {}, up: {} });
  });
});

describe("SFF-8472", () => {
  const pages = (name: string): readonly [Uint8Array, Uint8Array] => {
    const both = golden(name);
    return [both.slice(0, 256), both.slice(256)];
  };

  test("a module that calibrates itself", () => {
    const read = value(decodeSfpPages(...pages("sfp-internal.hex")));
    expect(read).toEqual({
      vendor: "PASSERELLE",
      partNumber: "ONT-STICK-1",
      serial: "PSS0000042",
      temperature: 46.25,
      voltage: 3.281,
      biasCurrent: 0.012386,
      txPower: 1.78,
      rxPower: -21.02,
      lossOfSignal: false,
      txFault: false,
      alarms: [{ quantity: "rxPower", side: "low", level: "warning" }],
    });
  });

  test("a module that leaves the sums to us (section 9.5)", () => {
    const read = value(decodeSfpPages(...pages("sfp-external.hex")));
    expect(read.temperature).toBe(44.25);
    expect(read.voltage).toBeCloseTo(3.282, 6);
    expect(read.biasCurrent).toBeCloseTo(0.006193, 6);
    expect(read.txPower).toBe(3.54);
    expect(read.rxPower).toBeCloseTo(10 * Math.log10((0.5 * 79 - 10) / 1e4), 1);
  });

  test("no light has no decibels; a cold module is below zero", () => {
    const [a0, a2] = pages("sfp-internal.hex");
    a2.set([0xf6, 0x80], 96);
    a2.set([0, 0], 104);
    const read = value(decodeSfpPages(a0, a2));
    expect(read.rxPower).toBeUndefined();
    expect(read.temperature).toBe(-9.5);
  });

  test("is refused when cut or blind, without a throw", () => {
    const [a0, a2] = pages("sfp-internal.hex");
    expect(cutAtEveryByte(a2, (cut) => decodeSfpPages(a0, cut)).accepted[0]).toBe(120);
    expect(cutAtEveryByte(a0, (cut) => decodeSfpPages(cut, a2)).threw).toEqual([]);
    a0[92] = 0;
    expect(decodeSfpPages(a0, a2)).toMatchObject({ error: { code: "sfp_no_diagnostics", at: 92 } });
  });
});
