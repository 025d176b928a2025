import type { ConfigChange } from "@passerelle/contract";
import { type JsonRecord, listOf, patchBetween, recordOf, textOf } from "./json-value.ts";
import { linesOf } from "./names-form.ts";

export const NOTICES = ["newDevice", "internet", "configuration", "health"] as const;
export type NoticeKind = (typeof NOTICES)[number];

/** Settings of the box itself, as their form stands. */
export interface BoxForm {
  readonly name: string;
  /** Of the page before anybody chose; empty: what the browser asks for. */
  readonly language: "" | "fr" | "en";
  readonly timezone: string;
  readonly askTime: boolean;
  readonly timeServers: string;
  readonly serveTime: boolean;
  readonly notices: readonly NoticeKind[];
}

export type BoxField = "name" | "timeServers";

export function boxForm(sections: JsonRecord): BoxForm {
  const system = recordOf(sections.system);
  const ntp = recordOf(system.ntp);
  const notices = recordOf(system.notifications);
  const { language } = recordOf(sections.web);
  return {
    name: textOf(recordOf(recordOf(sections.config).device).name) ?? "",
    language: language === "fr" || language === "en" ? language : "",
    timezone: textOf(system.timezone) ?? "Europe/Paris",
    askTime: ntp.enabled === true,
    timeServers: listOf(ntp.servers).join("\n"),
    serveTime: ntp.serveLan === true,
    notices: NOTICES.filter((kind) => notices[kind] === true),
  };
}

export function boxErrors(form: BoxForm): readonly BoxField[] {
  const wrong: BoxField[] = [];
  const name = form.name.trim();
  if (name === "" || name.length > 63) wrong.push("name");
  const servers = linesOf(form.timeServers);
  const isBad = servers.length > 8 || servers.some((server) => !SERVER.test(server));
  if (isBad || (form.askTime && servers.length === 0)) wrong.push("timeServers");
  return wrong;
}

/** Only what differs, section by section. */
export function boxChanges(form: BoxForm, sections: JsonRecord): ConfigChange[] {
  const before = boxForm(sections);
  const changes: ConfigChange[] = [];
  const name = form.name.trim();
  if (name !== before.name) changes.push({ section: "config", patch: { device: { name } } });
  if (form.language !== before.language) {
    const language = form.language === "" ? null : form.language;
    changes.push({ section: "web", patch: { language } });
  }
  const system = patchBetween(systemOf(before), systemOf(form));
  if (system !== undefined) changes.push({ section: "system", patch: { ...system } });
  return changes;
}

function systemOf(form: BoxForm): JsonRecord {
  return {
    timezone: form.timezone,
    ntp: {
      enabled: form.askTime,
      servers: linesOf(form.timeServers),
      serveLan: form.serveTime,
    },
    notifications: Object.fromEntries(NOTICES.map((kind) => [kind, form.notices.includes(kind)])),
  };
}

const SERVER = /^(?!-)[a-zA-Z0-9.:-]{1,253}$/;
