import {
  isSource,
  lineAt,
  type ProjectFile,
  programOf,
  type Rule,
  type Violation,
  walk,
} from "./tree.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export const sizesRule: Rule = {
  name: "sizes",
  about: `One concept a file: at most ${FILE_LINES_MAX} lines a file and ${FUNCTION_LINES_MAX} a function.`,
  check: (files) => files.filter((file) => isSource(file.path)).flatMap(checkFile),
};

function checkFile(file: ProjectFile): Violation[] {
  const violations: Violation[] = [];
  const lines = file.text.trimEnd().split("\n").length;
  if (lines > FILE_LINES_MAX) {
    violations.push({
      rule: "sizes",
      path: file.path,
      line: 1,
      message: `has ${lines} lines; at most ${FILE_LINES_MAX}: which second concept is in it?`,
    });
  }
  walk(programOf(file), (node) => {
    if (!FUNCTIONS.has(node.type)) return;
    const first = lineAt(file.text, node.start);
    const length = lineAt(file.text, node.end) - first + 1;
    if (length > FUNCTION_LINES_MAX) {
      violations.push({
        rule: "sizes",
        path: file.path,
        line: first,
        message: `a function of ${length} lines; at most ${FUNCTION_LINES_MAX}`,
      });
    }
  });
  return violations;
}
