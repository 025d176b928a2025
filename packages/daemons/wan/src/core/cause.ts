import { overlaps4 } from "@passerelle/net";
import type { PppCause } from "@passerelle/ppp";
import type { Fault } from "@passerelle/result";
import type { Dhcpv6State } from "./dhcpv6/state.ts";
import { DSL_SENTENCES, type DslCause, dslCause } from "./dsl/cause.ts";
import { ipv4Of } from "./ipv4.ts";
import { PPP_SENTENCES, pppCause } from "./ppp/cause.ts";
import type { WanMachineState } from "./state.ts";

/** Why the home is not online, the most telling first. Codes are stable. */
export type CauseCode =
  | "no_interface"
  | "no_carrier"
  | "vlan_refused"
  | "connecting"
  | "no_answer"
  | "offer_unusable"
  | "address_conflict"
  | "refused_nak"
  | "refused_parked"
  | "wan_lan_overlap"
  | "no_resolver"
  | "no_internet"
  | DslCause
  | PppCause;

/** Undefined: the home is online. */
export function causeOf(state: WanMachineState): CauseCode | undefined {
  const { access, link, ppp, reach, lanNetworks } = state;
  if (access.kind === "absent") return "no_interface";
  if (access.kind === "no_carrier") return "no_carrier";
  if (link.phase.kind === "configuring" && link.phase.refused) return "vlan_refused";
  const ipv4 = ipv4Of(state);
  // Who is online is, whatever a modem says.
  const isOnline = reach.kind === "watching" && reach.verdict.kind === "online";
  const wires = isOnline || state.dsl === undefined ? undefined : dslCause(state.dsl);
  if (wires !== undefined) return wires;
  if (ipv4 === undefined) return ppp === undefined ? sessionCause(state) : pppCause(ppp);
  if (lanNetworks.some((lan) => overlaps4(lan, ipv4))) return "wan_lan_overlap";
  if (state.parked) return "refused_parked";
  if (reach.kind === "down" || reach.verdict.kind === "unknown") return "connecting";
  return reach.verdict.kind === "online" ? undefined : reach.verdict.cause;
}

function sessionCause({ session }: WanMachineState): CauseCode {
  const { trouble } = session;
  if (trouble === undefined) return "connecting";
  switch (trouble) {
    case "silence":
      return "no_answer";
    case "nak":
      return "refused_nak";
    case "conflict":
      return "address_conflict";
    case "overlaps_lan":
      return "wan_lan_overlap";
    case "unusable_offer":
      return "offer_unusable";
  }
}

/** Why IPv6 is not all that it should be. It is told beside the line's own cause: the home may well be online by IPv4. */
export function faultOf6(trouble: NonNullable<Dhcpv6State["trouble"]>): Fault {
  return { code: `ipv6_${trouble}`, ...SENTENCES6[trouble] };
}

/** @param raw what the operator's side said about it: hostile text, for the expert page */
export function faultOf(code: CauseCode, raw?: string): Fault {
  return { code, ...SENTENCES[code], ...(raw === undefined ? {} : { raw }) };
}

const CALL_OPERATOR = {
  fr: "Si cela dure, redémarrez le boîtier fibre ou le modem, puis appelez votre opérateur.",
  en: "If it lasts, restart the fibre terminal or the modem, then call your operator.",
};

