import type { InputOf, Routes } from "@passerelle/api";
import { isJsonObject, type JsonObject } from "@passerelle/json";
import { ownFailure } from "./failure.ts";
import { draftPath, readText, writeFile } from "./kept.ts";
import type { World } from "./world.ts";

type Changes = InputOf<"POST /config/plan", Routes["POST /config/plan"]>["body"]["changes"];
export type SectionName = Changes[number]["section"];

/** Changes that wait to be applied, in a file of the person's: the box knows nothing of them yet. */
export interface Draft {
  /** The revision that was looked at: another's change in between refuses ours. */
  readonly basedOn: number;
  /** Section → merge patch. */
  readonly patches: Readonly<Partial<Record<SectionName, JsonObject>>>;
}

export async function readDraft(world: World, door: string): Promise<Draft | undefined> {
  const text = await readText(world, draftPath(world, door));
  if (text === undefined) return undefined;
  const draft = parseDraft(text);
  if (draft === undefined) throw ownFailure("draft_unreadable", [draftPath(world, door)]);
  return draft;
}

/** An empty draft is no file. */
export async function writeDraft(world: World, door: string, draft: Draft): Promise<void> {
  const path = draftPath(world, door);
  if (Object.keys(draft.patches).length === 0) await world.files.remove(path);
  else await writeFile(world, path, `${JSON.stringify(draft, undefined, 2)}\n`);
}

export async function removeDraft(world: World, door: string): Promise<void> {
  await world.files.remove(draftPath(world, door));
}

/** As the API wants them. */
export function changesOf(draft: Draft | undefined): Changes {
  const patches = Object.entries(draft?.patches ?? {});
  if (patches.length === 0) throw ownFailure("empty_draft");
  // The box refuses a section that it does not know.
  return patches.map(([section, patch]) => ({ section: section as SectionName, patch }));
}

function parseDraft(text: string): Draft | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value) || typeof value.basedOn !== "number") return undefined;
    if (!isJsonObject(value.patches) || !Object.values(value.patches).every(isJsonObject))
      return undefined;
    return { basedOn: value.basedOn, patches: value.patches as Draft["patches"] };
  } catch {
    return undefined;
  }
}
