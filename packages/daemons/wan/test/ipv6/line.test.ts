import { toHex } from "@passerelle/bytes";
import {
  clientIdOption,
  type Dhcpv6Message,
  decodeDhcpv6,
  duidLl,
  encodeDhcpv6,
  iaNaOption,
  iaNasOf,
  iaPdOption,
  iaPdsOf,
  MESSAGE_TYPE,
  OPTION,
  optionOf,
  serverIdOption,
} from "@passerelle/dhcpv6";
import { type Instant, instant } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import type { WanEffect } from "../../src/core/effect.ts";
import type { WanInput } from "../../src/core/input.ts";
import { ipv6Settings } from "../../src/core/ipv6/settings.ts";
import { checkWan, type WanMachineState } from "../../src/core/state.ts";
import { wanDeadline } from "../../src/core/step.ts";
import { wanPrefixesView } from "../../src/core/view.ts";
import { CHALLENGE, describeEffect, MAC, mac, machine, profile, settings } from "../fixtures.ts";
import { advertisement, cidr6, ip6 } from "./advertisements.ts";

const SERVER = duidLl(mac("02:00:00:00:0a:01"));
const LINK_LOCAL: WanInput = { kind: "link_local", address: ip6("fe80::1") };
const UP: WanInput = { kind: "link", link: { adminUp: true, carrier: true, mac: MAC } };
const DOWN: WanInput = { kind: "link", link: { adminUp: true, carrier: false, mac: MAC } };
const PREFIX = "2001:db8:100::/56";

/** A line that is told things, and what it did then. */
class Story {
  readonly #machine;
  state: WanMachineState;
  now: Instant = instant(0);
  done: WanEffect[] = [];

  constructor(id = "generic-dhcp") {
    const one = profile(id);
    const identity = { login: "fti/xxxxxxx", password: "xxxxxxx", boxModel: one.boxModel ?? "" };
    const ipv6 = ipv6Settings(one, identity);
    this.#machine = machine({ ...settings(id), ...(ipv6 === undefined ? {} : { ipv6 }) });
    this.state = this.#machine.initial;
  }

  tell(input: WanInput | { readonly kind: "timeout" }): this {
    const step = this.#machine.step(this.state, input, this.now);
    this.state = step.state;
    checkWan(this.state);
    this.done.push(...step.effects);
    return this;
  }

  /** Lets time go by, with every timeout on the way. */
  wait(ms: number): this {
    const end = instant(this.now + ms);
    for (let due = wanDeadline(this.state); due !== undefined && due <= end; ) {
      this.now = due;
      this.tell({ kind: "timeout" });
      due = wanDeadline(this.state);
    }
    this.now = end;
    return this;
  }

  /** What was done of a kind since the last look, as words. */
  take(...kinds: readonly string[]): readonly string[] {
    const taken = this.done.filter(({ kind }) => kinds.includes(kind)).map(describeEffect);
    this.done = [];
    return taken;
  }

  lastMessage(): Dhcpv6Message {
    const sent = this.done.findLast(({ kind }) => kind === "send_dhcpv6");
    const decoded = sent?.kind === "send_dhcpv6" ? decodeDhcpv6(sent.payload) : undefined;
    if (decoded?.ok !== true) throw new Error("nothing was sent");
    return decoded.value;
  }

  /** The server's word to what was asked last. */
  answer(msgType: 2 | 7, valid = 3600, address?: string): this {
    const asked = this.lastMessage();
    const times = { t1: valid / 2, t2: valid * 0.8 };
    const lifetimes = { preferredLifetime: valid * 0.9, validLifetime: valid };
    const payload = encodeDhcpv6({
      ...{ msgType, transactionId: asked.transactionId },
      options: [
        clientIdOption(duidLl(MAC)),
        serverIdOption(SERVER),
        iaPdOption({ iaid: 1, ...times, prefixes: [{ prefix: cidr6(PREFIX), ...lifetimes }] }),
        ...(address === undefined
          ? []
          : [
              iaNaOption({
                iaid: 1,
                ...times,
                addresses: [{ address: ip6(address), ...lifetimes }],
              }),
            ]),
      ],
    });
    return this.tell({ kind: "dhcpv6", payload });
  }

  lease(valid = 3600, address?: string): this {
    return this.wait(300).answer(2, valid, address).wait(1200).answer(7, valid, address);
  }
}

