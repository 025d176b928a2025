import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends a run with what a CI that keeps only the last lines must still show: each test that failed by its name and the
 * first line of its error, then "N passed, N failed, N skipped".
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const failed: string[] = [];
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].length === 0)
        counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "failed") failed.push(lineOf(test));
        if (state === "passed" || state === "failed" || state === "skipped") counts[state] += 1;
      }
    }
    for (const line of failed.slice(0, MOST_LINES)) process.stdout.write(`${line}\n`);
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
    );
  }
}

/** As many as the last page of a log can hold beside the summary. */
const MOST_LINES = 12;

function lineOf(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  const [first = ""] = stripVTControlCharacters(error?.message ?? "").split("\n");
  return `failed: ${test.module.relativeModuleId} > ${test.fullName}: ${first.slice(0, 120)}`;
}
