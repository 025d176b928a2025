import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { type FuzzReport, fuzz } from "./engine.ts";
import { targets } from "./targets.ts";

/**
 * `main.ts SECONDS` runs every target for so long, each in a process of its own, and fails on a throw, a hang
 * or growth. `main.ts SECONDS NAME SEED` runs one, e.g. to replay a finding.
 */
const GROWTH_MAX = 8 * 1024 * 1024;

const seconds = Number(process.argv[2] ?? "300");
const only = process.argv[3];

if (only === undefined) {
  const reports = await runAll();
  const bad = reports.filter(
    (report) => report.findings.length > 0 || report.grownBytes > GROWTH_MAX,
  );
  process.exitCode = bad.length === 0 && reports.length === targets.length ? 0 : 1;
} else {
  const target = targets.find((candidate) => candidate.name === only);
  if (target === undefined) throw new Error(`no target ${only}`);
  const report = fuzz(target, seconds, Number(process.argv[4] ?? "1"));
  if (process.send === undefined) print(report);
  else process.send(report);
}

async function runAll(): Promise<readonly FuzzReport[]> {
  const waiting = [...targets];
  const reports: FuzzReport[] = [];
  const worker = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const report = await runChild(target.name);
      if (report !== undefined) reports.push(report);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return reports;
}

function runChild(name: string): Promise<FuzzReport | undefined> {
  const seed = String(Math.floor(Math.random() * 0xffff_ffff));
  return new Promise((resolve) => {
    const child = fork(import.meta.filename, [String(seconds), name, seed], {
      execArgv: ["--expose-gc"],
    });
    let report: FuzzReport | undefined;
    child.once("message", (message) => {
      report = message as FuzzReport;
    });
    child.once("exit", (code, signal) => {
      if (report === undefined) {
        process.stdout.write(`${name} (seed ${seed}): died (${code ?? signal})\n`);
      } else print(report, seed);
      resolve(report);
    });
  });
}

function print(report: FuzzReport, seed = "-"): void {
  process.stdout.write(
    `${report.name} (seed ${seed}): ${report.runs} inputs in ${report.seconds.toFixed(0)} s, slowest ${report.slowestMs.toFixed(2)} ms, grown ${(report.grownBytes / 1024).toFixed(0)} KiB, ${report.findings.length} findings\n`,
  );
  for (const finding of report.findings) {
    process.stdout.write(`  ${finding.kind}: ${finding.detail}\n    ${finding.input}\n`);
  }
}
