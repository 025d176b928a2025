import { Operator, type OperatorHabits } from "@passerelle/ppp/testing";
import { type Instant, instant, wallTime } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import { causeOf, faultOf } from "../../src/core/cause.ts";
import type { WanEffect } from "../../src/core/effect.ts";
import type { WanInput } from "../../src/core/input.ts";
import { checkWan, type WanMachineState } from "../../src/core/state.ts";
import { wanDeadline, wanMachine } from "../../src/core/step.ts";
import { wanPrefixesView, wanResolversView, wanStateView } from "../../src/core/view.ts";
import { settingsOf } from "../../src/line-settings.ts";
import { profileNames } from "../../src/profile.ts";
import { MAC, profile, rng } from "../fixtures.ts";

const GOOD: OperatorHabits = { auth: "chap", passwordGood: true, ipv4: true, ipv6: true };
const UP: WanInput = { kind: "link", link: { adminUp: true, carrier: true, mac: MAC } };
const DOWN: WanInput = { kind: "link", link: { adminUp: true, carrier: false, mac: MAC } };

/** A line over PPPoE with its concentrator at the other end; what either says arrives at once. */
class Story {
  readonly #machine;
  readonly operator: Operator;
  state: WanMachineState;
  now: Instant = instant(0);
  done: WanEffect[] = [];

  constructor(habits: Partial<OperatorHabits> = {}, id = "generic-pppoe", password = "secret") {
    this.operator = new Operator({ ...GOOD, ...habits });
    const settings = settingsOf({
      ...{ interface: "wan", profile: id, link: "untagged", mac: "own" },
      ...{ credentials: { login: "line@isp.test", password }, health: { names: ["a.test"] } },
    });
    this.#machine = wanMachine(settings, rng(), this.now);
    this.state = this.#machine.initial;
  }

  tell(...inputs: readonly (WanInput | { readonly kind: "timeout" })[]): this {
    const waiting = [...inputs];
    for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
      const step = this.#machine.step(this.state, input, this.now);
      this.state = step.state;
      checkWan(this.state);
      this.done.push(...step.effects);
      waiting.push(...step.effects.flatMap((effect) => this.#answers(effect)));
    }
    return this;
  }

  /** Lets time go by; the concentrator speaks by itself every 100 ms. */
  wait(ms: number): this {
    const end = instant(this.now + ms);
    while (this.now < end) {
      const due = wanDeadline(this.state) ?? end;
      const next = Math.min(end, Math.max(this.now, due), this.now + 100);
      this.now = instant(next);
      this.tell({ kind: "timeout" });
      if (next % 100 === 0) this.tell(...this.operator.speak().map(overPpp));
      if (next === this.now && wanDeadline(this.state) === this.now) this.now = instant(next + 1);
    }
    return this;
  }

  #answers(effect: WanEffect): readonly WanInput[] {
    if (effect.kind !== "ppp") return [];
    const { ppp } = effect;
    if (ppp.kind === "send_discovery") return this.operator.discovery(ppp.payload).map(overPpp);
    return ppp.kind === "send_packet"
      ? this.operator.packet(ppp.protocol, ppp.payload).map(overPpp)
      : [];
  }

  get view() {
    return wanStateView(this.state, {
      ...{ interface: "ppp-wan", port: "wan", profile: "generic-pppoe", ipv6: true },
      wall: (at) => wallTime(at),
    });
  }
}

function overPpp(input: ReturnType<Operator["speak"]>[number]): WanInput {
  return { kind: "ppp", ppp: input } as WanInput;
}

