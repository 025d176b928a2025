import { join } from "node:path";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

/**
 * mosquitto.conf and its access lists, written to `directory` by the program itself, so that no box has to start Node for
 * them at each boot. Each client's socket is in a directory of its own, whose group is that client's.
 */
export function writeBusFiles(
  directory: string,
  box: {
    /** Where the files will lie when mosquitto reads them. */
    readonly lies: string;
    /** PASSERELLE_RUNTIME_DIR of the box. */
    readonly runtime: string;
  },
): void {
  const program = join(ROOT, "packages/apps/passerelle/src/main.ts");
  run([process.execPath, program, "bus-config", directory, "--board", box.lies], {
    env: { PASSERELLE_RUNTIME_DIR: box.runtime },
  });
}
