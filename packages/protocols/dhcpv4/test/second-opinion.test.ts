import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";
import { formatIpv4, ipv4, type Mac } from "@passerelle/net";
import { beforeAll, expect, test, vi } from "vitest";
import {
  addressOption,
  BOOTREPLY,
  chaddrOf,
  decodeDhcpv4,
  encodeDhcpv4,
  hardwareAddressOf,
  hostnameOf,
  leaseSecondsOf,
  messageTypeOf,
  OPTION,
  parameterListOf,
  textOption,
  uint8Option,
  uint32Option,
} from "../src/index.ts";

/** The parser of the npm package `dhcp` reads the same octets: a second opinion by other people's code. */
interface Parsed {
  readonly xid: number;
  readonly yiaddr: string;
  readonly chaddr: string;
  readonly options: Readonly<Record<number, unknown>>;
}
const protocol = createRequire(import.meta.url)("dhcp/lib/protocol.js") as {
  parse(bytes: Buffer): Parsed;
  format(message: unknown): { _data: Buffer; _w: number };
};
// It prints each option it does not know.
beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

const GOLDEN = join(import.meta.dirname, "golden");

test.each(readdirSync(GOLDEN))("%s: both parsers agree", (name) => {
  const text = readFileSync(join(GOLDEN, name), "utf8").replace(/^#.*$/gm, "");
  const bytes = fromHex(text) ?? new Uint8Array(0);
  const ours = decodeDhcpv4(bytes);
  const theirs = protocol.parse(Buffer.from(bytes));
  if (!ours.ok) throw new Error(ours.error.code);
  expect(theirs.xid).toBe(ours.value.xid);
  expect(theirs.chaddr.toLowerCase().replaceAll("-", ":")).toBe(hardwareAddressOf(ours.value));
  expect(theirs.options[53]).toBe(messageTypeOf(ours.value));
  expect(theirs.options[12]).toBe(hostnameOf(ours.value));
  expect(theirs.options[55]).toEqual(parameterListOf(ours.value));
});

test("it reads our reply, and we read its", () => {
  const chaddr = chaddrOf("02:11:22:33:44:55" as Mac);
  const reply = encodeDhcpv4({
    op: BOOTREPLY,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: 7,
    secs: 0,
    flags: 0,
    ciaddr: ipv4(0),
    yiaddr: ipv4(0xc0a80132),
    siaddr: ipv4(0),
    giaddr: ipv4(0),
    chaddr,
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options: [
      uint8Option(OPTION.DHCP_MSG_TYPE, 5),
      uint32Option(OPTION.ADDRESS_TIME, 3600),
      addressOption(OPTION.ROUTER, ipv4(0xc0a80101)),
      textOption(OPTION.DOMAIN_NAME, "home.arpa"),
    ],
  });
  const theirs = protocol.parse(Buffer.from(reply));
  expect(theirs.yiaddr).toBe("192.168.1.50");
  expect(theirs.options).toMatchObject({ 53: 5, 51: 3600, 3: ["192.168.1.1"], 15: "home.arpa" });
  const written = protocol.format({
    ...theirs,
    op: 2,
    htype: 1,
    hlen: 6,
    hops: 0,
    secs: 0,
    flags: 0,
    ciaddr: "0.0.0.0",
    siaddr: "0.0.0.0",
    giaddr: "0.0.0.0",
    sname: "",
    file: "",
  });
  const back = decodeDhcpv4(new Uint8Array(written._data.subarray(0, written._w)));
  expect(back.ok && formatIpv4(back.value.yiaddr)).toBe("192.168.1.50");
  expect(back.ok && leaseSecondsOf(back.value)).toBe(3600);
});
