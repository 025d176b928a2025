import type { Bundle, Progress, Slot, SlotsError, SlotsErrorCode, SlotsStatus } from "./port.ts";

/**
 * What `busctl --json=short` prints of RAUC's D-Bus interface (de.pengutronix.rauc.Installer). A variant is
 * `{"type": "s", "data": …}`, a dictionary of variants an object of those. Everything is bounded: a bundle's texts are its
 * maker's, and a slot's status is a file on a disk. Undefined: not what the interface promises.
 */

type Row = Readonly<Record<string, unknown>>;

/** GetSlotStatus, a(sa{sv}). */
export function parseSlotStatus(text: string): SlotsStatus | undefined {
  const list = bodyOf(text, "a(sa{sv})");
  if (!Array.isArray(list) || list.length > SLOTS_MAX) return undefined;
  const slots: Slot[] = [];
  for (const entry of list) {
    if (!Array.isArray(entry) || !isRow(entry[1])) return undefined;
    const slot = slotOf(entry[1]);
    // A slot without a name of the boot loader is a partition that belongs to another one.
    if (slot !== undefined) slots.push(slot);
  }
  const booted = slots.filter(({ isBooted }) => isBooted);
  const [only] = booted;
  if (only === undefined || booted.length > 1) return undefined;
  if (new Set(slots.map(({ name }) => name)).size !== slots.length) return undefined;
  return { booted: only.name, slots: slots.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** InspectBundle, a{sv} with a dictionary `update`. */
export function parseInspection(text: string): Bundle | undefined {
  const info = bodyOf(text, "a{sv}");
  const update = isRow(info) ? variantOf(info.update) : undefined;
  if (!isRow(update)) return undefined;
  const word = (key: string): string | undefined => textOf(variantOf(update[key]));
  return bundleOf(word("compatible"), word("version"), word("description"), word("build"));
}

/** Info, (ss): what engines before RAUC 1.10 have. */
export function parseInfo(text: string): Bundle | undefined {
  const pair = dataOf(text, "ss");
  if (!Array.isArray(pair)) return undefined;
  return bundleOf(textOf(pair[0]), textOf(pair[1]), undefined, undefined);
}

/** The properties Operation, Progress and LastError: a line each, in this order. */
export function parseProgress(text: string): Progress | undefined {
  const [operation, progress, error] = text.trimEnd().split("\n");
  if (operation === undefined || progress === undefined || error === undefined) return undefined;
  const word = textOf(dataOf(operation, "s"));
  const triple = dataOf(progress, "(isi)");
  const said = textOf(dataOf(error, "s"));
  if (word === undefined || said === undefined || !Array.isArray(triple)) return undefined;
  const [percent, step] = triple;
  if (typeof percent !== "number" || !(percent >= 0 && percent <= 100)) return undefined;
  if (word === "installing") {
    return { kind: "installing", percent, step: textOf(step) ?? "" };
  }
  if (word !== "idle") return undefined;
  return { kind: "idle", percent, ...(said === "" ? {} : { error: errorOf(said) }) };
}

/** Which of our codes a sentence of RAUC, D-Bus or busctl is. */
export function errorOf(said: string): SlotsError {
  const text = plain(said).slice(0, TEXT_MAX);
  const found = SENTENCES.find(([pattern]) => pattern.test(text));
  return { code: found?.[1] ?? "failed", text };
}

/** In this order: the first that fits. The handler of the board says by its exit code what it refuses. */
const SENTENCES: readonly (readonly [RegExp, SlotsErrorCode])[] = [
  [/exited with code 10\b/, "older"],
  [/exited with code 11\b/, "damaged"],
  [/already processing/i, "busy"],
  // A machine that still starts, or has much to do, may need longer for a service than the message bus waits.
  [/timed? ?out/i, "failed"],
  [/not provided by any \.service|connect to (?:the )?bus|no such (?:device|name)/i, "absent"],
  [/activat|is masked|not found\.?$/i, "absent"],
  [/access denied|not authorized|permission denied/i, "denied"],
  [/no space left|exceeds? (?:slot|device|available) size|too (?:big|large)/i, "no_room"],
  [/compatible mismatch/i, "wrong_board"],
  [/version.*(?:limit|lower|minimum)|too old/i, "older"],
  [/invalid bundle format/i, "damaged"],
  [/signature verification failed|signature|certificate/i, "wrong_signature"],
  [/bundle|manifest|squashfs|checksum|verity|input\/output error/i, "damaged"],
  // All that RAUC before 1.10 says of a bundle that it can't take.
  [/rauc info error/i, "damaged"],
];

function slotOf(row: Row): Slot | undefined {
  const word = (key: string): string | undefined => textOf(variantOf(row[key]));
  const name = word("bootname");
  if (name === undefined || name === "") return undefined;
  const version = word("bundle.version");
  const status = word("status");
  return {
    name,
    isBooted: word("state") === "booted",
    isGood: word("boot-status") === "good",
    ...(version === undefined || version === "" ? {} : { version }),
    ...(status === undefined ? {} : { isWhole: status === "ok" }),
  };
}

function bundleOf(
  compatible: string | undefined,
  version: string | undefined,
  description: string | undefined,
  build: string | undefined,
): Bundle | undefined {
  if (compatible === undefined || compatible === "") return undefined;
  return {
    compatible,
    // A bundle may have none; it is then newer than nothing.
    version: version ?? "",
    ...(description === undefined || description === "" ? {} : { description }),
    ...(build === undefined || build === "" ? {} : { build }),
  };
}

/** The only value of a method's answer. */
function bodyOf(text: string, type: string): unknown {
  const data = dataOf(text, type);
  return Array.isArray(data) && data.length === 1 ? data[0] : undefined;
}

function dataOf(text: string, type: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRow(value) && value.type === type ? value.data : undefined;
}

function variantOf(value: unknown): unknown {
  if (!isRow(value) || typeof value.type !== "string") return undefined;
  // busctl prints a variant in a variant as it is: one more wrapping.
  return value.type === "v" ? variantOf(value.data) : value.data;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? plain(value).slice(0, TEXT_MAX) : undefined;
}

function plain(text: string): string {
  return text.toWellFormed().replace(/\p{Cc}+/gu, " ");
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TEXT_MAX = 500;
const SLOTS_MAX = 16;
