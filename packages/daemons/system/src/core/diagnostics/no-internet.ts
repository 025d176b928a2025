import type { Sentence } from "@passerelle/result";
import { conclude, faulty, said, skipped, type Trouble } from "./assistant.ts";
import { type HomeSituation, homeSteps } from "./home-steps.ts";
import type { JobStep } from "./input.ts";

/** What was found out about the line. Undefined: nobody could be asked. */
export interface LineSituation {
  readonly access?: "absent" | "no_carrier" | "up";
  /** The address that the operator gave. */
  readonly address?: string;
  /** Why the home is not online, in the words of the daemon that runs the line. */
  readonly cause?: Trouble;
  /** What our own asking at this moment found; each is undefined where there was nothing to ask. */
  readonly gateway?: { readonly address: string; readonly answers: boolean };
  readonly resolvers: readonly { readonly address: string; readonly answers: boolean }[];
  /** A name of the Internet, asked of our own forwarder as a device of the home asks. */
  readonly name?: "resolves" | "error" | "silent";
  /** The server that the configuration names. */
  readonly server?: { readonly address: string; readonly answers: boolean };
  /** The line's own verdict, where no server was to be asked. */
  readonly reach: "unknown" | "online" | "limited" | "offline";
}

/** The assistant "no Internet": from the cable outwards, then the home. Facts in, steps out. */
export function decideNoInternet(line: LineSituation, home: HomeSituation): readonly JobStep[] {
  const steps = [...lineSteps(line), ...homeSteps(home)];
  return [
    ...steps,
    conclude(
      steps,
      {
        fr: "Tout fonctionne depuis la box : Internet répond.",
        en: "Everything works from the box: the Internet answers.",
      },
      {
        fr: "Si un seul appareil n’a pas Internet, redémarrez-le et vérifiez son Wi-Fi ou son câble.",
        en: "If only one device has no Internet, restart it and check its Wi-Fi or its cable.",
      },
    ),
  ];
}

const LINE_CODES = ["address", "account", "gateway", "resolvers", "name", "server"] as const;
/** Causes that mean: there is an address, and it is no good. */
const ACCOUNT = "refused_parked";
const OVERLAP = "wan_lan_overlap";

function lineSteps(line: LineSituation): readonly JobStep[] {
  const cable = cableStep(line);
  if (cable.verdict !== "ok") return [cable, ...LINE_CODES.map((code) => skipped(code))];
  const address = addressStep(line);
  if (address.verdict !== "ok") {
    return [cable, address, ...LINE_CODES.slice(1).map((code) => skipped(code))];
  }
  const account = accountStep(line);
  if (account.verdict !== "ok") {
    return [cable, address, account, ...LINE_CODES.slice(2).map((code) => skipped(code))];
  }
  return [
    cable,
    address,
    account,
    gatewayStep(line),
    resolversStep(line),
    nameStep(line),
    serverStep(line),
  ];
}

function cableStep({ access, cause }: LineSituation): JobStep {
  if (access === undefined) return said("cable", "warning", LINE_SERVICE_SILENT, RESTART_BOX);
  switch (access) {
    case "absent":
      return faulty("cable", cause ?? { text: NO_PORT });
    case "no_carrier":
      return faulty("cable", cause ?? { text: NO_SIGNAL, next: CHECK_CABLE });
    case "up":
      return said("cable", "ok", {
        fr: "Le câble vers l’opérateur a un signal.",
        en: "The cable towards the operator has a signal.",
      });
  }
}

function addressStep({ address, cause }: LineSituation): JobStep {
  if (address !== undefined && cause?.code !== OVERLAP) {
    return said("address", "ok", {
      fr: `L’opérateur a donné une adresse : ${address}.`,
      en: `The operator gave an address: ${address}.`,
    });
  }
  if (cause !== undefined && cause.code !== "connecting") return faulty("address", cause);
  return said(
    "address",
    "warning",
    {
      fr: "La box attend une adresse de l’opérateur.",
      en: "The box is waiting for an address from the operator.",
    },
    {
      fr: "Attendez une minute, puis recommencez ce test.",
      en: "Wait a minute, then run this test again.",
    },
  );
}

function accountStep({ cause }: LineSituation): JobStep {
  return cause?.code === ACCOUNT
    ? faulty("account", cause)
    : said("account", "ok", {
        fr: "L’opérateur reconnaît votre ligne.",
        en: "The operator recognises your line.",
      });
}

