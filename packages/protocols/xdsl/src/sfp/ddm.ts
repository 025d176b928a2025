import { ByteReader, latin1Text } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { known } from "../model/known.ts";
import { SFP_QUANTITIES, type SfpAlarm, type SfpDiagnostics } from "./diagnostics.ts";

/**
 * Reads the two pages of a module as the kernel gives them: A0h (256 octets, what the module is) and A2h (what it
 * measures). Codes: `sfp_truncated`, `sfp_no_diagnostics` for a module that measures nothing (A0h octet 92 bit 6).
 */
export function decodeSfpPages(
  a0: Uint8Array,
  a2: Uint8Array,
): Result<SfpDiagnostics, DecodeError> {
  if (a0.length < A0_BYTES_MIN) return err({ code: "sfp_truncated", at: a0.length });
  if (a2.length < A2_BYTES_MIN) return err({ code: "sfp_truncated", at: A0_BYTES + a2.length });
  const type = a0[92] ?? 0;
  if ((type & IMPLEMENTED) === 0) return err({ code: "sfp_no_diagnostics", at: 92 });
  const calibrate = (type & EXTERNAL) === 0 ? AS_MEASURED : readCalibration(a2);
  const reader = new ByteReader(a2, 96);
  const temperature = calibrate.temperature(signed16(reader.uint16())) / 256;
  const voltage = calibrate.voltage(reader.uint16()) / 1e4;
  const biasCurrent = calibrate.biasCurrent(reader.uint16()) / 5e5;
  const txPower = decibelMilliwatts(calibrate.txPower(reader.uint16()) / 1e4);
  const rxPower = decibelMilliwatts(calibrate.rxPower(reader.uint16()) / 1e4);
  const status = a2[110] ?? 0;
  return ok({
    temperature,
    voltage,
    biasCurrent,
    ...known<Pick<SfpDiagnostics, "vendor" | "partNumber" | "serial" | "txPower" | "rxPower">>({
      vendor: textAt(a0, 20, 36),
      partNumber: textAt(a0, 40, 56),
      serial: textAt(a0, 68, 84),
      txPower,
      rxPower,
    }),
    lossOfSignal: (status & 0x02) !== 0,
    txFault: (status & 0x04) !== 0,
    alarms: [...alarmsOf(a2, 112, "alarm"), ...alarmsOf(a2, 116, "warning")],
  });
}

const A0_BYTES = 256;
const A0_BYTES_MIN = 96;
const A2_BYTES_MIN = 120;
const IMPLEMENTED = 0x40;
const EXTERNAL = 0x10;

function signed16(value: number): number {
  return value >= 0x8000 ? value - 0x1_0000 : value;
}

function textAt(page: Uint8Array, from: number, to: number): string | undefined {
  const text = latin1Text(page.slice(from, to))
    .replace(/[^\x20-\x7e]/g, "")
    .trim();
  return text === "" ? undefined : text;
}

/** Undefined for no light at all, which has no logarithm. */
function decibelMilliwatts(milliwatts: number): number | undefined {
  return milliwatts > 0 ? Math.round(1000 * Math.log10(milliwatts)) / 100 : undefined;
}

/** Two bits a quantity, high before low, from the highest bit on. */
function alarmsOf(a2: Uint8Array, at: number, level: SfpAlarm["level"]): readonly SfpAlarm[] {
  const flags = ((a2[at] ?? 0) << 8) | (a2[at + 1] ?? 0);
  return SFP_QUANTITIES.flatMap((quantity, index): readonly SfpAlarm[] =>
    (["high", "low"] as const).flatMap((side, offset): readonly SfpAlarm[] =>
      (flags >> (15 - index * 2 - offset)) & 1 ? [{ quantity, side, level }] : [],
    ),
  );
}

interface Calibration {
  readonly temperature: (raw: number) => number;
  readonly voltage: (raw: number) => number;
  readonly biasCurrent: (raw: number) => number;
  readonly txPower: (raw: number) => number;
  readonly rxPower: (raw: number) => number;
}

const asMeasured = (raw: number): number => raw;
const AS_MEASURED: Calibration = {
  temperature: asMeasured,
  voltage: asMeasured,
  biasCurrent: asMeasured,
  txPower: asMeasured,
  rxPower: asMeasured,
};

/** SFF-8472 section 9.5: slopes and offsets in A2h from octet 56 on, for modules that leave the sums to us. */
function readCalibration(a2: Uint8Array): Calibration {
  const view = new DataView(a2.buffer, a2.byteOffset, a2.byteLength);
  const line =
    (at: number) =>
    (raw: number): number =>
      raw * (view.getUint16(at) / 256) + view.getInt16(at + 2);
  const factors = [72, 68, 64, 60, 56].map((at) => view.getFloat32(at));
  return {
    biasCurrent: line(76),
    txPower: line(80),
    temperature: line(84),
    voltage: line(88),
    rxPower: (raw) => factors.reduce((sum, factor, power) => sum + factor * raw ** power, 0),
  };
}
