/** Readers of the texts under /proc (proc(5)). What is missing reads as undefined: kernels differ. */

export interface CpuTimes {
  /** Ticks of all processors that worked, and all ticks. */
  readonly busy: number;
  readonly total: number;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal (guest is inside user). */
export function readCpuTimes(stat: string): CpuTimes | undefined {
  const line = /^cpu +([0-9 ]+)/.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const fields = line.trim().split(" ").map(Number).slice(0, 8);
  if (fields.length < 4 || !fields.every(Number.isFinite)) return undefined;
  const total = fields.reduce((sum, ticks) => sum + ticks, 0);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { busy: total - idle, total };
}

/** Share of the processors between two readings; counters that ran back (a suspended guest) give nothing. */
export function cpuShare(before: CpuTimes, now: CpuTimes): number | undefined {
  const total = now.total - before.total;
  if (!(total > 0)) return undefined;
  return Math.min(1, Math.max(0, (now.busy - before.busy) / total));
}

export interface Memory {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

export function readMemory(meminfo: string): Memory | undefined {
  const kilobytes = (name: string): number | undefined => {
    const found = new RegExp(`^${name}: +([0-9]+) kB`, "m").exec(meminfo)?.[1];
    return found === undefined ? undefined : Number(found) * 1024;
  };
  const totalBytes = kilobytes("MemTotal");
  const availableBytes = kilobytes("MemAvailable");
  if (totalBytes === undefined || availableBytes === undefined) return undefined;
  return { totalBytes, availableBytes };
}

export interface InterfaceCounters {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receiveErrors: number;
  readonly sendErrors: number;
}

/** /proc/net/dev of this network namespace. */
export function readInterfaces(text: string): readonly InterfaceCounters[] {
  return text.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    if (colon < 0) return [];
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    const [receivedBytes, , receiveErrors, , , , , , sentBytes, , sendErrors] = fields;
    if (
      receivedBytes === undefined ||
      receiveErrors === undefined ||
      sentBytes === undefined ||
      sendErrors === undefined
    ) {
      return [];
    }
    const name = line.slice(0, colon).trim();
    return [{ name, receivedBytes, sentBytes, receiveErrors, sendErrors }];
  });
}

/** The counters of one interface alone, without reading the others: for every second. */
export function readInterface(text: string, name: string): InterfaceCounters | undefined {
  const at = text.indexOf(`${name}:`);
  // "eth0:" is also the end of "veth0:".
  if (at < 0 || (at > 0 && text[at - 1] !== " " && text[at - 1] !== "\n")) {
    return readInterfaces(text).find((each) => each.name === name);
  }
  const end = text.indexOf("\n", at);
  return readInterfaces(text.slice(at, end < 0 ? undefined : end))[0];
}

/** /proc/PID/smaps_rollup: proportional set size. */
export function readPss(text: string): number | undefined {
  const found = /^Pss: +([0-9]+) kB/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}

/** /proc/PID/statm: what is resident and not a file's, less than PSS by its share of programs and libraries. */
export function readPrivateBytes(text: string): number | undefined {
  const found = /^\d+ (\d+) (\d+) /.exec(text);
  if (found === null) return undefined;
  return Math.max(0, Number(found[1]) - Number(found[2])) * PAGE_BYTES;
}

/** Of every kernel that Debian has for x86-64 and arm64. */
const PAGE_BYTES = 4096;

export interface ProcessStat {
  readonly name: string;
  /** User and system ticks. */
  readonly ticks: number;
  /** Ticks after boot; with the number it names one process for ever. */
  readonly startedAt: number;
}

/** /proc/PID/stat; the name in brackets may hold anything, brackets too. */
export function readProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(" ");
  const [user, system, startedAt] = [fields[11], fields[12], fields[19]].map(Number);
  if (user === undefined || system === undefined || startedAt === undefined) return undefined;
  if (!Number.isFinite(user + system + startedAt)) return undefined;
  return { name: text.slice(open + 1, close), ticks: user + system, startedAt };
}

/**
 * Which of ours a command line runs: `… main.ts run lan` is "lan", `run --all` is "all", the broker is "broker".
 * Arguments are separated by NUL.
 */
export function daemonOf(cmdline: string): string | undefined {
  const words = cmdline.split("\0").filter((word) => word !== "");
  const [program = ""] = words;
  if (/(^|\/)mosquitto$/.test(program)) return "broker";
  const at = words.indexOf("run");
  if (at < 1 || !/passerelle/.test(words.slice(0, at).join(" "))) return undefined;
  const names = words.slice(at + 1).filter((word) => /^[a-z][a-z0-9-]{0,31}$/.test(word));
  if (names.length === 0) return words.includes("--all") ? "all" : undefined;
  return names.slice(0, 9).join("+");
}
