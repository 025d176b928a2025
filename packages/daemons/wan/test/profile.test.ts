import { toHex } from "@passerelle/bytes";
import { milliseconds } from "@passerelle/time";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  discoverMessage,
  type MessageContext,
  rebootMessage,
  renewMessage,
  selectMessage,
} from "../src/core/session/messages.ts";
import { findProfile, profileNames, profileSchema } from "../src/profile.ts";
import { concentrators, type Line } from "./concentrator/judge.ts";
import { CHALLENGE, dhcpProfile, ip, MAC, profile, settings } from "./fixtures.ts";

const LINE: Line = { login: "fti/xxxxxxx", password: "xxxxxxx", mac: "020000000001" };

function context(id: string, line: Partial<Line> = {}): MessageContext {
  return {
    settings: settings(id, line).session,
    identity: { mac: MAC, entropy: { xid: 0x11223344, challenge: CHALLENGE } },
    elapsed: milliseconds(3000),
  };
}

function messages(made: MessageContext): Record<string, Uint8Array> {
  const offer = { address: ip("198.51.100.10"), server: ip("198.51.100.1") };
  return {
    discover: discoverMessage(made),
    select: selectMessage(made, offer),
    reboot: rebootMessage(made, offer.address),
    renew: renewMessage(made, offer.address),
  };
}

describe.each(profileNames())("profile %s", (id) => {
  it("is of its schema, says where it comes from, and has the name of its file", () => {
    expect(findProfile(id)?.id).toBe(id);
    expect(profile(id).sources.length).toBeGreaterThan(0);
  });
});

const WITH_DHCP = profileNames().filter((id) => profile(id).dhcp !== undefined);

describe.each(WITH_DHCP)("profile %s, by DHCP", (id) => {
  it("satisfies its concentrator with every message", () => {
    const judge = concentrators[id];
    if (judge === undefined) throw new Error(`no concentrator for ${id}`);
    for (const [name, bytes] of Object.entries(messages(context(id)))) {
      expect(`${name}: ${judge(bytes, LINE)}`).toBe(`${name}: accept`);
    }
  });

  it("has a concentrator that sees every octet of who we are", () => {
    const judge = concentrators[id];
    const bytes = discoverMessage(context(id));
    expect(judge?.(bytes, { ...LINE, mac: "020000000002" })).toBe("refuse: chaddr");
    const start = 240 + 3 + 2 + dhcpProfile(id).dhcp.parameterRequestList.length;
    let passed = 0;
    for (let at = start; at < bytes.length && bytes[at] !== 255; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      if (judge?.(changed, LINE) === "accept") passed += 1;
    }
    // What may differ: the box model in texts. Everything else is looked at.
    expect(passed).toBeLessThanOrEqual((profile(id).boxModel ?? "").length + 2);
  });

  it("sends exactly these octets", async () => {
    const lines = Object.entries(messages(context(id))).map(([name, bytes]) => {
      const rows = toHex(bytes).match(/.{1,64}/g) ?? [];
      return `${name}\n${rows.map((row) => `  ${row}`).join("\n")}\n`;
    });
    await expect(lines.join("")).toMatchFileSnapshot(`golden/${id}.hex`);
  });
});

describe("Orange", () => {
  it("parks who has the wrong password or login", () => {
    const judge = concentrators["orange-fr"];
    expect(judge?.(discoverMessage(context("orange-fr", { password: "other" })), LINE)).toBe(
      "park: digest",
    );
    expect(judge?.(discoverMessage(context("orange-fr", { login: "fti/other" })), LINE)).toBe(
      "park: user name",
    );
  });

  it("says the lengths that are published: 0x46 for option 90, 0x2b in option 77", () => {
    const hex = toHex(discoverMessage(context("orange-fr")));
    expect(hex).toContain("5a46");
    expect(hex).toContain(`4d2c2b${toHex(new TextEncoder().encode("FSVDSL_livebox"))}`);
  });

  it("makes another digest of another challenge", () => {
    const made = context("orange-fr");
    const other = {
      ...made,
      identity: { mac: MAC, entropy: { xid: 1, challenge: new Uint8Array(16) } },
    };
    const judge = concentrators["orange-fr"];
    expect(toHex(discoverMessage(other)).slice(480)).not.toBe(
      toHex(discoverMessage(made)).slice(480),
    );
    expect(judge?.(discoverMessage(other), LINE)).toBe("accept");
  });
});

describe("the schema refuses a profile", () => {
  const good = dhcpProfile("orange-fr");
  const withOption = (option: object): unknown => ({
    ...good,
    dhcp: { ...good.dhcp, options: [option] },
  });
  it.each([
    ["with an option of the protocol", withOption({ code: 53, hex: "01" })],
    ["with text and hex", withOption({ code: 60, text: "a", hex: "61" })],
    ["with neither", withOption({ code: 60 })],
    ["with an unknown template", withOption({ code: 60, text: "{secret}" })],
    ["with half an octet", withOption({ code: 61, hex: "0{mac}" })],
    ["that authenticates by nothing", { ...good, authentication: undefined }],
    ["with DHCP and PPPoE", { ...good, pppoe: { payloadMax: 1492 } }],
    [
      "with neither of them",
      { ...good, dhcp: undefined, authentication: undefined, ipv6: undefined },
    ],
    ["with packets that no Ethernet carries", { ...profile("dt-de"), pppoe: { payloadMax: 1508 } }],
    ["with a script", { ...good, script: "rm" }],
    ["without a source", { ...good, sources: [] }],
  ])("%s", (_, wrong) => {
    expect(v.safeParse(profileSchema, wrong).success).toBe(false);
  });
});
