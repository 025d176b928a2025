/** What the optics of a fibre's module measure (SFF-8472): the line's health where the line is light. */
export interface SfpDiagnostics {
  readonly vendor?: string;
  readonly partNumber?: string;
  readonly serial?: string;
  /** Degrees Celsius. */
  readonly temperature?: number;
  /** Volts. */
  readonly voltage?: number;
  /** Of the laser, amperes. */
  readonly biasCurrent?: number;
  /** dBm; absent where the laser is dark. */
  readonly txPower?: number;
  /** dBm; absent where no light comes in. */
  readonly rxPower?: number;
  readonly lossOfSignal?: boolean;
  readonly txFault?: boolean;
  /** Thresholds of the module's maker that are crossed. */
  readonly alarms: readonly SfpAlarm[];
}

export interface SfpAlarm {
  readonly quantity: SfpQuantity;
  readonly side: "high" | "low";
  readonly level: "alarm" | "warning";
}

export type SfpQuantity = (typeof SFP_QUANTITIES)[number];

/** In the order of the flags of SFF-8472 tables 9-12 and 9-13. */
export const SFP_QUANTITIES = [
  "temperature",
  "voltage",
  "biasCurrent",
  "txPower",
  "rxPower",
] as const;
