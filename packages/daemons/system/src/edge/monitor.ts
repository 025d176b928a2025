import type { Bus } from "@passerelle/bus-client";
import { type SystemSample, systemInterfaces, systemSample } from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import { milliseconds } from "@passerelle/time";
import { readInterfaceUse, readStorage, readTemperature, type StorageUse } from "./box.ts";
import type { History } from "./history.ts";
import { Meter } from "./meter.ts";
import { ProcessTable, type ProcessUse } from "./processes.ts";

/** What the line says of itself; a rate and a latency need it. */
export interface LineFacts {
  readonly interface: string;
  readonly latencyMs?: number;
}

/** What the modem of a DSL line says: dB and bit/s. */
export type DslFacts = Pick<
  SystemSample,
  "dslMarginDown" | "dslMarginUp" | "dslRateDown" | "dslRateUp"
>;

export interface Measured {
  readonly sample: SystemSample;
  readonly storage: readonly StorageUse[];
  readonly processes: readonly ProcessUse[];
}

export interface MonitorOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly history: History;
  readonly places: Readonly<Record<string, string>>;
  /** Every ten seconds, with everything. */
  readonly measured: (measured: Measured) => void;
  /** The calendar jumped by so many milliseconds against the monotonic clock. */
  readonly stepped: (ms: number) => void;
  /** Where the kernel's texts are; a test gives its own. */
  readonly procRoot?: string;
}

const SECOND_MS = 1000;
const SLOW_EVERY = 10;
/** The kernel walks every page of a process to say its memory. */
const MEMORY_EVERY = 60;
const STEP_MS = 1000;

/** The pulse of the daemon: one reading a second, on the second of the monotonic clock. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #meter: Meter;
  readonly #processes: ProcessTable;
  #line: LineFacts | undefined;
  #dsl: DslFacts = {};
  #temperature: number | undefined;
  #beats = 0;
  /** Calendar minus monotonic clock. */
  #offset: number | undefined;
  #timer: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#meter = new Meter(options.clock, options.procRoot);
    this.#processes = new ProcessTable(options.clock, options.procRoot);
  }

  start(): void {
    // The first reading has nothing to be compared with.
    this.#meter.read(undefined);
    this.#beat();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  line(line: LineFacts | undefined): void {
    this.#line = line;
  }

  dsl(dsl: DslFacts): void {
    this.#dsl = dsl;
  }

  #arm(): void {
    const { clock } = this.#options;
    const wait = SECOND_MS - (clock.now() % SECOND_MS);
    this.#timer = clock.later(milliseconds(wait), () => {
      if (this.#stopped) return;
      this.#beat();
      this.#arm();
    });
  }

  #beat(): void {
    const { bus, history, clock } = this.#options;
    this.#watchCalendar();
    const isSlow = this.#beats % SLOW_EVERY === 0;
    if (isSlow) this.#temperature = readTemperature();
    const sample = this.#sample();
    bus.publish(systemSample, sample);
    history.add([
      sample.cpu,
      sample.memoryAvailableBytes,
      sample.temperatureCelsius ?? null,
      this.#line === undefined ? null : sample.wanDownRate,
      this.#line === undefined ? null : sample.wanUpRate,
      sample.latencyMs ?? null,
      sample.dslMarginDown ?? null,
      sample.dslMarginUp ?? null,
      sample.dslRateDown ?? null,
      sample.dslRateUp ?? null,
    ]);
    if (isSlow) {
      bus.publish(systemInterfaces, { at: clock.wall(), interfaces: [...readInterfaceUse()] });
      this.#options.measured({
        sample,
        storage: readStorage(this.#options.places),
        processes: this.#processes.read(this.#beats % MEMORY_EVERY === 0),
      });
    }
    this.#beats += 1;
  }

  /** A clock that is slewed moves by a millisecond a second; what moves more was set. */
  #watchCalendar(): void {
    const { clock, stepped } = this.#options;
    const offset = clock.wall() - clock.now();
    const moved = this.#offset === undefined ? 0 : offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(moved) >= STEP_MS) stepped(moved);
  }

  #sample(): SystemSample {
    const line = this.#line;
    const { cpu, memory, down, up } = this.#meter.read(line?.interface);
    return {
      at: this.#options.clock.wall(),
      cpu: cpu ?? 0,
      memoryTotalBytes: memory?.totalBytes ?? 0,
      memoryAvailableBytes: memory?.availableBytes ?? 0,
      ...(this.#temperature === undefined ? {} : { temperatureCelsius: this.#temperature }),
      wanDownRate: Math.round(down ?? 0),
      wanUpRate: Math.round(up ?? 0),
      ...(line?.latencyMs === undefined ? {} : { latencyMs: line.latencyMs }),
      ...this.#dsl,
    };
  }
}
