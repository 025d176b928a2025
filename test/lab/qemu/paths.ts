import { join } from "node:path";
import { pathsOf } from "../state.ts";

/** What the lab keeps of its virtual machine. All short: the path of a Unix socket has 107 octets at most. */
export interface MachinePaths {
  /** QEMU's own door. */
  readonly qmp: string;
  /** The serial line of the guest agent; only the switchboard opens it. */
  readonly agent: string;
  /** Where the agent is asked (switchboard.ts). */
  readonly door: string;
  /** The image of the build as it was when the lab came up; never written. */
  readonly image: string;
  /** What this lab's machine wrote. */
  readonly disk: string;
  /** Each write to the disk since power on, where the lab was asked to note them (QEMU's blklogwrites). */
  readonly writes: string;
  /** Process number of QEMU, as `gw` numbers it. */
  readonly pid: string;
  readonly defaults: string;
  readonly console: string;
  readonly journal: string;
  /** How long each service took, milliseconds from power on. */
  readonly times: string;
}

export function machinePaths(lab: string): MachinePaths {
  const { directory, config, logs } = pathsOf(lab);
  return {
    qmp: join(directory, "qmp.sock"),
    agent: join(directory, "agent.sock"),
    door: join(directory, "door.sock"),
    image: join(directory, "image.raw"),
    disk: join(directory, "disk.qcow2"),
    writes: join(directory, "writes.log"),
    pid: join(directory, "qemu.pid"),
    defaults: join(config, "defaults.json"),
    console: join(logs, "console.log"),
    journal: join(logs, "journal.log"),
    times: join(config, "times.json"),
  };
}
