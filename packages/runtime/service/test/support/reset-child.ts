// Run by factory-reset.test.ts: erases as a starting service does, and is killed at the n-th step.
import { eraseWhereOrdered } from "../../src/factory-reset.ts";

const [state = "", runtime = "", service = "", killAt = "0"] = process.argv.slice(2);
let steps = 0;
eraseWhereOrdered({ state, runtime }, service, () => {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, "SIGKILL");
});
process.stdout.write(String(steps));
