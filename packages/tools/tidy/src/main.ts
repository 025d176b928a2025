import { rules } from "./rules.ts";
import { readProject } from "./tree.ts";

const files = readProject(process.cwd());
const violations = rules.flatMap((rule) => rule.check(files));
for (const { rule, path, line, message } of violations) {
  process.stderr.write(`${path}:${line}: ${rule}: ${message}\n`);
}
process.stdout.write(
  `tidy: ${rules.length} rules, ${files.length} files, ${violations.length} violations\n`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
