import { asciiBytes } from "@passerelle/bytes";
import {
  clientIdOf,
  type Dhcpv4Message,
  domainNameOf,
  encodeUserClasses,
  FLAG_BROADCAST,
  leaseSecondsOf,
  MESSAGE_TYPE,
  messageTypeOf,
  OPTION,
  optionOf,
  rebindingSecondsOf,
  renewalSecondsOf,
  textOf,
  textOption,
} from "@passerelle/dhcpv4";
import { instant } from "@passerelle/time";
import { expect, test } from "vitest";
import { type DhcpConfig, type DhcpEffect, dhcpServer } from "../src/core/dhcp/index.ts";
import { config, ip, mac, message, network, type Said } from "./dhcp-support.ts";

const tele = mac("00:11:22:33:44:01");

function answer(said: Said, given: DhcpConfig): DhcpEffect & { readonly kind: "send" } {
  const started = dhcpServer.step(
    dhcpServer.initial,
    { kind: "start", config: given, leases: [], bootId: "boot" },
    instant(0),
  );
  const step = dhcpServer.step(started.state, message(said), instant(1));
  const sent = step.effects.find((effect) => effect.kind === "send");
  if (sent?.kind !== "send") throw new Error("no answer");
  return sent;
}

const quick = config({ networks: [network({ probe: false })] });
const codes = (reply: Dhcpv4Message): readonly number[] => reply.options.map((one) => one.code);

test("times of a lease: T1 after a half, T2 after seven eighths (RFC 2131 section 4.4.5)", () => {
  const { message: reply } = answer({ type: "DHCPDISCOVER", mac: tele }, quick);
  expect([leaseSecondsOf(reply), renewalSecondsOf(reply), rebindingSecondsOf(reply)]).toEqual([
    3600, 1800, 3150,
  ]);
});

test("what is asked for is sent, in the order of the asking, and no more", () => {
  const { message: reply } = answer({ type: "DHCPDISCOVER", mac: tele }, quick);
  expect(codes(reply)).toEqual([53, 54, 51, 58, 59, 1, 3, 6, 15]);
});

test("identifier and relay agent information go back unchanged, the latter last (RFC 6842, RFC 3046)", () => {
  const data = asciiBytes("\x01\x03abc");
  const more = [{ code: OPTION.RELAY_AGENT_INFORMATION, data }];
  const giaddr = ip("192.168.1.2");
  const sent = answer({ type: "DHCPDISCOVER", mac: tele, id: "00aabb", more, giaddr }, quick);
  expect(sent.to).toEqual({ kind: "relay", address: giaddr });
  expect(sent.message.giaddr).toBe(giaddr);
  expect(clientIdOf(sent.message)).toEqual(Uint8Array.of(0, 0xaa, 0xbb));
  expect(sent.message.options.at(-1)).toEqual({ code: 82, data });
});

test("a refusal carries no parameters; through a relay agent it has the broadcast flag (RFC 2131 section 4.3.2)", () => {
  const said: Said = { type: "DHCPREQUEST", mac: tele, requested: ip("10.0.0.1") };
  const nak = answer({ ...said, giaddr: ip("192.168.1.2") }, quick);
  expect(messageTypeOf(nak.message)).toBe(MESSAGE_TYPE.DHCPNAK);
  expect(nak.message.flags).toBe(FLAG_BROADCAST);
  expect(codes(nak.message)).toEqual([53, 54, 56]);
  expect(answer(said, quick).message.flags).toBe(0);
});

test("classes by vendor class, user class and enterprise; a later class wins", () => {
  const tv = textOption(OPTION.DOMAIN_NAME, "tv.home.arpa");
  const boot = textOption(OPTION.BOOTFILE_NAME, "stb.cfg");
  const late = textOption(OPTION.DOMAIN_NAME, "late.home.arpa");
  const given = config({
    networks: [network({ probe: false })],
    classes: [
      { name: "stb", match: { vendorClass: "sagem" }, options: [tv, boot], always: true },
      {
        name: "user",
        match: { userClass: "+FSV", vendorClass: "sagem" },
        options: [late],
        always: false,
      },
      { name: "tr069", match: { enterprise: 3561 }, options: [boot], always: true },
      {
        name: "elsewhere",
        match: { vendorClass: "sagem" },
        networks: ["guest"],
        options: [late],
        always: true,
      },
    ],
  });
  const said: Said = { type: "DHCPDISCOVER", mac: tele, vendorClass: "sagem-7" };
  const plain = answer({ type: "DHCPDISCOVER", mac: tele }, given).message;
  expect([domainNameOf(plain), textOf(plain, 67)]).toEqual(["home.arpa", undefined]);
  const stb = answer(said, given).message;
  expect([domainNameOf(stb), textOf(stb, 67)]).toEqual(["tv.home.arpa", "stb.cfg"]);
  const userClass = encodeUserClasses([asciiBytes("+FSVDSL_stb")]);
  const user = answer({ ...said, more: [{ code: 77, data: userClass }] }, given).message;
  expect(domainNameOf(user)).toBe("late.home.arpa");
  const data = Uint8Array.of(0, 0, 0x0d, 0xe9, 0);
  const cpe = answer({ type: "DHCPDISCOVER", mac: tele, more: [{ code: 125, data }] }, given);
  expect(optionOf(cpe.message, 67)).toEqual(asciiBytes("stb.cfg"));
});
