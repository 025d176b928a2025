import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OVERLAY } from "../../packages/tools/image/src/paths.ts";

/** Units of rootfs/ as the tools of this machine's systemd see them: nothing here needs a box. */

const UNITS = "usr/lib/systemd/system";
const HOST_UNITS = "/usr/lib/systemd/system";

/** Of Debian's rauc-service; ours is the drop-in. */
const RAUC = "[Service]\nType=dbus\nBusName=de.pengutronix.rauc\nExecStart=/usr/bin/rauc service\n";

/** A tree of systemd's own targets, and of rootfs/; programs are there by name. The caller deletes it. */
export function makeTree(): string {
  const tree = mkdtempSync(join(tmpdir(), "passerelle-units-"));
  mkdirSync(join(tree, UNITS), { recursive: true });
  for (const name of readdirSync(HOST_UNITS).filter((unit) => /\.(target|slice)$/.test(unit)))
    if (lstatSync(join(HOST_UNITS, name)).isFile())
      copyFileSync(join(HOST_UNITS, name), join(tree, UNITS, name));
  cpSync(OVERLAY, tree, { recursive: true, verbatimSymlinks: true, force: true });
  writeFileSync(join(tree, UNITS, "rauc.service"), RAUC);
  writeFileSync(join(tree, UNITS, "dbus.socket"), "[Socket]\nListenStream=/run/dbus/socket\n");
  writeFileSync(join(tree, UNITS, "dbus.service"), "[Service]\nExecStart=/usr/bin/rauc\n");
  for (const program of programs()) {
    mkdirSync(dirname(join(tree, program)), { recursive: true });
    writeFileSync(join(tree, program), "", { mode: 0o755 });
  }
  execFileSync("systemd-sysusers", [`--root=${tree}`], { stdio: "ignore" });
  return tree;
}

/** Every unit of ours that runs something, with an instance for each daemon; and the engine that we only restrict. */
export function serviceUnits(): readonly string[] {
  const names = readdirSync(join(OVERLAY, UNITS));
  const services = names.filter((name) => /^passerelle-.*\.service$/.test(name));
  return [...services, ...daemons().map((name) => `passerelle@${name}.service`), "rauc.service"];
}

/** The daemons that have a drop-in. */
export function daemons(): readonly string[] {
  return readdirSync(join(OVERLAY, UNITS)).flatMap(
    (name) => /^passerelle@([a-z]+)\.service\.d$/.exec(name)?.[1] ?? [],
  );
}

/** What a directive of a unit has as its last value, drop-ins of rootfs/ included; for an instance, also its template's. */
export function settingOf(unit: string, directive: string): string | undefined {
  const template = unit.replace(/@.*\./, "@.");
  const names = readdirSync(join(OVERLAY, UNITS), { recursive: true, encoding: "utf8" });
  const dropIns = [template, unit].map((name) => `${name}.d/`);
  const texts = [
    ...names.filter((name) => name === unit || name === template),
    ...names.filter((name) => dropIns.some((folder) => name.startsWith(folder))).sort(),
  ].map(unitText);
  const values = texts.join("\n").matchAll(new RegExp(`^${directive}=(.*)$`, "gm"));
  return [...values].at(-1)?.[1];
}

export function overlayText(path: string): string {
  return readFileSync(join(OVERLAY, path), "utf8");
}

export function unitText(name: string): string {
  return overlayText(join(UNITS, name));
}

/** What `systemd-analyze verify` has to say; nothing is good. */
export function complaints(tree: string, unit: string): readonly string[] {
  const done = spawnSync("systemd-analyze", [`--root=${tree}`, "verify", "--man=no", unit], {
    encoding: "utf8",
  });
  const lines = `${done.stdout}${done.stderr}`.split("\n").filter((line) => line !== "");
  return lines.filter((line) => !NEWER.some((key) => line.includes(`Unknown key '${key}'`)));
}

/** The box has systemd 257, this machine may have 252. */
const NEWER = ["RestartSteps", "RestartMaxDelaySec"];

export interface Exposure {
  /** 0 to 10, as the tool weighs it. */
  readonly overall: number;
  /** Directive → its share, where it is not 0. */
  readonly exposed: Readonly<Record<string, number>>;
}

export function exposureOf(tree: string, unit: string): Exposure {
  const analyze = (...words: string[]): string =>
    execFileSync(
      "systemd-analyze",
      [`--root=${tree}`, "security", "--offline=true", "--no-pager", ...words, unit],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
  const overall = /Overall exposure level for .*: ([0-9.]+)/.exec(analyze())?.[1];
  if (overall === undefined) throw new Error(`systemd-analyze has no judgement for ${unit}`);
  const rows = JSON.parse(analyze("--json=short")) as Row[];
  const exposed = rows
    .map(({ json_field: field, exposure }) => [field, Number(exposure ?? 0)] as const)
    .filter(([, exposure]) => exposure > 0)
    .sort(([a], [b]) => a.localeCompare(b));
  return { overall: Number(overall), exposed: Object.fromEntries(exposed) };
}

interface Row {
  readonly json_field: string;
  readonly exposure: string | null;
}

/** The programs that units start. */
function programs(): ReadonlySet<string> {
  const texts = readdirSync(join(OVERLAY, UNITS), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(service|conf)$/.test(name))
    .map(unitText);
  const paths = [...texts, RAUC].flatMap((text) =>
    [...text.matchAll(/^Exec[A-Za-z]+=-?(\/[^ \n]+)/gm)].map(([, path = ""]) => path),
  );
  return new Set(paths);
}
