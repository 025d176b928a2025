import type { Machine } from "@passerelle/machine";
import { transitionTable } from "@passerelle/testkit";
import { instant, seconds } from "@passerelle/time";
import { expect, it } from "vitest";
import {
  type AccessState,
  accessDeadline,
  accessTimeout,
  type LinkStatus,
  type RaiseEffect,
  stepAccess,
} from "../src/core/access.ts";
import {
  followAccess,
  type LinkState,
  linkDeadline,
  linkTimeout,
  type RaiseVlanEffect,
  vlanRefused,
  vlanTold,
} from "../src/core/link.ts";
import { checkReach, type ReachState, type Verdict } from "../src/core/reach/state.ts";
import {
  type ReachEffect,
  type ReachInput,
  reachDeadline,
  stepReach,
} from "../src/core/reach/step.ts";
import { describeEffect, ip, MAC, mac, storedLease } from "./fixtures.ts";

const NOW = instant(100_000);
const OTHER = mac("02:00:00:00:00:77");

type AccessInput =
  | { readonly kind: "timeout" }
  | { readonly kind: "link"; readonly link: LinkStatus | undefined };

const accessMachine: Machine<AccessState, AccessInput, RaiseEffect> = {
  initial: { kind: "absent" },
  step: (state, input, now) =>
    input.kind === "timeout"
      ? accessTimeout(state, MAC, now)
      : stepAccess(state, input.link, MAC, now),
  deadline: accessDeadline,
  check: () => undefined,
};

