import { parseIpv4, parseMac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { WanConfig } from "./config.ts";
import { ipv6Settings } from "./core/ipv6/settings.ts";
import type { Vlan } from "./core/link.ts";
import { sessionSettings } from "./core/session/settings.ts";
import type { WanSettings } from "./core/step.ts";
import { vlanName } from "./edge/vlan-device.ts";
import { findProfile, type Profile } from "./profile.ts";

/** Configuration and profile, made ready for the machine. */
export function settingsOf(config: WanConfig): WanSettings {
  const profile = profileOf(config);
  const mac = config.mac === "own" ? undefined : parseMac(config.mac);
  const vlan = vlanOf(config);
  const identity = {
    login: config.credentials?.login ?? "",
    password: config.credentials?.password ?? "",
    boxModel: config.boxModel ?? profile.boxModel ?? "",
  };
  const ipv6 = ipv6Settings(profile, identity);
  const { names, probe } = config.health;
  const address = probe === undefined ? undefined : parseIpv4(probe.address);
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(vlan === undefined ? {} : { vlan }),
    session: sessionSettings(profile, {
      ...identity,
      ...(config.hostname === undefined ? {} : { hostname: config.hostname }),
    }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    reach: {
      names,
      ...(probe === undefined || address === undefined ? {} : { probe: { ...probe, address } }),
    },
  };
}

/** The VLAN that the line is to be made on; undefined: the interface carries the operator's network as it is. */
export function vlanOf(config: WanConfig): (Vlan & { readonly name: string }) | undefined {
  const vlan = config.link === "profile" ? profileOf(config).link.vlan : undefined;
  return vlan === undefined ? undefined : { ...vlan, name: vlanName(config.interface, vlan) };
}

/** What the addresses of the line are on. */
export function interfaceOf(config: WanConfig): string {
  return vlanOf(config)?.name ?? config.interface;
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
