import { isRecord, textOf } from "./json-value.ts";
import {
  type ModemField,
  type ModemForm,
  type ModemSection,
  modemErrors,
  modemForm,
  modemPatch,
  readModem,
} from "./modem-form.ts";

/** What a person may say about the line; every value as it stands in its field. */
export interface LineForm {
  readonly profile: string;
  readonly login: string;
  /** Empty: the one that is stored stays. */
  readonly password: string;
  /** The VLAN of the operator is made by the box; else somebody before it has taken the tag off. */
  readonly tagged: boolean;
  readonly ownMac: boolean;
  readonly mac: string;
  readonly hostname: string;
  readonly boxModel: string;
  /** Megabits a second; both empty: the line is not bounded. */
  readonly download: string;
  readonly upload: string;
  /** Bounded to what the modem says instead; where none is watched, to nothing. */
  readonly followsModem: boolean;
  readonly modem: ModemForm;
}

/** The wan section as far as the form knows it; the password is masked. */
export interface LineSection {
  readonly profile: string;
  readonly mac: string;
  readonly link: string;
  readonly login: string | undefined;
  readonly hostname: string | undefined;
  readonly boxModel: string | undefined;
  /** Kilobits a second. */
  readonly shaping: { readonly download: number; readonly upload: number } | "modem" | undefined;
  /** The modem of a DSL line that is watched. */
  readonly modem: ModemSection | undefined;
}

export type LineField =
  | "profile"
  | "login"
  | "password"
  | "mac"
  | "hostname"
  | "boxModel"
  | "download"
  | "upload"
  | ModemField;

export function readLineSection(section: unknown): LineSection | undefined {
  if (!isRecord(section)) return undefined;
  const { profile, mac, link, credentials, hostname, boxModel, shaping, modem } = section;
  if (typeof profile !== "string" || typeof mac !== "string") return undefined;
  if (typeof link !== "string") return undefined;
  return {
    profile,
    mac,
    link,
    login: isRecord(credentials) ? textOf(credentials.login) : undefined,
    hostname: textOf(hostname),
    boxModel: textOf(boxModel),
    shaping: shapingOf(shaping),
    modem: readModem(modem),
  };
}

export function lineForm(section: LineSection): LineForm {
  const typed = section.shaping === "modem" ? undefined : section.shaping;
  return {
    profile: section.profile,
    login: section.login ?? "",
    password: "",
    tagged: section.link === "profile",
    ownMac: section.mac === "own",
    mac: section.mac === "own" ? "" : section.mac,
    hostname: section.hostname ?? "",
    boxModel: section.boxModel ?? "",
    download: megabits(typed?.download),
    upload: megabits(typed?.upload),
    followsModem: section.shaping === "modem",
    modem: modemForm(section.modem),
  };
}

/** Which fields can't be right, before the box is asked. */
export function lineErrors(form: LineForm, section: LineSection): readonly LineField[] {
  const wrong: LineField[] = [];
  const hasLogin = form.login.trim() !== "";
  if (hasLogin && !isAscii(form.login)) wrong.push("login");
  if (!isAscii(form.password)) wrong.push("password");
  // A new login without a password would keep the one of another.
  const isNewLogin = hasLogin && section.login === undefined;
  if (isNewLogin && form.password === "") wrong.push("password");
  if (!hasLogin && form.password !== "") wrong.push("login");
  if (!form.ownMac && macOf(form.mac) === undefined) wrong.push("mac");
  if (form.hostname !== "" && !LABEL.test(form.hostname)) wrong.push("hostname");
  if (form.boxModel !== "" && !/^[\x21-\x7e]{1,64}$/.test(form.boxModel)) wrong.push("boxModel");
  // One of them alone says nothing.
  const isBounded =
    !followsModem(form) && (form.download.trim() !== "" || form.upload.trim() !== "");
  for (const way of ["download", "upload"] as const) {
    if (isBounded && kilobits(form[way]) === undefined) wrong.push(way);
  }
  return [...wrong, ...modemErrors(form.modem, section.modem)];
}

/** Only what differs: a secret that was not typed is not touched. */
export function linePatch(form: LineForm, section: LineSection): Readonly<Record<string, unknown>> {
  const patch: Record<string, unknown> = {};
  if (form.profile !== section.profile) patch.profile = form.profile;
  const login = form.login.trim();
  if (login === "") {
    if (section.login !== undefined) patch.credentials = null;
  } else if (login !== section.login || form.password !== "") {
    patch.credentials = { login, ...(form.password === "" ? {} : { password: form.password }) };
  }
  const mac = form.ownMac ? "own" : macOf(form.mac);
  if (mac !== undefined && mac !== section.mac) patch.mac = mac;
  const link = form.tagged ? "profile" : "untagged";
  if (link !== section.link) patch.link = link;
  if (form.hostname !== (section.hostname ?? "")) patch.hostname = orNull(form.hostname);
  if (form.boxModel !== (section.boxModel ?? "")) patch.boxModel = orNull(form.boxModel);
  const shaping = shapingPatch(form, section.shaping);
  if (shaping !== undefined) patch.shaping = shaping;
  const modem = modemPatch(form.modem, section.modem);
  if (modem !== undefined) patch.modem = modem;
  return patch;
}

/** Rates of a modem are followed while there is one. */
export function followsModem({ followsModem: isWanted, modem }: LineForm): boolean {
  return isWanted && modem.driver !== "none";
}

/** What one way of bounding had and the other has not goes. */
function shapingPatch(
  form: LineForm,
  stored: LineSection["shaping"],
): Readonly<Record<string, unknown>> | null | undefined {
  const before = stored === "modem" ? undefined : stored;
  if (followsModem(form)) {
    if (stored === "modem") return undefined;
    return { follow: "modem", ...(before === undefined ? {} : { download: null, upload: null }) };
  }
  const download = kilobits(form.download);
  const upload = kilobits(form.upload);
  if (download === undefined || upload === undefined)
    return stored === undefined ? undefined : null;
  if (download === before?.download && upload === before.upload) return undefined;
  return { download, upload, ...(stored === "modem" ? { follow: null } : {}) };
}

/** A hardware address in any of the ways a label prints it; undefined where it is none of one device. */
export function macOf(typed: string): string | undefined {
  const digits = typed.toLowerCase().replace(/[\s:.-]/g, "");
  if (!/^[0-9a-f]{12}$/.test(digits) || digits === "000000000000") return undefined;
  if (/^.[13579bdf]/.test(digits)) return undefined;
  return digits.match(/../g)?.join(":");
}

/** Megabits as people say them, with a point or a comma, as whole kilobits; undefined where no line is so slow or fast. */
export function kilobits(typed: string): number | undefined {
  const text = typed.trim().replace(",", ".");
  if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(text)) return undefined;
  const rate = Math.round(Number(text) * 1000);
  return rate >= KILOBITS_MIN && rate <= KILOBITS_MAX ? rate : undefined;
}

function megabits(rate: number | undefined): string {
  return rate === undefined ? "" : String(rate / 1000);
}

function shapingOf(value: unknown): LineSection["shaping"] {
  if (!isRecord(value)) return undefined;
  const { download, upload, follow } = value;
  if (follow === "modem") return "modem";
  return typeof download === "number" && typeof upload === "number"
    ? { download, upload }
    : undefined;
}

const KILOBITS_MIN = 100;
const KILOBITS_MAX = 10_000_000;
const LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

function isAscii(typed: string): boolean {
  return /^[\x20-\x7e]*$/.test(typed);
}

function orNull(typed: string): string | null {
  return typed === "" ? null : typed;
}
