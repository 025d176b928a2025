import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 AA and what axe calls best practice. */
const OPTIONS = {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

export interface AxeViolation {
  readonly id: string;
  readonly help: string;
  /** Selector and reason of each element. */
  readonly nodes: readonly string[];
}

/**
 * What axe finds on the page as it is now. It runs in a world of its own: the page's content security policy holds
 * for the page, is not weakened for the test, and does not stop the judge.
 */
export async function axe(page: Page): Promise<readonly AxeViolation[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send("Page.getFrameTree");
    const { executionContextId } = await session.send("Page.createIsolatedWorld", {
      frameId: frameTree.frame.id,
      worldName: "axe",
    });
    const evaluate = async (expression: string): Promise<unknown> => {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
        ...{ expression, contextId: executionContextId, awaitPromise: true, returnByValue: true },
      });
      if (exceptionDetails !== undefined)
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    await evaluate(`${SOURCE};undefined`);
    const found = await evaluate(`axe.run(document, ${JSON.stringify(OPTIONS)}).then(
      ({ violations }) => JSON.stringify(violations))`);
    return (JSON.parse(String(found)) as readonly Found[]).map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  } finally {
    await session.detach();
  }
}

interface Found {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly {
    readonly target: readonly string[];
    readonly failureSummary?: string;
  }[];
}