describe("a line over PPPoE", () => {
  it("goes from the cable to an address, and asks the Internet over it", () => {
    const story = new Story().tell(UP).wait(1000);
    expect(story.view.session).toEqual({
      ...{ kind: "connected", address: "203.0.113.7/32", gateway: "198.51.100.1" },
      ...{ resolvers: [], concentrator: "bras", obtainedAt: 300 },
    });
    expect(story.view.link).toEqual({ kind: "untagged" });
    expect(story.state.reach.kind).toBe("watching");
    expect(wanResolversView(story.state)).toEqual({ resolvers: [] });
    expect(story.state.session.phase.kind).toBe("idle");
  });

  it("tells each layer's change, and why the home is not online", () => {
    const story = new Story().tell(UP).wait(1000);
    const told = story.done.flatMap((one) =>
      one.kind === "transition" && one.layer === "session" ? [one.to] : [],
    );
    expect(told).toEqual([
      ...["discovering", "negotiating", "authenticating", "configuring", "connected"],
    ]);
  });

  it("says of a wrong password what is wrong, and waits before it asks again", () => {
    const story = new Story({ passwordGood: false }).tell(UP).wait(3000);
    expect(story.view.session.kind).toBe("pausing");
    expect(causeOf(story.state)).toBe("auth_failed");
    expect(story.view.cause?.text.en).toBe("The operator refuses the login or the password.");
    expect(JSON.stringify(story.state)).not.toContain("secret");
  });

  it("says of a line where nobody answers that there is no concentrator", () => {
    const story = new Story();
    story.operator.die();
    const silent: WanInput[] = [UP];
    const machine = story.tell.bind(story);
    // Nobody hears the discovery.
    story.operator.discovery = () => [];
    machine(...silent).wait(20_000);
    expect(causeOf(story.state)).toBe("no_access_server");
  });

  it("notices a concentrator that is gone, and dials again when it is back", () => {
    const story = new Story().tell(UP).wait(1000);
    story.operator.die();
    story.wait(10_000);
    expect(causeOf(story.state)).toBe("peer_dead");
    expect(story.done.some((one) => one.kind === "transition" && one.to === "offline")).toBe(true);
    story.wait(10_000);
    expect(story.view.session.kind).toBe("connected");
  });

  it("ends with the cable and comes back with it", () => {
    const story = new Story().tell(UP).wait(1000).tell(DOWN).wait(1000);
    expect(story.view.session).toEqual({ kind: "idle" });
    expect(causeOf(story.state)).toBe("no_carrier");
    story.tell(UP).wait(1000);
    expect(story.view.session.kind).toBe("connected");
  });

  it("starts anew where a person wishes it", () => {
    const story = new Story().tell(UP).wait(1000);
    story.done = [];
    story.tell({ kind: "reconnect" }).wait(1000);
    const kinds = story.done.flatMap((one) => (one.kind === "ppp" ? [one.ppp.kind] : []));
    expect(kinds).toContain("close_channel");
    expect(kinds).toContain("open_channel");
    expect(story.view.session.kind).toBe("connected");
  });

  it("does not end because IPv4 is refused, and says that there is none", () => {
    const story = new Story({ ipv4: false }).tell(UP).wait(1000);
    expect(story.view.session).toMatchObject({ kind: "connected", resolvers: [] });
    expect("address" in story.view.session).toBe(false);
    expect(causeOf(story.state)).toBe("no_ip");
  });

  it("asks for routers and a prefix when IPV6CP is open, and not before", () => {
    const local: WanInput = { kind: "link_local", address: "fe80::ff:fe00:1" as never };
    const refused = new Story({ ipv6: false }).tell(UP).wait(1000).tell(local).wait(5000);
    expect(refused.done.some(({ kind }) => kind === "solicit_routers")).toBe(false);
    expect(refused.view.ipv6.kind).toBe("down");
    const story = new Story().tell(UP).wait(1000).tell(local).wait(5000);
    const asked = story.done.map(({ kind }) => kind);
    expect(asked).toContain("solicit_routers");
    expect(asked).toContain("send_dhcpv6");
    expect(wanPrefixesView(story.state).reachable).toBe(false);
  });
});

const OVER_PPP = profileNames().filter((id) => profile(id).pppoe !== undefined);

it.each(OVER_PPP)("a line of %s opens its session", (id) => {
  for (const auth of ["pap", "chap"] as const) {
    const story = new Story({ auth }, id).tell(UP).wait(2000);
    expect(story.view.session.kind).toBe("connected");
  }
});

it("each cause of PPP has its sentence in both languages, and what the operator said beside it", () => {
  const story = new Story({ passwordGood: false }).tell(UP).wait(3000);
  expect(story.state.ppp?.ppp.trouble?.code).toBe("auth_failed");
  expect(faultOf("auth_failed", "Login incorrect")).toMatchObject({
    ...{ code: "auth_failed", raw: "Login incorrect" },
    next: { fr: expect.stringContaining("courrier"), en: expect.stringContaining("letter") },
  });
});
