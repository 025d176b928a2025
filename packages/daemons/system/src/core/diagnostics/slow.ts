import type { Sentence } from "@passerelle/result";
import { conclude, faulty, said, skipped, type Trouble } from "./assistant.ts";
import type { JobStep } from "./input.ts";
import type { PingSummary } from "./ping.ts";
import { plain } from "./plain.ts";

/** What was found out for "it is slow". Undefined: it could not be measured. */
export interface SlowSituation {
  /** Why the home is not online. */
  readonly cause?: Trouble;
  /** 20 questions to the operator's first equipment, or to its resolver. */
  readonly ping?: PingSummary;
  /** Milliseconds until the operator's resolver answers, now and as the mean of the last hour. */
  readonly latency?: { readonly nowMs: number; readonly hourMs?: number };
  /** Who uses the line at this moment, bit/s, the greediest first. */
  readonly users: readonly { readonly name: string; readonly down: number; readonly up: number }[];
  /** Share of all processors of the box that work. */
  readonly cpu?: number;
  /** Of the interface towards the operator, since boot and during this test. */
  readonly line?: { readonly packets: number; readonly errors: number; readonly newErrors: number };
}

/** The assistant "slow": the line, who uses it, the box. Facts in, steps out. */
export function decideSlow(situation: SlowSituation): readonly JobStep[] {
  const { cause } = situation;
  const line =
    cause === undefined
      ? [onlineStep(), lossStep(situation), latencyStep(situation), usersStep(situation)]
      : [faulty("line", cause), ...["loss", "latency", "users"].map((code) => skipped(code))];
  const steps = [...line, cpuStep(situation), errorsStep(situation)];
  return [
    ...steps,
    conclude(
      steps,
      {
        fr: "La ligne et la box vont bien en ce moment.",
        en: "The line and the box are well at this moment.",
      },
      {
        fr: "Si un seul appareil est lent, rapprochez-le du Wi-Fi ou essayez un câble.",
        en: "If only one device is slow, move it closer to the Wi-Fi or try a cable.",
      },
    ),
  ];
}

function onlineStep(): JobStep {
  return said("line", "ok", { fr: "La ligne est connectée.", en: "The line is connected." });
}

function lossStep({ ping }: SlowSituation): JobStep {
  if (ping === undefined || ping.received === 0) {
    return skipped("loss", {
      fr: "L’équipement de l’opérateur ne répond pas à ce test : les pertes ne se mesurent pas.",
      en: "The operator's equipment does not answer this test: loss cannot be measured.",
    });
  }
  const lost = ping.sent - ping.received;
  if (lost === 0) {
    return said("loss", "ok", {
      fr: `Aucune perte sur ${ping.sent} envois.`,
      en: `Nothing lost of ${ping.sent} packets.`,
    });
  }
  return said(
    "loss",
    lost > ping.sent * LOSS_BAD ? "fault" : "warning",
    {
      fr: `${lost} envois sur ${ping.sent} se sont perdus sur la ligne.`,
      en: `${lost} of ${ping.sent} packets were lost on the line.`,
    },
    {
      fr: "Vérifiez le câble vers le boîtier fibre ou le modem. Si cela dure, appelez votre opérateur.",
      en: "Check the cable to the fibre terminal or the modem. If it lasts, call your operator.",
    },
  );
}

function latencyStep({ latency }: SlowSituation): JobStep {
  if (latency === undefined) return skipped("latency", NOT_MEASURED);
  const { nowMs, hourMs } = latency;
  const now = Math.max(1, Math.round(nowMs));
  const compared = {
    fr:
      hourMs === undefined
        ? ""
        : `, contre ${Math.max(1, Math.round(hourMs))} ms dans l’heure passée`,
    en:
      hourMs === undefined
        ? ""
        : `, against ${Math.max(1, Math.round(hourMs))} ms over the last hour`,
  };
  const usual = hourMs === undefined ? LATENCY_HIGH : Math.max(hourMs * 3, hourMs + LATENCY_RISE);
  if (nowMs <= usual) {
    return said("latency", "ok", {
      fr: `La ligne répond en ${now} ms${compared.fr}.`,
      en: `The line answers in ${now} ms${compared.en}.`,
    });
  }
  return said(
    "latency",
    "warning",
    {
      fr: `La ligne répond lentement : ${now} ms${compared.fr}.`,
      en: `The line answers slowly: ${now} ms${compared.en}.`,
    },
    {
      fr: "Regardez qui utilise la ligne : un gros envoi ralentit tout le monde.",
      en: "Look at who uses the line: one large transfer slows everybody down.",
    },
  );
}