describe("IPv6 of the line", () => {
  it("asks for routers and a prefix once its link-local address is its own (W-2)", () => {
    const line = new Story().tell(UP).wait(1000);
    expect(line.take("solicit_routers", "send_dhcpv6")).toEqual([]);
    line.tell(LINK_LOCAL).wait(300);
    expect(line.take("solicit_routers", "send_dhcpv6")).toEqual([
      "solicit_routers",
      "send_dhcpv6 SOLICIT",
    ]);
  });

  it("has the router's route, an address of its prefix, and refuses what the home leaves unused (WPD-5)", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease();
    line.take();
    line.tell(advertisement({ prefix: "2001:db8:1::/64" }));
    expect(line.take("configure6")).toEqual([
      `configure6 2001:db8:1::ff:fe00:1/64, default via fe80::a, ${PREFIX} unreachable`,
    ]);
    expect(wanPrefixesView(line.state)).toMatchObject({
      prefixes: [{ prefix: PREFIX, validUntil: 3_601_044 }],
      reachable: true,
    });
  });

  it("asks for an address where the router says so (WAA-3), also when it says so late", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease();
    line.take();
    line.tell(advertisement({ managed: true }));
    const asked = line.lastMessage();
    expect(asked.msgType).toBe(MESSAGE_TYPE.RENEW);
    expect(iaNasOf(asked)).toHaveLength(1);
    expect(iaPdsOf(asked)).toHaveLength(1);
    line.answer(7, 3600, "2001:db8:1::77");
    expect(line.take("configure6").at(-1)).toContain("2001:db8:1::77/128");
  });

  it("says that nothing is reachable when the router goes (G-5), and keeps the prefix", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease().tell(advertisement());
    expect(wanPrefixesView(line.state).reachable).toBe(true);
    line.take();
    line.tell(advertisement({ lifetime: 0 }));
    expect(wanPrefixesView(line.state)).toMatchObject({
      reachable: false,
      prefixes: [{ prefix: PREFIX }],
    });
    expect(line.take("configure6")).toEqual([`configure6 ${PREFIX} unreachable`]);
  });

  it("keeps all of it while the cable is out, asks again when it is back, and releases nothing (WPD-9)", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease().tell(advertisement());
    line.take();
    line.tell(DOWN).wait(60_000);
    expect(line.take("configure6", "send_dhcpv6", "forget_lease6")).toEqual([]);
    expect(wanPrefixesView(line.state)).toMatchObject({
      reachable: false,
      prefixes: [{ prefix: PREFIX }],
    });
    line.tell(UP);
    expect(line.take("solicit_routers", "send_dhcpv6")).toEqual([
      "solicit_routers",
      "send_dhcpv6 REBIND",
    ]);
  });

  it("lets no prefix outlive its end, cable or not", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease(600).tell(advertisement());
    line.take();
    line.tell(DOWN).wait(700_000);
    expect(wanPrefixesView(line.state).prefixes).toEqual([]);
    expect(line.take("forget_lease6")).toEqual(["forget_lease6"]);
  });

  it("is told to the kernel again when the interface came anew", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease().tell(advertisement());
    line.tell({ kind: "link" }).tell({ kind: "link_local" });
    line.take();
    line.tell(UP).tell(LINK_LOCAL);
    expect(line.take("configure6")).toEqual([
      `configure6 default via fe80::a, ${PREFIX} unreachable`,
    ]);
  });
});

describe("a daemon that comes back", () => {
  it("leaves the routes of its earlier life until a router has spoken", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease();
    expect(line.take("configure6").at(-1)).toBe(
      `configure6 ${PREFIX} unreachable and what is there`,
    );
    line.tell(advertisement());
    expect(line.take("configure6")).toEqual([
      `configure6 default via fe80::a, ${PREFIX} unreachable`,
    ]);
  });

  it("ends them where none speaks", () => {
    const line = new Story().tell(UP).tell(LINK_LOCAL).lease();
    line.take();
    line.wait(5000);
    expect(line.take("configure6")).toEqual([`configure6 ${PREFIX} unreachable`]);
  });
});

describe("Orange's IPv6", () => {
  it("waits for the challenge of IPv4, and says the same as it does (operators.md 3.4)", () => {
    const line = new Story("orange-fr").tell(UP).tell(LINK_LOCAL).wait(5000);
    expect(line.take("send_dhcpv6")).toEqual([]);
    line.tell({ kind: "entropy", entropy: { xid: 7, challenge: CHALLENGE } }).wait(300);
    const solicit = line.lastMessage();
    expect(solicit.options.map(({ code }) => code)).toEqual([1, 8, 6, 25, 11, 15, 16, 17]);
    expect(toHex(optionOf(solicit, OPTION.ORO) ?? new Uint8Array())).toBe("000b001100170018");
    const hex = (code: number) => toHex(optionOf(solicit, code) ?? new Uint8Array());
    expect(hex(11)).toMatch(/^0{22}1a0900000558010341010d6674692f(?:78){7}3c12/);
    expect(hex(15)).toBe(
      `002b${toHex(new TextEncoder().encode("FSVDSL_livebox.Internet.softathome.Livebox6"))}`,
    );
    expect(hex(16)).toBe("0000040e0005736167656d");
    expect(hex(17)).toBe("000005580006000e495056365f524551554553544544");
    expect(iaNasOf(solicit)).toEqual([]);
  });

  it("says what IPv4 says when IPv4 begins anew, in a message that is repeated too", () => {
    const other = new Uint8Array(16).fill(0x41);
    const line = new Story("orange-fr").tell(UP).tell(LINK_LOCAL);
    line.tell({ kind: "entropy", entropy: { xid: 7, challenge: CHALLENGE } }).wait(300);
    const auth = () => toHex(optionOf(line.lastMessage(), 11) ?? new Uint8Array());
    const first = auth();
    line.tell({ kind: "reconnect" });
    line.tell({ kind: "entropy", entropy: { xid: 8, challenge: other } }).wait(300);
    expect(auth()).not.toBe(first);
    expect(auth()).toContain(`3c12${"3431".repeat(8)}`);
    line.tell({ kind: "reconnect" }).wait(300);
    line.tell({ kind: "entropy", entropy: { xid: 9, challenge: CHALLENGE } }).wait(3000);
    expect(auth()).toBe(first);
  });

  it("uses the router that is known where none advertises itself", () => {
    const line = new Story("orange-fr").tell(UP).tell(LINK_LOCAL);
    line
      .tell({ kind: "entropy", entropy: { xid: 7, challenge: CHALLENGE } })
      .lease()
      .wait(5000);
    expect(line.take("configure6").at(-1)).toBe(
      `configure6 default via fe80::ba0:bab, ${PREFIX} unreachable`,
    );
    expect(wanPrefixesView(line.state).reachable).toBe(true);
  });
});
