import type { ReplyOf, Routes } from "@passerelle/api";
import type { Answer } from "@passerelle/api/client";
import type { StatusParts } from "./commands/status.ts";
import { bytesText, durationText, numberText, rateText, timeText } from "./format.ts";
import type { Sentence } from "./language.ts";
import type { Cell, Screen } from "./screen.ts";

type Level = "ok" | "warning" | "fault" | "unknown";
interface Row {
  readonly title: Sentence;
  readonly level: Level;
  readonly text: string;
}

/** The one screen of `status`: a line a subject, then what is wrong and what to do. */
export function statusLines(parts: StatusParts, screen: Screen, now: number): void {
  const { language } = screen;
  const say = (fr: string, en: string): string => (language === "fr" ? fr : en);
  if (parts.system.ok) {
    const { hostname, model, version, bootedAt } = parts.system.data;
    const up = durationText(now - bootedAt, language);
    screen.line(
      { text: hostname, colour: "strong" },
      `  ${model}, ${say("version", "version")} ${version}, ${say("allumée depuis", "up for")} ${up}`,
    );
  }
  screen.table(rowsOf(parts, screen).map((row) => cellsOf(row, screen)));
  for (const fault of faultsOf(parts)) {
    screen.line("");
    screen.line(
      { text: say("Panne : ", "Fault: "), colour: "fault" },
      screen.say(fault.text),
      " ",
      {
        text: `[${fault.code}]`,
        colour: "quiet",
      },
    );
    if (fault.next !== undefined) screen.line(`  → ${screen.say(fault.next)}`);
  }
  const notifications = parts.notifications.ok ? parts.notifications.data.notifications : [];
  if (notifications.length === 0) return;
  screen.line("");
  screen.line({ text: say("À savoir", "To know"), colour: "strong" });
  for (const { at, severity, text, next, code, subject } of notifications) {
    screen.line(
      `  ${timeText(at)}  `,
      { text: screen.say(text), colour: COLOURS[severity === "info" ? "ok" : severity] },
      `${subject === undefined ? "" : ` (${subject})`} `,
      { text: `[${code}]`, colour: "quiet" },
    );
    if (next !== undefined) screen.line(`    → ${screen.say(next)}`);
  }
}

const COLOURS = { ok: "good", warning: "warning", fault: "fault", unknown: "quiet" } as const;
const LEVEL_WORDS: Readonly<Record<Level, Sentence>> = {
  ok: { fr: "bien", en: "fine" },
  warning: { fr: "attention", en: "warning" },
  fault: { fr: "panne", en: "fault" },
  unknown: { fr: "inconnu", en: "unknown" },
};

function cellsOf({ title, level, text }: Row, screen: Screen): readonly Cell[] {
  return [
    screen.say(title),
    { text: screen.say(LEVEL_WORDS[level]), colour: COLOURS[level] },
    text,
  ];
}

function rowsOf(parts: StatusParts, screen: Screen): readonly Row[] {
  const row = <T>(
    title: Sentence,
    answer: Answer<T>,
    of: (data: T, screen: Screen) => Omit<Row, "title">,
  ): Row =>
    answer.ok
      ? { title, ...of(answer.data, screen) }
      : {
          title,
          level: "unknown",
          text: `${screen.say(answer.problem.text)} [${answer.problem.code}]`,
        };
  return [
    row({ fr: "Internet", en: "Internet" }, parts.wan, lineRow),
    row({ fr: "Appareils", en: "Devices" }, parts.hosts, hostsRow),
    row({ fr: "Ouvertures", en: "Openings" }, parts.portMappings, openingsRow),
    row({ fr: "Pare-feu", en: "Firewall" }, parts.firewall, firewallRow),
    row({ fr: "Réseau", en: "Network" }, parts.lan, lanRow),
    row({ fr: "Réglages", en: "Settings" }, parts.config, configRow),
    row({ fr: "Horloge", en: "Clock" }, parts.system, clockRow),
    row({ fr: "Machine", en: "Machine" }, parts.system, machineRow),
  ];
}

type Row2 = Omit<Row, "title">;

function lineRow({ line }: ReplyOf<Routes["GET /wan"]>, screen: Screen): Row2 {
  const { reach, session, access } = line;
  const address = "address" in session ? `${session.address} ` : "";
  if (reach.kind === "online") {
    const since = timeText(reach.since);
    const rtt =
      reach.rttMs === undefined ? "" : `, ${numberText(reach.rttMs, screen.language, 0)} ms`;
    return {
      level: "ok",
      text: screen.say({
        fr: `en ligne depuis ${since}, ${address}(${line.profile})${rtt}`,
        en: `online since ${since}, ${address}(${line.profile})${rtt}`,
      }),
    };
  }
  const cause = line.cause ?? ("fault" in reach ? reach.fault : undefined);
  const level = reach.kind === "limited" || reach.kind === "unknown" ? "warning" : "fault";
  const since = screen.say({ fr: "depuis", en: "since" });
  const why = cause === undefined ? `${access.kind}, ${session.kind}` : screen.say(cause.text);
  return { level, text: `${why} (${since} ${timeText(line.since)})` };
}

