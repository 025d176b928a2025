import type { Bus } from "@passerelle/bus-client";
import { type DriverReport, drive, type MachineDriver } from "./driver.ts";
import type { Clock, Entropy, Logger, ServiceContext } from "./port.ts";

/** What a service is given, and what the runtime keeps to look inside. */
export interface OwnedContext<Config> {
  readonly context: ServiceContext<Config>;
  /** One report a machine, in the order in which they were driven. */
  reports(): readonly DriverReport[];
  /** Stops every driver: no timer of a machine outlives its service. */
  stopDrivers(): void;
}

export interface ContextOptions<Config> {
  readonly config: Config;
  readonly bus: Bus;
  readonly log: Logger;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  /** Called when a step, a check or an effect throws: the process ends. */
  readonly fatal: (error: unknown) => void;
}

export function createServiceContext<Config>(
  options: ContextOptions<Config>,
): OwnedContext<Config> {
  const { fatal, ...given } = options;
  const drivers: Pick<MachineDriver<unknown, never>, "report" | "stop">[] = [];
  return {
    context: {
      ...given,
      drive(machine, driveOptions) {
        const driver = drive(machine, driveOptions, { clock: given.clock, fatal });
        drivers.push(driver);
        return driver;
      },
    },
    reports: () => drivers.map((driver) => driver.report()),
    stopDrivers: () => {
      for (const driver of drivers) driver.stop();
    },
  };
}
