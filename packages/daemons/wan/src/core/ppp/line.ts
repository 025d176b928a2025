import type { Rng, Step } from "@passerelle/machine";
import { eui64Host, ipv6Bytes, type Mac } from "@passerelle/net";
import {
  checkPpp,
  type Ipv4Facts,
  initialPpp,
  type PppEffect,
  type PppInput,
  type PppSettings,
  type PppStart,
  type PppState,
  stepPpp,
} from "@passerelle/ppp";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";

/** The session of a line over PPPoE, and what it gave. */
export interface PppLine {
  readonly ppp: PppState;
  /** While IPCP is open. */
  readonly ipv4?: Ipv4Facts & { readonly since: Instant };
  /** IPV6CP is open: routers and DHCPv6 may be asked. */
  readonly ipv6: boolean;
}

/** What the profile and the configuration say of it; the interface identifier comes of the MAC. */
export type PppLineSettings = Omit<PppSettings, "interfaceIdentifier">;

/** What comes in by the line; carrier, timers and people's wishes come from the machine around it. */
export type PppLineInput = Extract<
  PppInput,
  { readonly kind: "discovery_frame" | "packet" | "heard" | "channel_ended" | "channel_failed" }
>;

export function initialPppLine(rng: Rng, start: PppStart = {}): PppLine {
  return { ppp: initialPpp(rng, start), ipv6: false };
}

export function stepPppLine(
  settings: PppLineSettings,
  line: PppLine,
  mac: Mac,
  input: PppInput,
  now: Instant,
): Step<PppLine, PppEffect> {
  const own = { ...settings, interfaceIdentifier: ipv6Bytes(eui64Host(mac)).subarray(8) };
  const step = stepPpp(own, line.ppp, input, now);
  const { phase } = step.state;
  const since = phase.kind === "up" ? (phase.link.upSince ?? now) : now;
  const given = step.effects.reduce((before, effect) => follow(before, effect, since), line);
  return {
    state: step.state === line.ppp && given === line ? line : { ...given, ppp: step.state },
    effects: step.effects,
  };
}

export function checkPppLine({ ppp, ipv4, ipv6 }: PppLine): void {
  checkPpp(ppp);
  const { phase } = ppp;
  const isUp = phase.kind === "up";
  invariant(isUp === (ipv4 !== undefined || ipv6), "a session that is up gave something");
  if (!isUp) return;
  invariant((ipv4 !== undefined) === (phase.link.ipcp?.phase === "opened"), "IPv4 is IPCP's");
  invariant(ipv6 === (phase.link.ipv6cp?.phase === "opened"), "IPv6 is IPV6CP's");
}

/** @param since of the session, which may be older than this life of ours */
function follow(line: PppLine, effect: PppEffect, since: Instant): PppLine {
  switch (effect.kind) {
    case "configure_ipv4":
      return { ...line, ipv4: { ...effect.ipv4, since } };
    case "unconfigure_ipv4": {
      const { ipv4: _, ...rest } = line;
      return rest;
    }
    case "configure_ipv6":
      return { ...line, ipv6: true };
    case "unconfigure_ipv6":
      return { ...line, ipv6: false };
    default:
      return line;
  }
}
