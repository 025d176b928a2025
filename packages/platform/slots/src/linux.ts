import { type Processes, textOf } from "@passerelle/process";
import { err, ok, type Result } from "@passerelle/result";
import {
  errorOf,
  parseInfo,
  parseInspection,
  parseProgress,
  parseSlotStatus,
} from "./busctl-json.ts";
import type { Slots, SlotsError } from "./port.ts";

/**
 * RAUC's D-Bus service by the program `busctl`: 10 to 30 ms a call, no D-Bus library, and the service ends by itself
 * when nobody asks. Looking is polling: `busctl monitor` is for root.
 */
export function createLinuxSlots(options: LinuxSlotsOptions): Slots {
  const { processes, env } = options;
  const busctl = async (words: readonly string[], limitMs = LIMIT_MS) => {
    const done = await processes.run({
      argv: ["busctl", "--json=short", ...words],
      limitMs,
      outputBytesMax: OUTPUT_MAX,
      ...(env === undefined ? {} : { env }),
    });
    if (!done.ok) return err(programError(done.error));
    const { code, stdout, stderr } = done.value;
    if (code === 0) return ok(textOf(stdout));
    return err(errorOf(textOf(stderr).replace(/^Call failed: /, "")));
  };
  const call = (method: string, ...words: readonly string[]) =>
    busctl(["call", ...OBJECT, method, ...words], CALL_LIMIT_MS);
  const mark = async (state: string, which: string): Promise<Result<void, SlotsError>> => {
    const marked = await call("Mark", "ss", state, which);
    return marked.ok ? ok(undefined) : marked;
  };
  return {
    async status() {
      return read(await call("GetSlotStatus"), parseSlotStatus);
    },
    async inspect(path) {
      const inspected = await call("InspectBundle", "sa{sv}", path, "0");
      if (inspected.ok || !/no such method|unknown method/i.test(inspected.error.text)) {
        return read(inspected, parseInspection);
      }
      return read(await call("Info", "s", path), parseInfo);
    },
    async install(path) {
      const begun = await call("InstallBundle", "sa{sv}", path, "0");
      return begun.ok ? ok(undefined) : begun;
    },
    async progress() {
      const names = ["Operation", "Progress", "LastError"];
      return read(await busctl(["get-property", ...OBJECT, ...names]), parseProgress);
    },
    markGood: () => mark("good", "booted"),
    activate: (which) => mark("active", which),
  };
}

export interface LinuxSlotsOptions {
  readonly processes: Processes;
  /** The whole environment of busctl; absent: the system bus. */
  readonly env?: Readonly<Record<string, string>>;
}

function read<T>(
  answer: Result<string, SlotsError>,
  parse: (text: string) => T | undefined,
): Result<T, SlotsError> {
  if (!answer.ok) return answer;
  const value = parse(answer.value);
  return value === undefined
    ? err({ code: "unreadable", text: answer.value.slice(0, SAID_MAX) })
    : ok(value);
}

function programError({ code, text }: { readonly code: string; readonly text: string }) {
  return { code: code === "ENOENT" ? ("absent" as const) : ("unreadable" as const), text };
}

const OBJECT = ["de.pengutronix.rauc", "/", "de.pengutronix.rauc.Installer"] as const;
const LIMIT_MS = 10_000;
/** The service is started by the first call, and a signature over a whole bundle takes seconds on a small board. */
const CALL_LIMIT_MS = 90_000;
const OUTPUT_MAX = 1 << 20;
const SAID_MAX = 200;
