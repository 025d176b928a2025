/** Where a model's agent differs from the MIB that it names. Data, so that a new model is a row and not a branch. */
export interface SnmpQuirk {
  /** Tried on sysDescr (1.3.6.1.2.1.1.1.0). The first that fits counts. */
  readonly model: RegExp;
  readonly about: string;
  /** Decibels and dBm of ADSL-LINE-MIB are whole and not tenths. */
  readonly wholeDecibels?: true;
  /** ADSL-LINE-MIB's table of the ATU-C has what belongs to the downstream, that of the ATU-R to the upstream. */
  readonly tablesByDirection?: true;
  /** BITS are written with the lowest bit first. */
  readonly bitsReversed?: true;
  /** Not one value can be relied on. */
  readonly suspect?: true;
}

export const SNMP_QUIRKS: readonly SnmpQuirk[] = [
  {
    model: /Vigor ?16[567]/i,
    about:
      "firmware of 2022: ADSL-LINE-MIB filled by direction, in whole decibels, for VDSL2 as well",
    wholeDecibels: true,
    tablesByDirection: true,
    suspect: true,
  },
  {
    model: /DrayTek/i,
    about: "before 3.9: all under ADSL-LINE-MIB, whatever the line is",
    suspect: true,
  },
  {
    model: /MT-?V?5311/i,
    about: "Metanoia by way of an agent: BITS as the register has them",
    bitsReversed: true,
  },
];

export function quirkOf(sysDescr: string): SnmpQuirk | undefined {
  return SNMP_QUIRKS.find(({ model }) => model.test(sysDescr));
}
