import type { ReplyOf, Routes } from "@passerelle/api";
import type { Colour, Screen } from "./screen.ts";
import { visibleJson } from "./visible.ts";

type Plan = ReplyOf<Routes["POST /config/plan"]>;

/** What a change does, what the home feels of it, and what is wrong with it. */
export function planLines(plan: Plan, screen: Screen): void {
  const { differences, impacts, problems, needsConfirmation } = plan;
  if (differences.length === 0)
    screen.line(screen.say({ fr: "Rien ne change.", en: "Nothing changes." }));
  for (const { section, path, before, after } of differences.slice(0, SHOWN_MAX)) {
    screen.line({ text: `${section}${path}`, colour: "strong" });
    if (before !== undefined) screen.line({ text: `  - ${visibleJson(before)}`, colour: "fault" });
    if (after !== undefined) screen.line({ text: `  + ${visibleJson(after)}`, colour: "good" });
  }
  if (differences.length > SHOWN_MAX)
    screen.line(
      screen.say({
        fr: `… et ${differences.length - SHOWN_MAX} autres (--json les montre)`,
        en: `… and ${differences.length - SHOWN_MAX} more (--json shows them)`,
      }),
    );
  for (const { severity, text } of impacts)
    screen.line({ text: `! ${screen.say(text)}`, colour: COLOURS[severity] });
  if (needsConfirmation)
    screen.line({
      text: screen.say({
        fr: "! À confirmer après coup, sinon la modification s'annule.",
        en: "! To be confirmed afterwards, else the change is undone.",
      }),
      colour: "warning",
    });
  for (const { section, path, message } of problems)
    screen.line({ text: `✗ ${section}${path}: ${message}`, colour: "fault" });
}

const SHOWN_MAX = 100;

const COLOURS: Readonly<Record<Plan["impacts"][number]["severity"], Colour>> = {
  none: "quiet",
  short_interruption: "warning",
  devices_reconnect: "warning",
  may_cut_you_off: "fault",
};