function hostsRow({ hosts }: ReplyOf<Routes["GET /hosts"]>, screen: Screen): Row2 {
  const online = hosts.filter((host) => host.online).length;
  const blocked = hosts.filter((host) => host.blocked).length;
  const more =
    blocked === 0 ? "" : screen.say({ fr: `, ${blocked} bloqué(s)`, en: `, ${blocked} blocked` });
  return {
    level: "ok",
    text: `${screen.say({ fr: `${online} en ligne sur ${hosts.length}`, en: `${online} of ${hosts.length} online` })}${more}`,
  };
}

function openingsRow(
  { portMappings }: ReplyOf<Routes["GET /nat/port-mappings"]>,
  screen: Screen,
): Row2 {
  const active = portMappings.filter((mapping) => mapping.active);
  if (active.length === 0)
    return {
      level: "ok",
      text: screen.say({ fr: "aucune depuis Internet", en: "none from the Internet" }),
    };
  const shown = active
    .slice(0, SHOWN_MAX)
    .map(({ protocol, port, to }) => `${protocol} ${port} → ${to}`);
  const rest = active.length > SHOWN_MAX ? ", …" : "";
  return {
    level: "ok",
    text: screen.say({
      fr: `${active.length} depuis Internet : ${shown.join(", ")}${rest}`,
      en: `${active.length} from the Internet: ${shown.join(", ")}${rest}`,
    }),
  };
}

const SHOWN_MAX = 3;

function firewallRow({ kind, fault }: ReplyOf<Routes["GET /firewall"]>, screen: Screen): Row2 {
  if (kind === "protecting")
    return { level: "ok", text: screen.say({ fr: "protège la maison", en: "protects the home" }) };
  return { level: "fault", text: fault === undefined ? kind : screen.say(fault.text) };
}

function lanRow({ kind, networks }: ReplyOf<Routes["GET /lan"]>): Row2 {
  return {
    level: kind === "serving" ? "ok" : "warning",
    text: networks.map(({ name, address }) => `${name} ${address}`).join(", "),
  };
}

function configRow(
  { revision, phase }: ReplyOf<Routes["GET /config/state"]>,
  screen: Screen,
): Row2 {
  if (phase.kind === "confirmed")
    return {
      level: "ok",
      text: screen.say({ fr: `révision ${revision}`, en: `revision ${revision}` }),
    };
  const left = durationText(phase.remainingMs, screen.language);
  return {
    level: "warning",
    text: screen.say({
      fr: `la révision ${revision} attend sa confirmation (encore ${left})`,
      en: `revision ${revision} waits for its confirmation (${left} left)`,
    }),
  };
}

function clockRow({ clock }: ReplyOf<Routes["GET /system"]>, screen: Screen): Row2 {
  if (clock.kind === "synchronised") {
    const offset = numberText(clock.offsetMs, screen.language);
    return {
      level: "ok",
      text: screen.say({
        fr: `à l'heure par ${clock.source} (écart ${offset} ms)`,
        en: `right by ${clock.source} (offset ${offset} ms)`,
      }),
    };
  }
  const why = clock.fault === undefined ? undefined : screen.say(clock.fault.text);
  return {
    level: "warning",
    text: why ?? screen.say({ fr: "pas encore à l'heure", en: "not yet synchronised" }),
  };
}

function machineRow({ latest, storage }: ReplyOf<Routes["GET /system"]>, screen: Screen): Row2 {
  const { language } = screen;
  const used = latest.memoryTotalBytes - latest.memoryAvailableBytes;
  const memory = screen.say({ fr: "mémoire", en: "memory" });
  const full = storage.find(({ usedBytes, totalBytes }) => usedBytes > totalBytes * FULL);
  return {
    level: full === undefined ? "ok" : "warning",
    text: [
      `CPU ${numberText(latest.cpu * 100, language, 0)} %`,
      `${memory} ${bytesText(used, language)} / ${bytesText(latest.memoryTotalBytes, language)}`,
      ...(latest.temperatureCelsius === undefined
        ? []
        : [`${numberText(latest.temperatureCelsius, language, 0)} °C`]),
      `↓ ${rateText(latest.wanDownRate, language)}`,
      `↑ ${rateText(latest.wanUpRate, language)}`,
      ...(full === undefined
        ? []
        : [screen.say({ fr: `« ${full.name} » presque plein`, en: `"${full.name}" almost full` })]),
    ].join(", "),
  };
}

const FULL = 0.9;

interface ShownFault {
  readonly code: string;
  readonly text: Sentence;
  readonly next?: Sentence | undefined;
}

/** Each code once: the line's cause is also a fault of the system's list. */
function faultsOf({ system, wan, lan, firewall }: StatusParts): readonly ShownFault[] {
  const all: readonly ShownFault[] = [
    ...(wan.ok && wan.data.line.cause !== undefined ? [wan.data.line.cause] : []),
    ...(firewall.ok && firewall.data.fault !== undefined ? [firewall.data.fault] : []),
    ...(lan.ok ? lan.data.faults : []),
    ...(system.ok ? system.data.faults : []),
  ];
  return [...new Map(all.map((fault) => [fault.code, fault])).values()];
}
