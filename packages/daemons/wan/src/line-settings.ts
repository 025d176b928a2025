import { parseIpv4, parseMac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { WanConfig } from "./config.ts";
import { ipv6Settings } from "./core/ipv6/settings.ts";
import type { Vlan } from "./core/link.ts";
import { pppLineSettings } from "./core/ppp/settings.ts";
import { type LineIdentity, sessionSettings } from "./core/session/settings.ts";
import { followingModem, framingOf, type LineRates, type ShapingSettings } from "./core/shaping.ts";
import type { DhcpLineSettings, PppoeLineSettings, WanSettings } from "./core/step.ts";
import { PPP_NAME } from "./edge/ppp-session.ts";
import { vlanName } from "./edge/vlan-device.ts";
import { findProfile, type Profile } from "./profile.ts";

/** Configuration and profile, made ready for the machine. */
export function settingsOf(config: WanConfig): WanSettings {
  const profile = profileOf(config);
  const mac = config.mac === "own" ? undefined : parseMac(config.mac);
  const vlan = vlanOf(config);
  const credentials = config.credentials ?? profile.pppoe?.credentials;
  const identity = {
    login: credentials?.login ?? "",
    password: credentials?.password ?? "",
    boxModel: config.boxModel ?? profile.boxModel ?? "",
  };
  const ipv6 = ipv6Settings(profile, identity);
  const { names, probe } = config.health;
  const address = probe === undefined ? undefined : parseIpv4(probe.address);
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(vlan === undefined ? {} : { vlan }),
    ...sessionOf(profile, config, identity),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    reach: {
      names,
      ...(probe === undefined || address === undefined ? {} : { probe: { ...probe, address } }),
    },
  };
}

function sessionOf(
  profile: Profile,
  { hostname }: WanConfig,
  identity: Omit<LineIdentity, "hostname">,
): DhcpLineSettings | PppoeLineSettings {
  const { dhcp, pppoe, ipv6 } = profile;
  if (pppoe !== undefined) return { ppp: pppLineSettings(pppoe, identity, ipv6 !== undefined) };
  invariant(dhcp !== undefined, "a profile has DHCP or PPPoE");
  const named = hostname === undefined ? identity : { ...identity, hostname };
  return { session: sessionSettings({ ...profile, dhcp }, named) };
}

/** The VLAN that the line is to be made on; undefined: the interface carries the operator's network as it is. */
export function vlanOf(config: WanConfig): (Vlan & { readonly name: string }) | undefined {
  const vlan = config.link === "profile" ? profileOf(config).link.vlan : undefined;
  return vlan === undefined ? undefined : { ...vlan, name: vlanName(config.interface, vlan) };
}

/** What carries the session. */
export function carrierOf(config: WanConfig): string {
  return vlanOf(config)?.name ?? config.interface;
}

/** What the addresses of the line are on. */
export function interfaceOf(config: WanConfig): string {
  return isOverPpp(config) ? PPP_NAME : carrierOf(config);
}

/** Undefined: the line is not bounded; "later": its modem has not said its rates. */
export function shapingOf(
  config: WanConfig,
  rates?: LineRates,
): ShapingSettings | "later" | undefined {
  const { shaping } = config;
  if (shaping === undefined) return undefined;
  const lower = { vlan: vlanOf(config) !== undefined, pppoe: isOverPpp(config) };
  if ("follow" in shaping) return rates === undefined ? "later" : followingModem(rates, lower);
  return { ...shaping, framing: framingOf(lower, rates?.tc) };
}

export function isOverPpp(config: WanConfig): boolean {
  return profileOf(config).pppoe !== undefined;
}

/** True where the operator has IPv6. */
export function hasIpv6(config: WanConfig): boolean {
  return profileOf(config).ipv6 !== undefined;
}

function profileOf({ profile: id }: WanConfig): Profile {
  const profile = findProfile(id);
  invariant(profile !== undefined, "validate has seen the profile");
  return profile;
}
