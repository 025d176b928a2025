import { readdirSync, statfsSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { readInterfaces } from "../core/proc.ts";
import type { Release } from "../core/upgrade/state.ts";
import { readReleaseText } from "../schema.ts";
import { readText } from "./files.ts";

/** What the machine is. Read from the firmware's own files; undefined where it has none. */
export interface BoxFacts {
  readonly model: string;
  readonly serial?: string;
  readonly hostname: string;
  readonly kernel: string;
}

export interface StorageUse {
  readonly name: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What we may still write: less than the difference, where some is kept for root. */
  readonly freeBytes: number;
}

export interface InterfaceUse {
  readonly name: string;
  readonly up: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receiveErrors: number;
  readonly sendErrors: number;
}

export function readBox(): BoxFacts {
  const model =
    firmwareText("/proc/device-tree/model") ??
    firmwareText("/sys/class/dmi/id/product_name") ??
    "unknown";
  const serial =
    firmwareText("/proc/device-tree/serial-number") ??
    firmwareText("/sys/class/dmi/id/product_serial");
  return {
    model,
    ...(serial === undefined ? {} : { serial }),
    hostname: hostname().slice(0, 64),
    kernel: (readText("/proc/sys/kernel/osrelease") ?? "").trim().slice(0, 128),
  };
}

/** Of the image of the board, where it is one; else as this package says. */
export function readRelease(): Release {
  const text = readText(process.env.PASSERELLE_RELEASE ?? "/usr/share/passerelle/release.json");
  return (text === undefined ? undefined : readReleaseText(text)) ?? { version: packageVersion() };
}

export function readVersion(): string {
  return readRelease().version;
}

function packageVersion(): string {
  const text = readText(fileURLToPath(new URL("../../package.json", import.meta.url)));
  return /"version": "([0-9a-z.+-]{1,32})"/.exec(text ?? "")?.[1] ?? "unknown";
}

/** The hottest sensor in degrees; undefined where the machine has none. */
export function readTemperature(): number | undefined {
  const sensors = [
    ...namesIn("/sys/class/thermal", /^thermal_zone\d+$/, (name) => [`${name}/temp`]),
    ...namesIn("/sys/class/hwmon", /^hwmon\d+$/, (name) =>
      [1, 2, 3].map((n) => `${name}/temp${n}_input`),
    ),
  ];
  const degrees = sensors.flatMap((path) => {
    const text = readText(path)?.trim();
    const value = Number(text) / 1000;
    // A sensor that is not connected says -127 or nothing.
    return text === undefined || text === "" || !(value > -55 && value < 200) ? [] : [value];
  });
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

export function readStorage(places: Readonly<Record<string, string>>): readonly StorageUse[] {
  return Object.entries(places).flatMap(([name, path]) => {
    try {
      const { bsize, blocks, bfree, bavail } = statfsSync(path);
      const usedBytes = (blocks - bfree) * bsize;
      return [{ name, totalBytes: blocks * bsize, usedBytes, freeBytes: bavail * bsize }];
    } catch {
      return [];
    }
  });
}

/** Counters of every interface; `up` is what the administrator wants (IFF_UP), not whether there is a carrier. */
export function readInterfaceUse(): readonly InterfaceUse[] {
  const text = readText("/proc/net/dev") ?? "";
  return readInterfaces(text)
    .filter(({ name }) => /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name))
    .slice(0, INTERFACES_MAX)
    .map((counters) => {
      const flags = Number.parseInt(readText(`/sys/class/net/${counters.name}/flags`) ?? "0", 16);
      return { ...counters, up: (flags & IFF_UP) !== 0 };
    });
}

const IFF_UP = 1;
const INTERFACES_MAX = 64;
const SENSORS_MAX = 16;

function firmwareText(path: string): string | undefined {
  // Device tree strings end with NUL.
  const text = readText(path)?.replaceAll("\0", "").trim();
  return text === undefined || text === "" ? undefined : text.replace(/\p{C}/gu, "").slice(0, 128);
}

function namesIn(
  directory: string,
  pattern: RegExp,
  files: (name: string) => readonly string[],
): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => pattern.test(name))
      .slice(0, SENSORS_MAX)
      .flatMap(files)
      .map((file) => `${directory}/${file}`);
  } catch {
    return [];
  }
}
