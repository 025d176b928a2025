import type { Bus } from "@passerelle/bus-client";
import type { Processes } from "@passerelle/process";
import type { Fault } from "@passerelle/result";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import type { Sockets } from "@passerelle/sockets";
import type { JobLine, JobStep } from "../../core/diagnostics/input.ts";
import type { HomeFacts } from "./home-facts.ts";
import type { Interfaces } from "./interfaces.ts";

/** What every diagnosis works with. */
export interface Tools {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  readonly processes: Processes;
  readonly sockets: Sockets;
  readonly runtimeDirectory: string;
  /** Milliseconds with a fraction, from any start: an `Instant` counts whole ones, and a LAN answers in less. */
  readonly stopwatch: () => number;
  readonly interfaces: Interfaces;
  /** What the other daemons last said. */
  readonly home: HomeFacts;
}

/** Where one diagnosis tells what it finds. */
export interface Report {
  readonly id: string;
  readonly signal: AbortSignal;
  line(line: JobLine): void;
  step(step: JobStep): void;
  progress(share: number): void;
  file(bytes: number): void;
}

/** How a diagnosis ended; undefined: well. */
export type Ended = Fault | undefined;
