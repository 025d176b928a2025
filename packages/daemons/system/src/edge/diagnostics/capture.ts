import { chmod, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnosis } from "@passerelle/contract";
import { type Mac, parseMac } from "@passerelle/net";
import type { Child, Exit } from "@passerelle/process";
import { milliseconds, seconds } from "@passerelle/time";
import { captureArguments } from "../../core/diagnostics/capture.ts";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import { captureStep } from "../../core/diagnostics/results.ts";
import type { Ended, Report, Tools } from "./tools.ts";

/** Records packets into a file that only we can read, for so long, and no longer. */
export async function runCapture(
  tools: Tools,
  request: Diagnosis & { readonly kind: "capture" },
  report: Report,
): Promise<Ended> {
  const device = deviceOf(tools, request.network);
  if (device === undefined) return diagnosticsFault("unknown_network");
  const mac = request.mac === undefined ? undefined : parseMac(request.mac);
  if (request.mac !== undefined && mac === undefined) return diagnosticsFault("diagnosis_invalid");
  const file = captureFile(tools.runtimeDirectory, report.id);
  const made = await makeFile(file);
  if (made !== undefined) return diagnosticsFault("capture_not_possible", made);
  const { exit, said, stopped } = await record(tools, { device, mac, file, request, report });
  const bytes = await sizeOf(file);
  report.file(bytes);
  // Ended by us, or by itself at the greatest number of packets.
  if (!stopped && exit.code !== 0) {
    return diagnosticsFault("capture_not_possible", exit.error ?? said.join("; "));
  }
  report.step(captureStep(bytes, !stopped));
  return undefined;
}

/** The id is one that we made: never a part of a path that came from outside. */
export function captureFile(directory: string, id: string): string {
  return join(directory, `${PREFIX}${id}${SUFFIX}`);
}

export async function deleteCapture(directory: string, id: string): Promise<void> {
  await rm(captureFile(directory, id), { force: true });
}

/** Nobody knows of captures that an earlier life of this daemon made. */
export async function removeCaptures(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (name.startsWith(PREFIX) && name.endsWith(SUFFIX))
      await rm(join(directory, name), { force: true });
  }
}

/** At most `PART_BYTES` from `offset`; undefined where there is no such file. */
export async function readPart(
  file: string,
  offset: number,
): Promise<{ readonly data: string; readonly more: boolean } | undefined> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const part = Buffer.alloc(Math.max(0, Math.min(PART_BYTES, size - offset)));
    const { bytesRead } = await handle.read(part, 0, part.length, offset);
    const data = part.subarray(0, bytesRead).toString("base64");
    return { data, more: bytesRead > 0 && offset + bytesRead < size };
  } finally {
    await handle.close();
  }
}

export const PART_BYTES = 512 * 1024;

const PREFIX = "capture-";
const SUFFIX = ".pcap";
const LINES_KEPT = 5;
const LOOK_EVERY = seconds(1);
const GRACE = milliseconds(2000);

/** The name of an interface comes from the daemon that owns it, never from who asks. */
function deviceOf({ home }: Tools, network: string): string | undefined {
  return network === "wan" ? home.wan?.interface : home.network(network)?.bridge;
}

/** The errno where it could not be made. A file that is there already is not ours. */
async function makeFile(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.close();
    // Whatever the umask is.
    await chmod(file, 0o600);
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

interface Recording {
  readonly device: string;
  readonly mac: Mac | undefined;
  readonly file: string;
  readonly request: Diagnosis & { readonly kind: "capture" };
  readonly report: Report;
}

interface Recorded {
  readonly exit: Exit;
  readonly said: readonly string[];
  /** True where we ended it: the time is over, or somebody stopped it. */
  readonly stopped: boolean;
}

function record(
  tools: Tools,
  { device, mac, file, request, report }: Recording,
): Promise<Recorded> {
  const { clock, processes } = tools;
  return new Promise((resolve) => {
    const said: string[] = [];
    let over: { cancel(): void } | undefined;
    let looking: { cancel(): void } | undefined;
    let child: Child | undefined;
    let stopped = false;
    const stop = (): void => {
      if (stopped) return;
      stopped = true;
      over?.cancel();
      child?.signal("SIGTERM");
      over = clock.later(GRACE, () => child?.signal("SIGKILL"));
    };
    const ended = (exit: Exit): void => {
      over?.cancel();
      looking?.cancel();
      report.signal.removeEventListener("abort", stop);
      resolve({ exit, said, stopped });
    };
    const started = processes.start({
      argv: captureArguments({ device, file, ...(mac === undefined ? {} : { mac }) }),
      onLine: (line) => {
        said.push(line.slice(0, 200));
        if (said.length > LINES_KEPT) said.shift();
      },
      onExit: ended,
    });
    if (!started.ok) {
      return ended({ code: 127, signal: undefined, error: started.error.code });
    }
    child = started.value;
    over = clock.later(seconds(request.seconds), stop);
    report.signal.addEventListener("abort", stop);
    if (report.signal.aborted) stop();
    const begun = clock.now();
    const look = (): void => {
      void sizeOf(file).then((bytes) => report.file(bytes));
      report.progress((clock.now() - begun) / (request.seconds * 1000));
      looking = clock.later(LOOK_EVERY, look);
    };
    look();
  });
}