const SENTENCES: Readonly<Record<CauseCode, Omit<Fault, "code">>> = {
  ...PPP_SENTENCES,
  ...DSL_SENTENCES,
  no_interface: {
    text: {
      fr: "Le port qui mène à l’opérateur n’existe pas.",
      en: "The port towards the operator does not exist.",
    },
    next: {
      fr: "Vérifiez dans les réglages quel port est relié à l’opérateur.",
      en: "Check in the settings which port leads to the operator.",
    },
  },
  no_carrier: {
    text: {
      fr: "Aucun signal sur le câble qui mène à l’opérateur.",
      en: "There is no signal on the cable towards the operator.",
    },
    next: {
      fr: "Vérifiez le câble et que le boîtier fibre ou le modem est allumé.",
      en: "Check the cable, and that the fibre terminal or the modem is on.",
    },
  },
  vlan_refused: {
    text: {
      fr: "Ce système ne sait pas créer le VLAN que demande l’opérateur.",
      en: "This system cannot make the VLAN that the operator asks for.",
    },
    next: {
      fr: "Utilisez une interface qui porte déjà ce VLAN et choisissez « sans étiquette », ou un noyau qui connaît les VLAN (8021q).",
      en: "Use an interface that carries this VLAN already and choose “untagged”, or a kernel that knows VLANs (8021q).",
    },
  },
  connecting: {
    text: { fr: "Connexion en cours.", en: "Connecting." },
  },
  no_answer: {
    text: {
      fr: "Le réseau de l’opérateur ne répond pas.",
      en: "The operator’s network does not answer.",
    },
    next: {
      fr: "Vérifiez le profil d’opérateur dans les réglages. Après un changement de box, l’attente peut durer quelques minutes.",
      en: "Check the operator profile in the settings. After a change of box it can take some minutes.",
    },
  },
  offer_unusable: {
    text: {
      fr: "Le réseau répond par une adresse inutilisable.",
      en: "The network answers with an address that cannot be used.",
    },
    next: CALL_OPERATOR,
  },
  address_conflict: {
    text: {
      fr: "L’adresse donnée par l’opérateur est déjà utilisée par un autre appareil.",
      en: "Another device already uses the address that the operator gave.",
    },
    next: CALL_OPERATOR,
  },
  refused_nak: {
    text: {
      fr: "L’opérateur refuse de donner une adresse.",
      en: "The operator refuses to give an address.",
    },
    next: CALL_OPERATOR,
  },
  refused_parked: {
    text: {
      fr: "L’opérateur n’a pas reconnu vos identifiants : il a donné une adresse sans accès à Internet.",
      en: "The operator did not recognise your identifiers: it gave an address without Internet access.",
    },
    next: {
      fr: "Vérifiez l’identifiant et le mot de passe du courrier de votre opérateur, et l’adresse MAC de son ancienne box.",
      en: "Check the login and the password of your operator’s letter, and the MAC address of its former box.",
    },
  },
  wan_lan_overlap: {
    text: {
      fr: "Le réseau de l’opérateur et celui de la maison utilisent les mêmes adresses.",
      en: "The operator’s network and the home network use the same addresses.",
    },
    next: {
      fr: "Donnez une autre plage d’adresses au réseau de la maison, par exemple 192.168.77.1/24.",
      en: "Give the home network another range of addresses, for example 192.168.77.1/24.",
    },
  },
  no_resolver: {
    text: {
      fr: "L’adresse est là, mais les serveurs de noms de l’opérateur ne répondent pas.",
      en: "There is an address, but the operator’s name servers do not answer.",
    },
    next: {
      fr: "Attendez quelques minutes, ou choisissez d’autres serveurs de noms dans les réglages.",
      en: "Wait some minutes, or choose other name servers in the settings.",
    },
  },
  no_internet: {
    text: {
      fr: "L’adresse est là, mais Internet ne répond pas.",
      en: "There is an address, but the Internet does not answer.",
    },
    next: CALL_OPERATOR,
  },
};

const SENTENCES6: Readonly<Record<NonNullable<Dhcpv6State["trouble"]>, Omit<Fault, "code">>> = {
  silence: {
    text: {
      fr: "L’opérateur ne répond pas à la demande de préfixe IPv6.",
      en: "The operator does not answer the request for an IPv6 prefix.",
    },
    next: {
      fr: "Internet fonctionne en IPv4. Vérifiez le profil d’opérateur dans les réglages.",
      en: "The Internet works by IPv4. Check the operator profile in the settings.",
    },
  },
  no_prefix: {
    text: {
      fr: "L’opérateur ne donne pas de préfixe IPv6.",
      en: "The operator gives no IPv6 prefix.",
    },
    next: CALL_OPERATOR,
  },
  no_address: {
    text: {
      fr: "L’opérateur ne donne pas d’adresse IPv6 à la ligne.",
      en: "The operator gives the line no IPv6 address.",
    },
    next: CALL_OPERATOR,
  },
  not_on_link: {
    text: {
      fr: "L’opérateur ne reconnaît plus l’adresse IPv6 de la ligne.",
      en: "The operator no longer recognises the line’s IPv6 address.",
    },
  },
  unspecified: {
    text: {
      fr: "L’opérateur refuse la demande de préfixe IPv6 sans dire pourquoi.",
      en: "The operator refuses the request for an IPv6 prefix without a reason.",
    },
    next: CALL_OPERATOR,
  },
  prefix_too_small: {
    text: {
      fr: "Le préfixe IPv6 de l’opérateur est trop petit pour le réseau de la maison.",
      en: "The operator’s IPv6 prefix is too small for the home network.",
    },
    next: CALL_OPERATOR,
  },
};
