import type { Fault } from "@passerelle/result";
import type { LineState } from "@passerelle/xdsl";
import type { DslFailure, DslFailureReason, DslWord } from "./state.ts";

/** Why a line over DSL is not up. */
export type DslCause = "dsl_disabled" | "dsl_no_signal" | "dsl_training" | "dsl_error";

/** Undefined: the wires are not what is wrong, or we do not know. */
export function dslCause(word: DslWord): DslCause | undefined {
  switch (word) {
    case "disabled":
    case "no_signal":
    case "error":
      return `dsl_${word}`;
    case "handshake":
    case "training":
    case "showtime_no_tc":
      return "dsl_training";
    case "up":
    case "resync":
    case "unknown":
    case "asking":
    case "unreachable":
      return undefined;
  }
}

/** @param raw the modem's own word */
export function dslFault(state: LineState, raw: string): Fault | undefined {
  const code = dslCause(state);
  return code === undefined ? undefined : { code, ...DSL_SENTENCES[code], raw };
}

export function failureFault({ reason, text }: DslFailure): Fault {
  return { ...FAILURES[reason], ...(text === "" ? {} : { raw: text.slice(0, 200) }) };
}

/** What was asked of a modem that is not there. */
export const NO_MODEM: Fault = {
  code: "dsl_no_modem",
  text: {
    fr: "Aucun modem n’est réglé pour cette ligne.",
    en: "No modem is set for this line.",
  },
  next: {
    fr: "Choisissez le modem dans les réglages de la ligne.",
    en: "Choose the modem in the settings of the line.",
  },
};

export const DSL_SENTENCES: Readonly<Record<DslCause, Omit<Fault, "code">>> = {
  dsl_disabled: {
    text: {
      fr: "La ligne DSL est éteinte dans le modem.",
      en: "The DSL line is off in the modem.",
    },
    next: {
      fr: "Rallumez la ligne dans les réglages du modem.",
      en: "Turn the line on in the settings of the modem.",
    },
  },
  dsl_no_signal: {
    text: {
      fr: "Le modem ne reçoit aucun signal DSL de l’opérateur.",
      en: "The modem gets no DSL signal from the operator.",
    },
    next: {
      fr: "Vérifiez le câble entre le modem et la prise téléphonique, et le filtre. Si cela dure, appelez votre opérateur.",
      en: "Check the cable between the modem and the telephone socket, and the filter. If it lasts, call your operator.",
    },
  },
  dsl_training: {
    text: {
      fr: "La ligne DSL se synchronise.",
      en: "The DSL line is being synchronised.",
    },
    next: {
      fr: "Cela prend une à trois minutes.",
      en: "It takes one to three minutes.",
    },
  },
  dsl_error: {
    text: {
      fr: "Le modem signale une panne de la ligne DSL.",
      en: "The modem reports a failure of the DSL line.",
    },
    next: {
      fr: "Redémarrez le modem. Si cela dure, appelez votre opérateur.",
      en: "Restart the modem. If it lasts, call your operator.",
    },
  },
};

const CHECK_SETTINGS = {
  fr: "Vérifiez le modem et son adresse dans les réglages de la ligne.",
  en: "Check the modem and its address in the settings of the line.",
};

const FAILURES: Readonly<Record<DslFailureReason, Fault>> = {
  unreachable: {
    code: "dsl_unreachable",
    text: { fr: "Le modem ne répond pas.", en: "The modem does not answer." },
    next: CHECK_SETTINGS,
  },
  login_refused: {
    code: "dsl_login_refused",
    text: {
      fr: "Le modem refuse l’identifiant ou le mot de passe.",
      en: "The modem refuses the login or the password.",
    },
    next: {
      fr: "Corrigez-les dans les réglages de la ligne.",
      en: "Correct them in the settings of the line.",
    },
  },
  not_understood: {
    code: "dsl_not_understood",
    text: {
      fr: "La réponse du modem n’est pas celle d’un modem de ce type.",
      en: "The modem does not answer as a modem of this kind does.",
    },
    next: CHECK_SETTINGS,
  },
  not_at_home: {
    code: "dsl_not_at_home",
    text: {
      fr: "Aucun réseau de la box ne mène au modem : la question irait chez l’opérateur, donc elle n’est pas posée.",
      en: "No network of the box leads to the modem: the question would go to the operator, so it is not asked.",
    },
    next: {
      fr: "Donnez à la box, dans les réglages de la ligne, une adresse dans le réseau du modem.",
      en: "Give the box an address in the modem’s network, in the settings of the line.",
    },
  },
  network_taken: {
    code: "dsl_network_taken",
    text: {
      fr: "Le modem et la maison ont le même réseau : la box ne peut pas les distinguer.",
      en: "The modem and the home have the same network: the box cannot tell them apart.",
    },
    next: {
      fr: "Changez l’adresse de la box à la maison, ou celle du modem.",
      en: "Change the address of the box at home, or that of the modem.",
    },
  },
  unsupported: {
    code: "dsl_unsupported",
    text: {
      fr: "Ce modem ne sait pas faire cela.",
      en: "This modem cannot do that.",
    },
  },
};
