import type { PppCause } from "@passerelle/ppp";
import type { Fault } from "@passerelle/result";
import type { PppLine } from "./line.ts";

/** Why a line over PPPoE has no IPv4. */
export function pppCause({ ppp }: PppLine): PppCause | "connecting" {
  if (ppp.phase.kind !== "up") return ppp.trouble?.code ?? "connecting";
  // IPv6 is there. IPCP has been refused, or has not come to its end.
  const phase = ppp.phase.link.ipcp?.phase;
  const isOver = phase === undefined || phase === "closed" || phase === "stopped";
  return isOver ? "no_ip" : "connecting";
}

const CALL_OPERATOR = {
  fr: "La passerelle essaie encore. Si cela dure, appelez votre opérateur.",
  en: "The gateway tries again. If it lasts, call your operator.",
};

const CHECK_LOGIN = {
  fr: "Vérifiez l’identifiant et le mot de passe du courrier de votre opérateur.",
  en: "Check the login and the password of your operator’s letter.",
};

export const PPP_SENTENCES: Readonly<Record<PppCause, Omit<Fault, "code">>> = {
  no_access_server: {
    text: {
      fr: "Aucun concentrateur de l’opérateur ne répond sur cette ligne.",
      en: "No concentrator of the operator answers on this line.",
    },
    next: {
      fr: "Vérifiez le profil d’opérateur et son VLAN dans les réglages, puis le modem.",
      en: "Check the operator profile and its VLAN in the settings, then the modem.",
    },
  },
  no_session: {
    text: {
      fr: "Le concentrateur de l’opérateur s’annonce, mais n’ouvre pas de session.",
      en: "The operator’s concentrator offers itself, but opens no session.",
    },
    next: CALL_OPERATOR,
  },
  service_name_error: {
    text: {
      fr: "Le concentrateur de l’opérateur n’a pas le service demandé.",
      en: "The operator’s concentrator does not have the service that was asked for.",
    },
    next: {
      fr: "Vérifiez le profil d’opérateur dans les réglages.",
      en: "Check the operator profile in the settings.",
    },
  },
  ac_system_error: {
    text: {
      fr: "Le concentrateur de l’opérateur est en panne ou n’a plus de place.",
      en: "The operator’s concentrator has failed, or is full.",
    },
    next: CALL_OPERATOR,
  },
  generic_error: {
    text: {
      fr: "Le concentrateur de l’opérateur refuse d’ouvrir une session.",
      en: "The operator’s concentrator refuses to open a session.",
    },
    next: CALL_OPERATOR,
  },
  lcp_timeout: {
    text: {
      fr: "La session s’ouvre, mais l’opérateur ne la négocie pas.",
      en: "The session opens, but the operator does not negotiate it.",
    },
    next: CALL_OPERATOR,
  },
  lcp_refused: {
    text: {
      fr: "La passerelle et l’opérateur ne s’accordent pas sur la session.",
      en: "The gateway and the operator do not agree on the session.",
    },
    next: CALL_OPERATOR,
  },
  lcp_looped: {
    text: {
      fr: "La ligne renvoie à la passerelle ce qu’elle envoie : elle boucle.",
      en: "The line sends back what the gateway sends: it is looped.",
    },
    next: CALL_OPERATOR,
  },
  auth_method: {
    text: {
      fr: "L’opérateur demande une façon de s’identifier que la passerelle n’a pas.",
      en: "The operator asks for a way to log in that the gateway does not have.",
    },
    next: {
      fr: "Vérifiez le profil d’opérateur dans les réglages.",
      en: "Check the operator profile in the settings.",
    },
  },
  auth_failed: {
    text: {
      fr: "L’opérateur refuse l’identifiant ou le mot de passe.",
      en: "The operator refuses the login or the password.",
    },
    next: CHECK_LOGIN,
  },
  auth_timeout: {
    text: {
      fr: "L’opérateur ne dit pas s’il accepte l’identifiant et le mot de passe.",
      en: "The operator does not say whether it accepts the login and the password.",
    },
    next: CALL_OPERATOR,
  },
  no_ip: {
    text: {
      fr: "La session est ouverte, mais l’opérateur ne donne pas d’adresse.",
      en: "The session is open, but the operator gives no address.",
    },
    next: CALL_OPERATOR,
  },
  peer_dead: {
    text: {
      fr: "Le concentrateur de l’opérateur ne répondait plus.",
      en: "The operator’s concentrator did not answer any more.",
    },
    next: CALL_OPERATOR,
  },
  closed_by_isp: {
    text: {
      fr: "L’opérateur a fermé la session.",
      en: "The operator closed the session.",
    },
    next: CALL_OPERATOR,
  },
  no_kernel_ppp: {
    text: {
      fr: "Ce système n’a pas pu porter la session PPPoE.",
      en: "This system could not carry the PPPoE session.",
    },
    next: {
      fr: "Utilisez un noyau qui connaît PPPoE (modules pppoe et ppp_generic).",
      en: "Use a kernel that knows PPPoE (modules pppoe and ppp_generic).",
    },
  },
};
