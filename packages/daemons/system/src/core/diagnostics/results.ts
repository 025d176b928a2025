import type { Sentence } from "@passerelle/result";
import { CAPTURE_HEAD_BYTES } from "./capture.ts";
import type { JobLine, JobStep } from "./input.ts";
import type { PingOutcome, PingSummary } from "./ping.ts";
import type { HopAnswer, TraceEnd } from "./trace.ts";

/** What a diagnosis found, in lines for those who know and one sentence for everybody. */

export function pingLine(outcome: PingOutcome): JobLine {
  const number = outcome.sequence;
  switch (outcome.kind) {
    case "reply":
      return { number, address: outcome.from, timeMs: round(outcome.rttMs), ttl: outcome.ttl };
    case "refused":
      return {
        number,
        ...(outcome.from === undefined ? {} : { address: outcome.from }),
        text: outcome.why,
      };
    case "lost":
      return { number, text: "no answer" };
  }
}

export function pingSummaryLine({ sent, received, loss, times }: PingSummary): JobLine {
  const counts = `sent ${sent}, received ${received}, loss ${Math.round(loss * 100)} %`;
  if (times === undefined) return { text: counts };
  const { min, mean, max } = times;
  return { text: `${counts}, min/mean/max ${round(min)}/${round(mean)}/${round(max)} ms` };
}

export function pingStep({ sent, received, times }: PingSummary): JobStep {
  if (times === undefined) {
    return found("fault", {
      fr: `Aucune réponse à ${sent} envois. Certaines machines ne répondent jamais à ce test.`,
      en: `No answer to ${sent} questions. Some machines never answer this test.`,
    });
  }
  const ms = Math.max(1, Math.round(times.mean));
  const lost = sent - received;
  return found(lost === 0 ? "ok" : "warning", {
    fr: `${received} réponses sur ${sent}, en ${ms} ms en moyenne.`,
    en: `${received} answers out of ${sent}, ${ms} ms on average.`,
  });
}

export function hopLine(hop: number, answer: HopAnswer, name: string | undefined): JobLine {
  if (answer.kind === "silent") return { number: hop, text: "no answer" };
  return {
    number: hop,
    ...(answer.from === undefined ? {} : { address: answer.from }),
    ...(name === undefined ? {} : { name }),
    ...(answer.rttMs === undefined ? {} : { timeMs: round(answer.rttMs) }),
    ...(answer.why === undefined ? {} : { text: answer.why }),
  };
}

export function traceStep(end: TraceEnd, hops: number): JobStep {
  switch (end) {
    case "reached":
      return found("ok", {
        fr: `La destination répond, à ${hops} étape${hops === 1 ? "" : "s"}.`,
        en: `The destination answers, ${hops} hop${hops === 1 ? "" : "s"} away.`,
      });
    case "refused":
      return found("fault", {
        fr: `Le chemin s’arrête à l’étape ${hops} : on ne va pas plus loin.`,
        en: `The way ends at hop ${hops}: it goes no further.`,
      });
    case "silent":
      return found("warning", {
        fr: "Plus personne ne répond après les dernières étapes montrées. La destination est peut-être éteinte, ou ne répond pas à ce test.",
        en: "Nobody answers after the last hops shown. The destination may be off, or does not answer this test.",
      });
    case "too_far":
      return found("warning", {
        fr: "La destination est à plus de 30 étapes.",
        en: "The destination is more than 30 hops away.",
      });
  }
}

/** What the answer of a resolver means, by its code and whether there are records. */
export function lookupStep(rcode: string, records: number): JobStep {
  if (rcode === "NOERROR" && records > 0) {
    return found("ok", {
      fr: `Le serveur de noms donne ${records} enregistrement${records === 1 ? "" : "s"}.`,
      en: `The name server gives ${records} record${records === 1 ? "" : "s"}.`,
    });
  }
  const [fr, en] = RCODE_SENTENCES[rcode] ?? [
    "Le serveur de noms a répondu par une erreur.",
    "The name server answered with an error.",
  ];
  return found(rcode === "NOERROR" ? "warning" : "fault", {
    fr: `${fr} (${rcode})`,
    en: `${en} (${rcode})`,
  });
}

const RCODE_SENTENCES: Readonly<Record<string, readonly [string, string]>> = {
  NOERROR: [
    "Ce nom existe, mais n’a pas d’enregistrement de ce type.",
    "This name exists, but has no record of this type.",
  ],
  NXDOMAIN: ["Ce nom n’existe pas.", "This name does not exist."],
  SERVFAIL: [
    "Le serveur de noms n’a pas réussi à trouver la réponse.",
    "The name server could not find the answer.",
  ],
  REFUSED: [
    "Le serveur de noms refuse de répondre à cette question.",
    "The name server refuses to answer this question.",
  ],
  FORMERR: [
    "Le serveur de noms n’a pas compris la question.",
    "The name server did not understand the question.",
  ],
  NOTIMP: [
    "Le serveur de noms ne sait pas répondre à cette question.",
    "The name server cannot answer this kind of question.",
  ],
};

export function wakeStep(network: string): JobStep {
  return found("ok", {
    fr: `Le signal de réveil est parti sur le réseau « ${network} ». Un appareil éteint met jusqu’à une minute à démarrer.`,
    en: `The wake signal went out on network "${network}". A sleeping device takes up to a minute to start.`,
  });
}

export function captureStep(bytes: number, full: boolean): JobStep {
  if (bytes <= CAPTURE_HEAD_BYTES) {
    return found("warning", {
      fr: "Aucun paquet n’est passé pendant la capture.",
      en: "No packet passed during the capture.",
    });
  }
  const kilo = Math.max(1, Math.round(bytes / 1024));
  return full
    ? found("warning", {
        fr: `La capture a atteint sa taille maximale (${kilo} Ko) : elle s’est arrêtée avant la fin.`,
        en: `The capture reached its greatest size (${kilo} KB): it stopped early.`,
      })
    : found("ok", {
        fr: `La capture fait ${kilo} Ko. Elle est gardée une heure.`,
        en: `The capture has ${kilo} KB. It is kept for an hour.`,
      });
}

export function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function found(verdict: JobStep["verdict"], text: Sentence): JobStep {
  return { code: "result", verdict, text: { ...text } };
}
