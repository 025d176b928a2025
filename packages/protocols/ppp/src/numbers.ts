import { ByteReader, ByteWriter } from "@passerelle/bytes";

/** An option's value of exactly two octets. */
export function uint16Of(data: Uint8Array): number | undefined {
  return data.length === 2 ? new ByteReader(data).uint16() : undefined;
}

/** An option's value of exactly four octets. */
export function uint32Of(data: Uint8Array): number | undefined {
  return data.length === 4 ? new ByteReader(data).uint32() : undefined;
}

export function uint16Data(value: number): Uint8Array {
  return new ByteWriter(2).uint16(value).finish();
}

export function uint32Data(value: number): Uint8Array {
  return new ByteWriter(4).uint32(value).finish();
}
