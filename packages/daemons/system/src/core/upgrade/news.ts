import type { WallTime } from "@passerelle/time";
import { told } from "../board.ts";
import type { State } from "../state.ts";
import type { Draft } from "../step.ts";
import { FAULTS, type UpgradeFaultCode } from "./faults.ts";
import type { News } from "./input.ts";
import type { Lack, Outcome } from "./state.ts";

/** What becomes of a version is in the event log; how it ended, people are told. */
export function heardUpgrade(state: State, news: News, at: WallTime): Draft {
  switch (news.kind) {
    case "refused":
      return { state, notes: [{ code: "upgrade_refused", at, what: why(news) }] };
    case "failed":
      return { state, notes: [{ code: "upgrade_not_written", at, what: why(news) }] };
    case "installed":
      return {
        state,
        notes: [{ code: "upgrade_installed", at, actor: news.author, what: news.version }],
      };
    case "trial_failed":
      return {
        state,
        notes: [{ code: "upgrade_trial_failed", at, what: lackText(news.version, news.missing) }],
      };
    case "ended":
      return ended(state, news.outcome, at);
  }
}

function ended(state: State, { kind, version, from }: Outcome, at: WallTime): Draft {
  if (kind === "fell_back") {
    const what = {
      fr: `la ${version} n'a pas fait ses preuves, la ${from} est en service`,
      en: `${version} did not prove itself, ${from} is in service`,
    };
    const notice = {
      id: NOTICE,
      at,
      severity: "fault",
      code: "upgrade_undone",
      subject: version,
      what: { fr: from, en: from },
    } as const;
    return { state: told(state, notice), notes: [{ code: "upgrade_fell_back", at, what }] };
  }
  const code = kind === "kept" ? "upgrade_kept" : "upgrade_went_back";
  const notice = { id: NOTICE, at, severity: "info", code: "upgrade_done" } as const;
  return {
    state: told(state, { ...notice, subject: version }),
    notes: [{ code, at, what: version }],
  };
}

function why({ fault, version }: { readonly fault: string; readonly version?: string }) {
  const [fr, en] = FAULTS[fault as UpgradeFaultCode];
  const named = version === undefined ? "" : `${version} : `;
  return { fr: `${named}${fr}`, en: `${named.replace(" :", ":")}${en}` };
}

function lackText(version: string, missing: readonly Lack[]) {
  const words = (language: "fr" | "en"): string =>
    missing.map((lack) => LACKS[lack][language]).join(", ");
  if (missing.length === 0) return { fr: version, en: version };
  return { fr: `${version} (${words("fr")})`, en: `${version} (${words("en")})` };
}

const LACKS: Readonly<Record<Lack, { readonly fr: string; readonly en: string }>> = {
  lan: { fr: "le réseau de la maison n'était pas servi", en: "the home network was not served" },
  page: { fr: "cette page ne répondait pas", en: "this page did not answer" },
  daemons: { fr: "un service manquait", en: "a service was missing" },
  configuration: {
    fr: "la configuration n'était pas appliquée",
    en: "the configuration was not applied",
  },
};

/** One message: of the last that ended. */
const NOTICE = "upgrade";
