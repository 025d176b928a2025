import { useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import {
  type Day,
  daysOf,
  endedOutage,
  type Outage,
  outagesOf,
  type Transition,
} from "../../core/timeline.ts";
import { clock, formatDuration, formatTime } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";
import { formatDay } from "../../words/units.ts";

/** So many changes are in sight at first. */
const AT_FIRST = 12;

/** The last changes of the line by day, with how long each outage lasted. */
export function Timeline() {
  const history = useChannel("wan-history");
  const [all, setAll] = useState(false);
  if (history === undefined) {
    return <StatusWord status="working">{t("internet.loading")}</StatusWord>;
  }
  const outages = outagesOf(history.transitions);
  const days = daysOf(history.transitions, clock.value, (at) => new Date(at).toDateString());
  const total = days.reduce((sum, day) => sum + day.changes.length, 0);
  if (total === 0) return <p class="empty">{t("timeline.empty")}</p>;
  return (
    <div class="stack">
      <p>{summaryOf(outages)}</p>
      {firstOf(days, all ? total : AT_FIRST).map((day) => (
        <OneDay key={new Date(day.at).toDateString()} day={day} outages={outages} />
      ))}
      {total > AT_FIRST && !all && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          {t("timeline.more", { n: total })}
        </Button>
      )}
    </div>
  );
}

function summaryOf(outages: readonly Outage[]): string {
  if (outages.length === 0) return t("timeline.text.quiet");
  const ms = outages.reduce((sum, one) => sum + ((one.to ?? clock.value) - one.from), 0);
  return t("timeline.text.outages", { n: outages.length, duration: formatDuration(ms) });
}

function firstOf(days: readonly Day[], count: number): readonly Day[] {
  let left = count;
  return days.flatMap((day) => {
    const changes = day.changes.slice(0, Math.max(0, left));
    left -= changes.length;
    return changes.length === 0 ? [] : [{ ...day, changes }];
  });
}

function OneDay({ day, outages }: { readonly day: Day; readonly outages: readonly Outage[] }) {
  return (
    <section class="day">
      <h3>
        {formatDay(day.at)}
        <span class="day-sum">
          {day.outages === 0
            ? t("timeline.day.quiet")
            : t("timeline.day.outages", {
                n: day.outages,
                duration: formatDuration(day.outageMs),
              })}
        </span>
      </h3>
      <ul class="moments">
        {day.changes.map((change) => (
          <li key={`${change.at}${change.layer}${change.to}`}>
            <time dateTime={new Date(change.at).toISOString()}>{formatTime(change.at)}</time>
            <span>
              {sentenceOf(change, outages)}
              {change.cause !== undefined && isBad(change) && (
                <span class="muted"> {say(change.cause.text)}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function isBad({ layer, to }: Transition): boolean {
  return layer === "reach" && (to === "offline" || to === "limited");
}

function sentenceOf(change: Transition, outages: readonly Outage[]): string {
  const lasted = endedOutage(change, outages);
  if (lasted !== undefined) {
    return t("timeline.reach.online.after", { duration: formatDuration(lasted) });
  }
  const key = SENTENCES[`${change.layer}.${change.to}`];
  return key === undefined ? `${change.layer}: ${change.to}` : t(key);
}

const SENTENCES: Readonly<
  Record<
    string,
    | "timeline.dsl.up"
    | "timeline.dsl.training"
    | "timeline.dsl.no_signal"
    | "timeline.dsl.resync"
    | "timeline.dsl.disabled"
    | "timeline.dsl.error"
    | "timeline.dsl.unknown"
    | "timeline.dsl.asking"
    | "timeline.dsl.unreachable"
    | "timeline.access.up"
    | "timeline.access.no_carrier"
    | "timeline.access.absent"
    | "timeline.link.up"
    | "timeline.link.configuring"
    | "timeline.link.waiting"
    | "timeline.session.got"
    | "timeline.session.asks"
    | "timeline.session.renews"
    | "timeline.session.idle"
    | "timeline.session.connected"
    | "timeline.session.pausing"
    | "timeline.session.discovering"
    | "timeline.session.negotiating"
    | "timeline.session.authenticating"
    | "timeline.session.configuring"
    | "timeline.session.terminating"
    | "timeline.reach.online"
    | "timeline.reach.limited"
    | "timeline.reach.offline"
    | "timeline.reach.unknown"
    | undefined
  >
> = {
  "dsl.up": "timeline.dsl.up",
  "dsl.handshake": "timeline.dsl.training",
  "dsl.training": "timeline.dsl.training",
  "dsl.showtime_no_tc": "timeline.dsl.training",
  "dsl.no_signal": "timeline.dsl.no_signal",
  "dsl.resync": "timeline.dsl.resync",
  "dsl.disabled": "timeline.dsl.disabled",
  "dsl.error": "timeline.dsl.error",
  "dsl.unknown": "timeline.dsl.unknown",
  "dsl.asking": "timeline.dsl.asking",
  "dsl.unreachable": "timeline.dsl.unreachable",
  "access.up": "timeline.access.up",
  "access.no_carrier": "timeline.access.no_carrier",
  "access.absent": "timeline.access.absent",
  "link.up": "timeline.link.up",
  "link.configuring": "timeline.link.configuring",
  "link.waiting": "timeline.link.waiting",
  "session.bound": "timeline.session.got",
  "session.selecting": "timeline.session.asks",
  "session.requesting": "timeline.session.asks",
  "session.rebooting": "timeline.session.asks",
  "session.renewing": "timeline.session.renews",
  "session.rebinding": "timeline.session.renews",
  "session.idle": "timeline.session.idle",
  "session.connected": "timeline.session.connected",
  "session.pausing": "timeline.session.pausing",
  "session.discovering": "timeline.session.discovering",
  "session.negotiating": "timeline.session.negotiating",
  "session.authenticating": "timeline.session.authenticating",
  "session.configuring": "timeline.session.configuring",
  "session.terminating": "timeline.session.terminating",
  "reach.online": "timeline.reach.online",
  "reach.limited": "timeline.reach.limited",
  "reach.offline": "timeline.reach.offline",
  "reach.unknown": "timeline.reach.unknown",
};
