import { createRequire } from "node:module";
import { toHex } from "@passerelle/bytes";
import { formatIpv4, ipv4, parseIpv6 } from "@passerelle/net";
import { expect, test } from "vitest";
import { type DnsMessage, decodeMessage, encodeMessage } from "../src/index.ts";

/** The part of dns2's untyped packet codec that is compared with ours. */
interface Dns2Packet {
  header: Record<string, number>;
  questions: { name: string; type: number; class: number }[];
  answers: Record<string, unknown>[];
  toBuffer(): Uint8Array;
}
const { Packet } = createRequire(import.meta.url)("dns2") as {
  Packet: { parse(bytes: Uint8Array): Dns2Packet };
};

const header = {
  id: 0xbeef,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
} as const;
const record = { class: 1, ttlSeconds: 300 } as const;
const six = parseIpv6("2001:db8::1");
if (six === undefined) throw new Error("address");

const ours: DnsMessage = {
  header,
  questions: [{ name: "www.example.com", type: 1, class: 1 }],
  answers: [
    {
      ...record,
      name: "www.example.com",
      type: 5,
      data: { kind: "name", target: "web.example.com" },
    },
    { ...record, name: "web.example.com", type: 1, data: { kind: "a", address: ipv4(0xc0000201) } },
    { ...record, name: "web.example.com", type: 28, data: { kind: "aaaa", address: six } },
    {
      ...record,
      name: "example.com",
      type: 15,
      data: { kind: "mx", preference: 10, exchange: "mail.example.com" },
    },
    {
      ...record,
      name: "_sip._udp.example.com",
      type: 33,
      data: { kind: "srv", priority: 1, weight: 2, port: 5060, target: "sip.example.com" },
    },
  ],
  authorities: [],
  additionals: [],
};

test("dns2 reads what we write", () => {
  const theirs = Packet.parse(Buffer.from(encodeMessage(ours)));
  expect(theirs.header).toMatchObject({ id: 0xbeef, qr: 1, aa: 1, rd: 1, ra: 1, ancount: 5 });
  expect(theirs.questions).toMatchObject([{ name: "www.example.com", type: 1, class: 1 }]);
  expect(theirs.answers).toMatchObject([
    { name: "www.example.com", domain: "web.example.com", ttl: 300 },
    { name: "web.example.com", address: formatIpv4(ipv4(0xc0000201)) },
    { name: "web.example.com", address: "2001:db8::1" },
    { exchange: "mail.example.com", priority: 10 },
    { target: "sip.example.com", port: 5060, weight: 2, priority: 1 },
  ]);
});

test("we read what dns2 writes", () => {
  const again = Packet.parse(Buffer.from(encodeMessage(ours))).toBuffer();
  const decoded = decodeMessage(Uint8Array.from(again));
  expect(decoded.ok && toHex(encodeMessage(decoded.value))).toBe(toHex(encodeMessage(ours)));
});