function gatewayStep({ gateway, resolvers, server }: LineSituation): JobStep {
  if (gateway === undefined) {
    return skipped("gateway", {
      fr: "L’opérateur n’a pas indiqué d’équipement d’accès.",
      en: "The operator named no access equipment.",
    });
  }
  const { address, answers } = gateway;
  if (answers) {
    return said("gateway", "ok", {
      fr: `L’équipement de l’opérateur (${address}) répond.`,
      en: `The operator's equipment (${address}) answers.`,
    });
  }
  // Many operators' equipment answers nobody; what lies behind it tells whether it works.
  const passes = server?.answers === true || resolvers.some((one) => one.answers);
  if (passes) {
    return said("gateway", "ok", {
      fr: `L’équipement de l’opérateur (${address}) ne répond pas à ce test, mais laisse passer.`,
      en: `The operator's equipment (${address}) does not answer this test, but lets traffic pass.`,
    });
  }
  return said(
    "gateway",
    "fault",
    {
      fr: `L’équipement de l’opérateur (${address}) ne répond pas, et rien derrière lui non plus.`,
      en: `The operator's equipment (${address}) does not answer, nor does anything behind it.`,
    },
    CALL_OPERATOR,
  );
}

function resolversStep({ resolvers }: LineSituation): JobStep {
  if (resolvers.length === 0) {
    return said(
      "resolvers",
      "fault",
      {
        fr: "L’opérateur n’a donné aucun serveur de noms.",
        en: "The operator gave no name server.",
      },
      OTHER_RESOLVERS,
    );
  }
  const silent = resolvers.filter((one) => !one.answers).map((one) => one.address);
  if (silent.length === 0) {
    return said("resolvers", "ok", {
      fr: "Les serveurs de noms de l’opérateur répondent.",
      en: "The operator's name servers answer.",
    });
  }
  const which = silent.join(", ");
  const text = {
    fr:
      silent.length === 1
        ? `Le serveur de noms ${which} de l’opérateur ne répond pas.`
        : `Les serveurs de noms ${which} de l’opérateur ne répondent pas.`,
    en:
      silent.length === 1
        ? `The operator's name server ${which} does not answer.`
        : `The operator's name servers ${which} do not answer.`,
  };
  const isAll = silent.length === resolvers.length;
  return said("resolvers", isAll ? "fault" : "warning", text, isAll ? OTHER_RESOLVERS : undefined);
}

function nameStep({ name, resolvers }: LineSituation): JobStep {
  if (name === undefined) return skipped("name", NOTHING_TO_ASK);
  if (name === "resolves") {
    return said("name", "ok", {
      fr: "La box trouve les noms d’Internet.",
      en: "The box finds names of the Internet.",
    });
  }
  const upstreamWorks = resolvers.some((one) => one.answers);
  const text =
    name === "silent"
      ? {
          fr: "Le service de noms de la box ne répond pas.",
          en: "The box's own name service does not answer.",
        }
      : {
          fr: "La box ne trouve pas les noms d’Internet.",
          en: "The box does not find names of the Internet.",
        };
  return said("name", "fault", text, upstreamWorks ? RESTART_BOX : OTHER_RESOLVERS);
}

function serverStep({ server, reach }: LineSituation): JobStep {
  const answers = server?.answers ?? (reach === "unknown" ? undefined : reach === "online");
  if (answers === undefined) return skipped("server", NOTHING_TO_ASK);
  if (answers) {
    return said("server", "ok", {
      fr: "Un serveur d’Internet répond.",
      en: "A server on the Internet answers.",
    });
  }
  return said(
    "server",
    "fault",
    {
      fr: "Aucun serveur d’Internet ne répond.",
      en: "No server on the Internet answers.",
    },
    CALL_OPERATOR,
  );
}

const RESTART_BOX: Sentence = {
  fr: "Redémarrez la box. Si cela dure, envoyez le rapport d’assistance.",
  en: "Restart the box. If it lasts, send the support report.",
};
const CALL_OPERATOR: Sentence = {
  fr: "Si cela dure, redémarrez le boîtier fibre ou le modem, puis appelez votre opérateur.",
  en: "If it lasts, restart the fibre terminal or the modem, then call your operator.",
};
const OTHER_RESOLVERS: Sentence = {
  fr: "Attendez quelques minutes, ou choisissez d’autres serveurs de noms dans les réglages.",
  en: "Wait some minutes, or choose other name servers in the settings.",
};
const LINE_SERVICE_SILENT: Sentence = {
  fr: "Le service qui gère la ligne ne répond pas.",
  en: "The service that runs the line does not answer.",
};
const NO_PORT: Sentence = {
  fr: "Le port qui mène à l’opérateur n’existe pas.",
  en: "The port towards the operator does not exist.",
};
const NO_SIGNAL: Sentence = {
  fr: "Aucun signal sur le câble qui mène à l’opérateur.",
  en: "There is no signal on the cable towards the operator.",
};
const CHECK_CABLE: Sentence = {
  fr: "Vérifiez le câble et que le boîtier fibre ou le modem est allumé.",
  en: "Check the cable, and that the fibre terminal or the modem is on.",
};
const NOTHING_TO_ASK: Sentence = {
  fr: "Non testé : la configuration n’indique rien à essayer.",
  en: "Not tried: the configuration names nothing to try.",
};
