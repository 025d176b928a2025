import type { ConfigChange } from "@passerelle/contract";
import { isRecord, type JsonRecord, patchBetween } from "./json-value.ts";

type Name = ConfigChange["section"];

/** Every daemon that has a section. */
export const SECTION_NAMES: readonly Name[] = [
  "config",
  "system",
  "web",
  "firewall",
  "wan",
  "lan",
  "iptv",
  "voice",
  "wifi",
];

/** The changes that lead from one configuration to another. */
export function changesBetween(before: JsonRecord, after: JsonRecord): ConfigChange[] {
  return SECTION_NAMES.flatMap((section) => {
    const patch = patchBetween(before[section], after[section]);
    return patch === undefined ? [] : [{ section, patch: { ...patch } }];
  });
}

/** What a backup file says of itself; the box alone decides whether it is good. */
export interface BackupFile {
  readonly sections: JsonRecord;
  readonly hasSecrets: boolean;
}

export function readBackupFile(text: string): BackupFile | undefined {
  const value = parse(text);
  if (!isRecord(value) || value.format !== "passerelle-config") return undefined;
  if (!isRecord(value.sections)) return undefined;
  return { sections: value.sections, hasSecrets: value.secrets !== undefined };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
