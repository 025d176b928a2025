import { ipv4, ipv6FromBytes, macFromBytes } from "@passerelle/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attribute,
  AttributeWriter,
  decodeAttributes,
  decodeInterfaceAddress,
  decodeLink,
  decodeMessages,
  decodeNeighbour,
  decodeNetlinkError,
  decodeRoute,
  decodeRule,
  encodeInterfaceAddress,
  encodeLink,
  encodeMessage,
  encodeNeighbour,
  encodeRoute,
  encodeRule,
  type Family,
  type IpAddress,
  OPER_STATES,
  type Prefix,
} from "../src/index.ts";

/** How long strangers' octets are tried, in seconds; the daily run sets more. */
const SECONDS = Number(process.env.PASSERELLE_FUZZ_SECONDS ?? "1");
const FUZZ = {
  numRuns: 1_000_000_000,
  interruptAfterTimeLimit: SECONDS * 1000,
  markInterruptAsFailure: false,
};
const LIMIT_MS = (SECONDS + 20) * 1000;

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const mac = octets(6).map((bytes) => known(macFromBytes(bytes)));
const text = fc.string({ unit: fc.constantFrom(..."abz09.-é"), maxLength: 15 });
const address = (family: Family): fc.Arbitrary<IpAddress> =>
  family === 4 ? u32.map(ipv4) : octets(16).map((bytes) => known(ipv6FromBytes(bytes)));
const prefix = (family: Family): fc.Arbitrary<Prefix> =>
  fc.record({ address: address(family), prefixLength: fc.nat(family === 4 ? 32 : 128) });
/** Numbers that no table of ours uses. */
const unknown: fc.Arbitrary<Attribute[]> = fc.array(
  fc.record({
    type: fc.integer({ min: 200, max: 0x3fff }),
    flags: fc.constantFrom(0, 0x4000, 0x8000),
    bytes: fc.uint8Array({ maxLength: 9 }),
  }),
  { maxLength: 3 },
);
const family = fc.constantFrom<Family>(4, 6);

describe("what is encoded", () => {
  it("is decoded as it was: links", () => {
    const required = { index: u32, hardwareType: u16, flags: u32, unknown };
    const optional = {
      name: text,
      mac,
      mtu: u32,
      operState: fc.constantFrom(...OPER_STATES),
      carrier: u8,
      master: u32,
      lower: u32,
      transmitQueueLength: u32,
      alias: text,
      kind: text,
      memberKind: text,
    };
    const model = fc.record({ ...required, ...optional }, { requiredKeys: keys(required) });
    fc.assert(fc.property(model, (link) => same(decodeLink, encodeLink, link)));
  });

  it("is decoded as it was: addresses", () => {
    const model = family.chain((f) => {
      const required = {
        family: fc.constant(f),
        interfaceIndex: u32,
        address: address(f),
        prefixLength: u8,
        flags: u32,
        scope: u8,
        unknown,
      };
      const optional = {
        broadcast: address(f),
        label: text,
        preferredSeconds: fc.nat(0xffff_fffe),
        validSeconds: fc.nat(0xffff_fffe),
        metric: u32,
        protocol: u8,
      };
      return fc.record({ ...required, ...optional }, { requiredKeys: keys(required) });
    });
    fc.assert(
      fc.property(model, (one) => same(decodeInterfaceAddress, encodeInterfaceAddress, one)),
    );
  });

  it("is decoded as it was: routes", () => {
    const model = family.chain((f) => {
      const required = {
        family: fc.constant(f),
        table: u32,
        protocol: u8,
        scope: u8,
        type: u8,
        flags: u32,
        tos: u8,
        unknown,
      };
      const optional = {
        destination: prefix(f),
        source: prefix(f),
        gateway: address(f),
        interfaceIndex: u32,
        metric: u32,
        preferredSource: address(f),
        metrics: unknown,
        preference: u8,
        expiresSeconds: u32,
      };
      return fc.record({ ...required, ...optional }, { requiredKeys: keys(required) });
    });
    fc.assert(fc.property(model, (one) => same(decodeRoute, encodeRoute, one)));
  });

  it("is decoded as it was: neighbours and rules", () => {
    const neighbour = family.chain((f) => {
      const required = {
        family: fc.constant(f),
        interfaceIndex: u32,
        address: address(f),
        state: u16,
        flags: u8,
        type: u8,
        unknown,
      };
      return fc.record({ ...required, mac }, { requiredKeys: keys(required) });
    });
    fc.assert(fc.property(neighbour, (one) => same(decodeNeighbour, encodeNeighbour, one)));
    const rule = family.chain((f) => {
      const required = {
        family: fc.constant(f),
        table: u32,
        action: u8,
        flags: u32,
        tos: u8,
        unknown,
      };
      const optional = {
        priority: u32,
        source: prefix(f),
        destination: prefix(f),
        inputInterface: text,
        outputInterface: text,
        mark: u32,
        markMask: u32,
        suppressPrefixLength: fc.nat(128),
        protocol: u8,
      };
      return fc.record({ ...required, ...optional }, { requiredKeys: keys(required) });
    });
    fc.assert(fc.property(rule, (one) => same(decodeRule, encodeRule, one)));
  });
});

describe("strangers' octets", () => {
  const decoders = [decodeLink, decodeInterfaceAddress, decodeRoute, decodeNeighbour, decodeRule];
  /** Half noise, half something that looks right with a few octets changed. */
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(
        fc.constantFrom(2, 10),
        fc.array(fc.record({ type: fc.nat(60), bytes: fc.uint8Array({ maxLength: 40 }) }), {
          maxLength: 12,
        }),
        fc.array(fc.tuple(u16, u8), { maxLength: 4 }),
        fc.constantFrom(8, 12, 16),
      )
      .map(([head, attributes, changes, length]) => {
        const header = new Uint8Array(length);
        header[0] = head;
        const writer = new AttributeWriter().raw(header);
        for (const one of attributes) writer.attribute(one.type, one.bytes);
        const all = writer.finish();
        for (const [at, value] of changes) all[at % all.length] = value;
        return all;
      }),
  );

  it(
    "never throw and never stay",
    () => {
      const property = fc.property(bytes, (some) => {
        for (const decode of decoders) decode(some);
        decodeAttributes(some);
        const whole = decodeMessages(some);
        for (const message of whole.messages) {
          decodeNetlinkError(message, false);
          decodeNetlinkError(message, true);
        }
        const wrapped = encodeMessage({
          type: 2,
          flags: 0x200,
          sequence: 0,
          port: 0,
          payload: some,
        });
        for (const message of decodeMessages(wrapped).messages) decodeNetlinkError(message, false);
      });
      fc.assert(property, FUZZ);
    },
    LIMIT_MS,
  );
});

function same<T>(
  decode: (bytes: Uint8Array) => unknown,
  encode: (value: T) => Uint8Array,
  one: T,
): void {
  expect(decode(encode(one))).toEqual({ ok: true, value: one });
}

function keys<T extends object>(record: T): (keyof T)[] {
  return Object.keys(record) as (keyof T)[];
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("invariant: enough octets");
  return value;
}
