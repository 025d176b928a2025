import { contains4, parseCidr4, parseIpv4 } from "@passerelle/net";
import { isRecord, textOf } from "./json-value.ts";
import { portOf } from "./port.ts";

/** How a modem is asked: the drivers of the box, as the configuration names them. */
export const MODEM_DRIVERS = ["draytek", "broadcom", "tr064", "snmp", "lantiq", "replay"] as const;
type ModemDriver = (typeof MODEM_DRIVERS)[number];
const RECORDINGS = ["adsl2plus", "vdsl2"] as const;
type Recording = (typeof RECORDINGS)[number];

/** What a person says about the modem; every value as it stands in its field. */
export interface ModemForm {
  readonly driver: ModemDriver | "none";
  readonly address: string;
  /** Our own in the modem's network, with or without its bits; empty: we are in that network anyway. */
  readonly from: string;
  /** Empty: the usual one. */
  readonly port: string;
  readonly user: string;
  /** Empty: the one that is stored stays. So with the community. */
  readonly password: string;
  readonly community: string;
  readonly recording: Recording;
}

/** Key `modem` of section `wan`, as far as the form knows it; secrets are masked, so only that there is one is kept. */
export interface ModemSection {
  readonly driver: ModemDriver;
  readonly address: string | undefined;
  readonly from: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly hasPassword: boolean;
  readonly hasCommunity: boolean;
  readonly recording: Recording | undefined;
  readonly speed: number | undefined;
}

export type ModemField =
  | "modemAddress"
  | "modemFrom"
  | "modemPort"
  | "modemUser"
  | "modemPassword"
  | "modemCommunity";

/** Which fields a driver has: by its address, by a login, by a community. */
export function modemFields(driver: ModemForm["driver"]): {
  readonly address: boolean;
  readonly login: boolean;
  readonly community: boolean;
  readonly recording: boolean;
} {
  const login = driver === "draytek" || driver === "broadcom" || driver === "tr064";
  const community = driver === "snmp";
  return { address: login || community, login, community, recording: driver === "replay" };
}

export function readModem(value: unknown): ModemSection | undefined {
  if (!isRecord(value)) return undefined;
  const driver = MODEM_DRIVERS.find((one) => one === value.driver);
  if (driver === undefined) return undefined;
  return {
    driver,
    address: textOf(value.address),
    from: textOf(value.from),
    port: numberOf(value.port),
    user: textOf(value.user),
    hasPassword: value.password !== undefined,
    hasCommunity: value.community !== undefined,
    recording: RECORDINGS.find((one) => one === value.recording),
    speed: numberOf(value.speed),
  };
}

export function modemForm(section: ModemSection | undefined): ModemForm {
  return {
    driver: section?.driver ?? "none",
    address: section?.address ?? "",
    from: section?.from ?? "",
    port: section?.port === undefined ? "" : String(section.port),
    user: section?.user ?? "",
    password: "",
    community: "",
    recording: section?.recording ?? "adsl2plus",
  };
}

/** Which fields can't be right, before the box is asked. */
export function modemErrors(
  form: ModemForm,
  section: ModemSection | undefined,
): readonly ModemField[] {
  const has = modemFields(form.driver);
  const wrong: ModemField[] = [];
  if (has.address && parseIpv4(form.address.trim()) === undefined) wrong.push("modemAddress");
  if (has.address && form.from.trim() !== "" && !isBeside(form)) wrong.push("modemFrom");
  if (has.address && form.port.trim() !== "" && portOf(form.port) === undefined) {
    wrong.push("modemPort");
  }
  if (has.login && !WORD.test(form.user.trim())) wrong.push("modemUser");
  const keepsPassword = section?.hasPassword === true && form.password === "";
  if (has.login && !keepsPassword && !SECRET.test(form.password)) wrong.push("modemPassword");
  const keepsCommunity = section?.hasCommunity === true && form.community === "";
  if (has.community && !keepsCommunity && !SECRET.test(form.community)) {
    wrong.push("modemCommunity");
  }
  return wrong;
}

/**
 * The merge patch (RFC 7396) of key `modem`: null takes it away, undefined leaves it as it is. What another kind of modem
 * had and this one has not goes, because the box refuses what it does not know.
 */
export function modemPatch(
  form: ModemForm,
  section: ModemSection | undefined,
): Readonly<Record<string, unknown>> | null | undefined {
  if (form.driver === "none") return section === undefined ? undefined : null;
  const has = modemFields(form.driver);
  const patch: Record<string, unknown> = {};
  const put = (key: string, wanted: unknown, stored: unknown): void => {
    if (wanted !== stored) patch[key] = wanted ?? null;
  };
  put("driver", form.driver, section?.driver);
  put("address", has.address ? form.address.trim() : undefined, section?.address);
  put("from", has.address ? fromOf(form) : undefined, section?.from);
  put("port", has.address ? portOf(form.port) : undefined, section?.port);
  put("user", has.login ? form.user.trim() : undefined, section?.user);
  if (has.login && form.password !== "") patch.password = form.password;
  if (!has.login && section?.hasPassword === true) patch.password = null;
  if (has.community && form.community !== "") patch.community = form.community;
  if (!has.community && section?.hasCommunity === true) patch.community = null;
  put("recording", has.recording ? form.recording : undefined, section?.recording);
  put("speed", has.recording ? (section?.speed ?? SPEED) : undefined, section?.speed);
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A network of modems is one of 256 addresses where nobody says otherwise. */
function fromOf({ from }: ModemForm): string | undefined {
  const text = from.trim();
  return text === "" || text.includes("/") ? text || undefined : `${text}/24`;
}

/** True where the two addresses are two in one network; the box looks at the rest. */
function isBeside(form: ModemForm): boolean {
  const from = parseCidr4(fromOf(form) ?? "");
  const address = parseIpv4(form.address.trim());
  if (from === undefined || address === undefined) return from !== undefined;
  return contains4(from, address) && from.address !== address;
}

/** In a demonstration half a minute is a quarter of an hour. */
const SPEED = 30;

const WORD = /^[\x21-\x7e]{1,128}$/;
const SECRET = /^[\x20-\x7e]{1,128}$/;

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
