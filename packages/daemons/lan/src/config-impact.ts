import type { SectionImpact } from "@passerelle/contract";
import type { LanConfig, LanNetworkConfig } from "./config.ts";
import { defaultIpv6Config } from "./config-ipv6.ts";

/** What a change of this section does to people. */
export function lanImpact(before: LanConfig, after: LanConfig): readonly SectionImpact[] {
  const impacts: SectionImpact[] = [];
  for (const old of before.networks) {
    const now = after.networks.find((network) => network.name === old.name);
    if (now === undefined) impacts.push(removed(old));
    else impacts.push(...changed(old, now));
  }
  if (!same(before.reservations, after.reservations)) {
    impacts.push({
      severity: "devices_reconnect",
      text: {
        fr: "Les appareils dont l'adresse réservée change prennent la nouvelle à leur prochain renouvellement.",
        en: "Devices whose reserved address changes take the new one when they next renew.",
      },
    });
  }
  if (!same(before.dns, after.dns)) {
    impacts.push({
      severity: "none",
      text: {
        fr: "Les noms sont résolus selon les nouveaux réglages, sans coupure.",
        en: "Names are resolved by the new settings, without interruption.",
      },
    });
  }
  if (!same(before.ipv6 ?? defaultIpv6Config, after.ipv6 ?? defaultIpv6Config)) {
    impacts.push({
      severity: "devices_reconnect",
      text: {
        fr: "Les appareils changent d'adresses IPv6 ; leurs connexions par IPv6 s'interrompent.",
        en: "Devices change their IPv6 addresses; their connections by IPv6 break.",
      },
    });
  }
  return impacts;
}

function changed(old: LanNetworkConfig, now: LanNetworkConfig): readonly SectionImpact[] {
  if (old.address !== now.address || old.bridge !== now.bridge) {
    return [
      {
        severity: "may_cut_you_off",
        text: {
          fr: `L'adresse de la passerelle dans « ${now.name} » devient ${now.address} : les appareils suivent d'eux-mêmes à leur prochain renouvellement, et cette page change d'adresse.`,
          en: `The gateway's address in "${now.name}" becomes ${now.address}: devices follow by themselves when they next renew, and this page moves.`,
        },
      },
    ];
  }
  const impacts: SectionImpact[] = [];
  if (!same(old.ports, now.ports) || old.zone !== now.zone) {
    impacts.push({
      severity: "may_cut_you_off",
      text: {
        fr: `Les prises de « ${now.name} » changent : un appareil branché sur une prise retirée perd le réseau.`,
        en: `The ports of "${now.name}" change: a device on a port that leaves loses the network.`,
      },
    });
  }
  if (old.dhcp.enabled && !now.dhcp.enabled) {
    impacts.push({
      severity: "devices_reconnect",
      text: {
        fr: `« ${now.name} » ne donne plus d'adresses : chaque appareil aura besoin d'une adresse fixe.`,
        en: `"${now.name}" gives no more addresses: every device will need a fixed one.`,
      },
    });
  } else if (!same(old.dhcp, now.dhcp)) {
    impacts.push({
      severity: "devices_reconnect",
      text: {
        fr: `Les appareils de « ${now.name} » suivent les nouveaux réglages à leur prochain renouvellement.`,
        en: `Devices of "${now.name}" follow the new settings when they next renew.`,
      },
    });
  }
  return impacts;
}

function removed(old: LanNetworkConfig): SectionImpact {
  return {
    severity: old.zone === "lan" ? "may_cut_you_off" : "devices_reconnect",
    text: {
      fr: `Le réseau « ${old.name} » disparaît, avec tous ses appareils.`,
      en: `The network "${old.name}" goes away, with all its devices.`,
    },
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