it("every state of the access meets every word of the kernel", async () => {
  const link = (adminUp: boolean, carrier: boolean, of = MAC): AccessInput => ({
    kind: "link",
    link: { adminUp, carrier, mac: of },
  });
  const table = transitionTable<AccessState, AccessInput, RaiseEffect>({
    machine: accessMachine,
    states: {
      absent: { kind: "absent" },
      no_carrier: { kind: "no_carrier" },
      "no_carrier, raising": { kind: "no_carrier", retryAt: instant(103_000) },
      "no_carrier, raise lost": { kind: "no_carrier", retryAt: NOW },
      up: { kind: "up", mac: MAC },
    },
    inputs: {
      gone: { kind: "link", link: undefined },
      "admin down": link(false, false),
      "no carrier": link(true, false),
      carrier: link(true, true),
      "carrier, other MAC": link(true, true, OTHER),
      timeout: { kind: "timeout" },
    },
    now: NOW,
    describeState: (state) => `${state.kind}${"retryAt" in state ? ", raising" : ""}`,
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  await expect(table).toMatchFileSnapshot("golden/access-transitions.txt");
});

type LinkInput =
  | { readonly kind: "timeout" | "vlan_refused" }
  | { readonly kind: "access"; readonly access: AccessState }
  | { readonly kind: "vlan"; readonly device: LinkStatus | undefined };

const VLAN = { id: 832, pcpControl: 6, pcpData: 0 };

function linkMachine(
  vlan: typeof VLAN | undefined,
): Machine<LinkState, LinkInput, RaiseVlanEffect> {
  return {
    initial: { phase: { kind: "waiting" } },
    step: (state, input, now) => {
      switch (input.kind) {
        case "access":
          return followAccess(vlan, state, input.access, now);
        case "vlan":
          return vlanTold(state, input.device, now);
        case "vlan_refused":
          return vlanRefused(state);
        case "timeout":
          return linkTimeout(state, now);
      }
    },
    deadline: linkDeadline,
    check: () => undefined,
  };
}

it.each([
  ["tagged", VLAN],
  ["untagged", undefined],
])("every state of a link that is %s meets every word of access and kernel", async (name, vlan) => {
  const device = (adminUp: boolean, carrier: boolean, of = MAC): LinkStatus => ({
    ...{ adminUp, carrier, mac: of },
  });
  const later = instant(103_000);
  const table = transitionTable<LinkState, LinkInput, RaiseVlanEffect>({
    machine: linkMachine(vlan),
    states: {
      waiting: { phase: { kind: "waiting" } },
      "waiting, VLAN there": { phase: { kind: "waiting" }, device: device(true, true) },
      configuring: { phase: { kind: "configuring", retryAt: later, refused: false } },
      "configuring, due": { phase: { kind: "configuring", retryAt: NOW, refused: false } },
      refused: { phase: { kind: "configuring", retryAt: NOW, refused: true } },
      up: { phase: { kind: "up", mac: MAC }, device: device(true, true) },
    },
    inputs: {
      "access absent": { kind: "access", access: { kind: "absent" } },
      "access without carrier": { kind: "access", access: { kind: "no_carrier" } },
      "access up": { kind: "access", access: { kind: "up", mac: MAC } },
      "access up, other MAC": { kind: "access", access: { kind: "up", mac: OTHER } },
      "VLAN gone": { kind: "vlan", device: undefined },
      "VLAN down": { kind: "vlan", device: device(false, false) },
      "VLAN without carrier": { kind: "vlan", device: device(true, false) },
      "VLAN carries": { kind: "vlan", device: device(true, true) },
      "VLAN carries, other MAC": { kind: "vlan", device: device(true, true, OTHER) },
      refused: { kind: "vlan_refused" },
      timeout: { kind: "timeout" },
    },
    now: NOW,
    describeState: ({ phase, device: seen }) => {
      const more = phase.kind === "configuring" && phase.refused ? " refused" : "";
      const mac = phase.kind === "up" ? ` ${phase.mac}` : "";
      return `${phase.kind}${more}${mac}${seen === undefined ? "" : " +device"}`;
    },
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  await expect(table).toMatchFileSnapshot(`golden/link-${name}-transitions.txt`);
});

const lease = storedLease();
const path = { address: lease.address, resolvers: [ip("203.0.113.53"), ip("203.0.113.54")] };

function watching(verdict: Verdict, more: object = {}): ReachState {
  return {
    kind: "watching",
    path,
    verdict,
    against: 0,
    roundId: 7,
    nextAt: NOW,
    wait: seconds(2),
    ...more,
  };
}

function round(first: "waiting" | "bad", probe: "waiting" | "good" | "bad"): object {
  return { round: { resolvers: [first, "waiting"], probe } };
}

const reachMachine: Machine<ReachState, ReachInput, ReachEffect> = {
  initial: { kind: "down", roundId: 0 },
  step: (state, input, now) =>
    stepReach(
      {
        names: ["a.test", "b.test"],
        probe: { kind: "tcp", address: ip("203.0.113.80"), port: 443 },
      },
      state,
      input,
      now,
    ),
  deadline: reachDeadline,
  check: checkReach,
};

it("every state of the reach meets every input", async () => {
  const offline: Verdict = { kind: "offline", cause: "no_internet" };
  const table = transitionTable<ReachState, ReachInput, ReachEffect>({
    machine: reachMachine,
    states: {
      down: { kind: "down", roundId: 7 },
      "unknown, first bad": watching({ kind: "unknown" }, { ...round("bad", "bad"), against: 1 }),
      "unknown, asked": watching({ kind: "unknown" }, round("waiting", "waiting")),
      "unknown, last answer": watching({ kind: "unknown" }, round("bad", "bad")),
      "unknown, names only": watching({ kind: "unknown" }, round("bad", "good")),
      "online, waits": watching({ kind: "online" }),
      "online, asked": watching({ kind: "online" }, round("bad", "bad")),
      "online, third bad": watching({ kind: "online" }, { ...round("bad", "bad"), against: 2 }),
      "offline, asked": watching(offline, round("bad", "good")),
      "offline, second good": watching(offline, { ...round("bad", "good"), against: 1 }),
    },
    inputs: {
      "path_up, same": { kind: "path_up", path },
      "path_up, other": { kind: "path_up", path: { ...path, resolvers: [] } },
      path_down: { kind: "path_down" },
      timeout: { kind: "timeout" },
      "resolver 1 good": { kind: "resolver_answered", round: 7, index: 1, good: true, rttMs: 9 },
      "resolver 1 bad": { kind: "resolver_answered", round: 7, index: 1, good: false },
      "resolver of an old round": { kind: "resolver_answered", round: 6, index: 1, good: true },
      "resolver that was not asked": { kind: "resolver_answered", round: 7, index: 9, good: true },
      "probe good": { kind: "probe_finished", round: 7, good: true },
      "probe bad": { kind: "probe_finished", round: 7, good: false },
    },
    now: NOW,
    describeState: (state) => {
      if (state.kind === "down") return "down";
      const { verdict, against, nextAt } = state;
      const cause = "cause" in verdict ? ` ${verdict.cause}` : "";
      const asked = state.round === undefined ? "" : " asked";
      return `${verdict.kind}${cause}${against > 0 ? ` against ${against}` : ""}${asked} next +${nextAt - NOW}ms`;
    },
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  await expect(table).toMatchFileSnapshot("golden/reach-transitions.txt");
});