function usersStep({ users }: SlowSituation): JobStep {
  const [first] = users;
  const total = users.reduce((sum, user) => sum + user.down + user.up, 0);
  if (first === undefined || total < QUIET) {
    return said("users", "ok", {
      fr: "Presque personne n’utilise la ligne en ce moment.",
      en: "Hardly anybody uses the line at this moment.",
    });
  }
  const name = plain(first.name, 63);
  const rates = {
    fr: `${megabits(first.down)} Mbit/s en réception, ${megabits(first.up)} en envoi`,
    en: `${megabits(first.down)} Mbit/s down, ${megabits(first.up)} up`,
  };
  const isMost = first.down + first.up > total / 2 && first.down + first.up >= GREEDY;
  return said(
    "users",
    isMost ? "warning" : "ok",
    {
      fr: `« ${name} » utilise le plus la ligne : ${rates.fr}.`,
      en: `"${name}" uses the line most: ${rates.en}.`,
    },
    isMost
      ? {
          fr: "Arrêtez ce transfert un instant pour voir si le reste redevient rapide.",
          en: "Stop that transfer for a moment and see whether the rest becomes fast again.",
        }
      : undefined,
  );
}

function cpuStep({ cpu }: SlowSituation): JobStep {
  if (cpu === undefined) return skipped("cpu", NOT_MEASURED);
  const percent = Math.round(cpu * 100);
  if (cpu < CPU_HIGH) {
    return said("cpu", "ok", {
      fr: `La box a de la réserve : son processeur travaille à ${percent} %.`,
      en: `The box has reserves: its processor works at ${percent} %.`,
    });
  }
  return said(
    "cpu",
    cpu >= CPU_FULL ? "fault" : "warning",
    {
      fr: `La box est très occupée : son processeur travaille à ${percent} %.`,
      en: `The box is very busy: its processor works at ${percent} %.`,
    },
    {
      fr: "Attendez quelques minutes. Si cela dure, redémarrez la box et envoyez le rapport d’assistance.",
      en: "Wait some minutes. If it lasts, restart the box and send the support report.",
    },
  );
}

function errorsStep({ line }: SlowSituation): JobStep {
  if (line === undefined) return skipped("line_errors", NOT_MEASURED);
  const { packets, errors, newErrors } = line;
  if (newErrors === 0 && errors <= packets * ERROR_SHARE) {
    return said("line_errors", "ok", {
      fr: "Le port vers l’opérateur ne signale pas d’erreurs.",
      en: "The port towards the operator reports no errors.",
    });
  }
  return said(
    "line_errors",
    "warning",
    {
      fr: `Le port vers l’opérateur signale des paquets abîmés : ${errors} depuis le démarrage, ${newErrors} pendant ce test.`,
      en: `The port towards the operator reports damaged packets: ${errors} since the start, ${newErrors} during this test.`,
    },
    {
      fr: "Changez le câble entre la box et le boîtier fibre ou le modem.",
      en: "Replace the cable between the box and the fibre terminal or the modem.",
    },
  );
}

function megabits(rate: number): string {
  return (rate / 1e6).toFixed(1);
}

const NOT_MEASURED: Sentence = {
  fr: "Cette mesure n’est pas possible en ce moment.",
  en: "This cannot be measured at this moment.",
};
/** Voice and games suffer from a twentieth on; below, hardly anybody notices. */
const LOSS_BAD = 0.05;
/** Milliseconds. A fibre answers in 5, a telephone line in 40. */
const LATENCY_HIGH = 150;
const LATENCY_RISE = 30;
/** bit/s. */
const QUIET = 1e6;
const GREEDY = 5e6;
const CPU_HIGH = 0.8;
const CPU_FULL = 0.95;
/** One in ten thousand: what a sound cable never has. */
const ERROR_SHARE = 1e-4;
