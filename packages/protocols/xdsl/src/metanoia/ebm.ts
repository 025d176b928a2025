import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/** Ethernet Boot & Management: how a Metanoia MT5311 SFP is asked for its registers, by frames of its own EtherType. */
export const ETHERTYPE_EBM = 0x6120;

/** One frame, without its Ethernet header. Known from captures alone: what is not understood is kept. */
export interface EbmFrame {
  readonly isResponse: boolean;
  /** The flags as they came: bit 7 is the response, the lowest two are the mode (1 reads). */
  readonly flags: number;
  readonly sequence: number;
  /** 0 in a response that succeeded, 255 in requests. */
  readonly status: number;
  readonly payload: Uint8Array;
}

export function decodeEbm(bytes: Uint8Array): Result<EbmFrame, DecodeError> {
  const reader = new ByteReader(bytes);
  const said = reader.uint16();
  const flags = reader.uint8();
  const sequence = reader.uint32();
  const status = reader.uint8();
  if (reader.overrun !== undefined) return err({ code: "ebm_truncated", at: reader.overrun });
  const isResponse = (flags & RESPONSE) !== 0;
  // A response counts the six octets of header after the length field, a request does not.
  const length = said - (isResponse ? 6 : 0);
  if (length < 0) return err({ code: "ebm_length", at: 0 });
  const payload = reader.take(length);
  if (reader.overrun !== undefined) return err({ code: "ebm_truncated", at: reader.overrun });
  return ok({ isResponse, flags, sequence, status, payload });
}

/** Asks for registers of 24 bits each; the frame is padded to what Ethernet needs. */
export function encodeEbmRead(sequence: number, registers: readonly number[]): Uint8Array {
  invariant(
    registers.length >= 1 && registers.length <= REGISTERS_MAX,
    `1 to ${REGISTERS_MAX} registers fit a frame`,
  );
  const writer = new ByteWriter(64)
    .uint16(registers.length * COMMAND_BYTES)
    .uint8(MODE_READ)
    .uint32(sequence)
    .uint8(STATUS_REQUEST);
  for (const register of registers) {
    writer
      .uint8(COMMAND_READ)
      .uint8(register >>> 16)
      .uint16(register)
      .uint16(REGISTER_BYTES);
  }
  return writer.zeros(Math.max(0, FRAME_BYTES_MIN - writer.length)).finish();
}

/** The values of the registers, in the order in which they were asked for. Code `ebm_refused` where the SFP said no. */
export function readEbmRegisters(
  response: EbmFrame,
  asked: readonly number[],
): Result<ReadonlyMap<number, number>, DecodeError> {
  if (!response.isResponse) return err({ code: "ebm_not_a_response", at: 2 });
  if (response.status !== 0) return err({ code: "ebm_refused", at: 7 });
  const reader = new ByteReader(response.payload);
  const values = new Map<number, number>();
  for (const register of asked) values.set(register, reader.uint8() * 0x1_0000 + reader.uint16());
  return reader.overrun === undefined
    ? ok(values)
    : err({ code: "ebm_truncated", at: HEADER_BYTES + reader.overrun });
}

/** As many as fit 1500 octets, request and response alike. */
export const REGISTERS_MAX = 240;

const HEADER_BYTES = 8;
const RESPONSE = 0x80;
const MODE_READ = 0x01;
const STATUS_REQUEST = 0xff;
const COMMAND_READ = 1;
const COMMAND_BYTES = 6;
const REGISTER_BYTES = 3;
const FRAME_BYTES_MIN = 46;
