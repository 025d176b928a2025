import { ipv4, ipv6FromBytes } from "@passerelle/net";
import fc from "fast-check";
import { type DnsMessage, formatName, type RecordData, type ResourceRecord } from "../src/index.ts";

/** Names of any octets, up to the limits; often sharing suffixes, so that compression has work. */
export const name = fc
  .tuple(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { maxLength: 4 }),
    fc.constantFrom([], ["home", "arpa"], ["Example", "com"], ["x".repeat(63), "org"]),
  )
  .map(([own, shared]) => {
    const labels = [...own, ...shared.map((text) => new TextEncoder().encode(text))];
    const wire = [...labels.flatMap((label) => [label.length, ...label]), 0];
    return formatName(Uint8Array.from(wire));
  });

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const ttl = fc.integer({ min: 0, max: 0x7fff_ffff });

const typed: fc.Arbitrary<readonly [number, RecordData]> = fc.oneof(
  uint32.map((a) => [1, { kind: "a", address: ipv4(a) }] as const),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => {
    const address = ipv6FromBytes(b);
    if (address === undefined) throw new Error("sixteen octets");
    return [28, { kind: "aaaa", address }] as const;
  }),
  fc
    .tuple(fc.constantFrom(2, 5, 12, 39), name)
    .map(([t, target]) => [t, { kind: "name", target }] as const),
  fc
    .tuple(uint16, name)
    .map(([preference, exchange]) => [15, { kind: "mx", preference, exchange }] as const),
  fc
    .array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 3 })
    .map((strings) => [16, { kind: "txt", strings }] as const),
  fc
    .tuple(uint16, uint16, uint16, name)
    .map(
      ([priority, weight, port, target]) =>
        [33, { kind: "srv", priority, weight, port, target }] as const,
    ),
  fc
    .record({
      mname: name,
      rname: name,
      serial: uint32,
      refresh: uint32,
      retry: uint32,
      expire: uint32,
      minimum: uint32,
    })
    .map((soa) => [6, { kind: "soa", ...soa }] as const),
  fc
    .tuple(fc.constantFrom(64, 65, 46, 65280, 99), fc.uint8Array({ maxLength: 60 }))
    .map(([t, bytes]) => [t, { kind: "raw", bytes }] as const),
);

export const record: fc.Arbitrary<ResourceRecord> = fc
  .tuple(name, ttl, typed)
  .map(([owner, ttlSeconds, [type, data]]) => ({ name: owner, type, class: 1, ttlSeconds, data }));

const records = fc.array(record, { maxLength: 4 });

export const message: fc.Arbitrary<DnsMessage> = fc
  .record({
    header: fc.record({
      id: uint16,
      response: fc.boolean(),
      opcode: fc.integer({ min: 0, max: 15 }),
      authoritative: fc.boolean(),
      truncated: fc.boolean(),
      recursionDesired: fc.boolean(),
      recursionAvailable: fc.boolean(),
      authenticData: fc.boolean(),
      checkingDisabled: fc.boolean(),
      rcode: fc.integer({ min: 0, max: 15 }),
    }),
    questions: fc.array(fc.record({ name, type: uint16, class: uint16 }), { maxLength: 2 }),
    answers: records,
    authorities: records,
    additionals: records,
    edns: fc.option(
      fc.record({
        udpBytes: uint16,
        extendedRcode: fc.integer({ min: 0, max: 255 }),
        version: fc.integer({ min: 0, max: 255 }),
        dnssecOk: fc.boolean(),
        flags: fc.integer({ min: 0, max: 0x7fff }),
        options: fc.array(fc.record({ code: uint16, data: fc.uint8Array({ maxLength: 20 }) }), {
          maxLength: 3,
        }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ edns, ...rest }) => (edns === undefined ? rest : { ...rest, edns }));
