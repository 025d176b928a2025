import { asciiBytes, toHex } from "@passerelle/bytes";
import { type Rng, seedRng } from "@passerelle/machine";
import { formatIpv4, type Mac, parseMac } from "@passerelle/net";
import { type PppEffect, type PppSettings, type PppState, pppSettings } from "../src/index.ts";
import { hex, sayDiscovery, sayPacket } from "./wire.ts";

export const AC = mac("00:00:5e:00:53:01");
export const INTERFACE_IDENTIFIER = hex("0200000000000001");

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`no MAC: ${text}`);
  return parsed;
}

export function rng(seed = 1): Rng {
  return seedRng([seed, 2, 3, 4]);
}

export function settings(changes: Partial<PppSettings> = {}): PppSettings {
  return pppSettings({
    interfaceIdentifier: INTERFACE_IDENTIFIER,
    credentials: { name: asciiBytes("line@isp.test"), secret: asciiBytes("secret") },
    ...changes,
  });
}

/** Settings of a story: `# settings: ipv6=off max=1500 auth=pap window=200 service=internet ac=bras`. */
export function settingsOf(words: readonly string[]): PppSettings {
  const pairs = new Map(words.map((word) => word.split("=") as [string, string]));
  const base = settings();
  const { credentials: _credentials, ...anonymous } = base;
  const acName = pairs.get("ac");
  return {
    ...(pairs.get("auth") === "none" ? anonymous : base),
    methods: pairs.get("auth") === "pap" ? ["pap"] : base.methods,
    ipv4: pairs.get("ipv4") !== "off",
    ipv6: pairs.get("ipv6") !== "off",
    discovery: {
      ...base.discovery,
      serviceName: asciiBytes(pairs.get("service") ?? ""),
      ...(acName === undefined ? {} : { acName }),
      payloadMax: Number(pairs.get("max") ?? base.discovery.payloadMax),
      offerWindow: Number(pairs.get("window") ?? 0) as typeof base.discovery.offerWindow,
    },
  };
}

export function describeState({ phase, trouble }: PppState): string {
  const why =
    trouble === undefined
      ? ""
      : ` ${trouble.code}${trouble.text === undefined ? "" : ` "${trouble.text}"`}`;
  if (!("link" in phase)) return `${phase.kind}${why}`;
  const { lcp, ipcp, ipv6cp } = phase.link;
  const words = [
    phase.kind,
    lcp.negotiation.phase,
    ...(ipcp === undefined ? [] : [`v4:${ipcp.phase}`]),
    ...(ipv6cp === undefined ? [] : [`v6:${ipv6cp.phase}`]),
  ];
  return `${words.join("/")}${why}`;
}

export function describeEffect(effect: PppEffect): string {
  switch (effect.kind) {
    case "send_discovery":
      return `send ${sayDiscovery(effect.payload)} to ${effect.destination}`;
    case "send_packet":
      return `send ${sayPacket(effect.protocol, effect.payload)}`;
    case "remember_session": {
      const { sessionId, up } = effect.session;
      if (up === undefined) return `${effect.kind} ${sessionId}`;
      const v4 = up.ipcp === undefined ? "" : ` v4 ${formatIpv4(up.ipcp.address)}`;
      return `${effect.kind} ${sessionId} up${v4}${up.ipv6cp === undefined ? "" : " v6"}`;
    }
    case "open_channel":
    case "adopt_channel":
      return `${effect.kind} ${effect.session.sessionId}`;
    case "configure_link":
      return `configure_link mtu ${effect.mtu} mru ${effect.mru}`;
    case "configure_ipv4": {
      const { address, peerAddress, resolvers } = effect.ipv4;
      const peer = peerAddress === undefined ? "" : ` peer ${formatIpv4(peerAddress)}`;
      return `configure_ipv4 ${formatIpv4(address)}${peer} dns ${resolvers.map(formatIpv4).join(",")}`;
    }
    case "configure_ipv6": {
      const { interfaceIdentifier, peerInterfaceIdentifier: theirs } = effect.ipv6;
      return `configure_ipv6 ${toHex(interfaceIdentifier)}${theirs === undefined ? "" : ` peer ${toHex(theirs)}`}`;
    }
    default:
      return effect.kind;
  }
}
