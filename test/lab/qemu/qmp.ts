import { connected, JsonDoor } from "./json-door.ts";

/** QEMU's own door (QMP). Opened for a few commands and closed: QEMU hears one caller at a time. */
export class Qmp extends JsonDoor {
  static async open(path: string): Promise<Qmp> {
    const qmp = new Qmp(await connected(path), "QEMU", ANSWER_MS);
    await qmp.call("qmp_capabilities");
    return qmp;
  }

  /** A command of QEMU's monitor for people, for what QMP has no command for. What it says is an error, or nothing. */
  async monitor(line: string, timeoutMs: number): Promise<void> {
    const said = await this.call<string>(
      "human-monitor-command",
      { "command-line": line },
      timeoutMs,
    );
    if (said.trim() !== "") throw new Error(`QEMU: ${line}: ${said.trim()}`);
  }
}

const ANSWER_MS = 20_000;
