/** Registers of an MT5311 by what they hold, as its own monitor asks for them. US is the operator's end receiving. */
export const REGISTER = {
  phyStatus: 0x6c35,
  linkTime: 0x6d35,
  actProfile: 0x6f26,
  attainableRateDs: 0x6f20,
  attainableRateUs: 0x6f21,
  actAtpDs: 0x6f24,
  actAtpUs: 0x6f25,
  trellisDs: 0x6fd2,
  trellisUs: 0x6fd3,
  lineAttenuationUs: 0x6ffc,
  signalAttenuationUs: 0x6ffd,
  noiseMarginUs: 0x6ffe,
  lineAttenuationDs: 0x7000,
  signalAttenuationDs: 0x7001,
  noiseMarginDs: 0x7002,
  rateUs: 0x7004,
  previousRateUs: 0x7005,
  delayUs: 0x7006,
  inpUs: 0x7007,
  depthUs: 0x700c,
  rateDs: 0x7020,
  previousRateDs: 0x7021,
  delayDs: 0x7022,
  inpDs: 0x7023,
  depthDs: 0x7028,
  farVersion: 0x79ce,
  nearVendorFirst: 0x79e4,
  nearVendorRest: 0x79e5,
  nearVersion: 0x79ea,
  farVendorFirst: 0x7d98,
  farVendorRest: 0x7d99,
  farTotals: 0x7ee0,
  nearFec: 0x7ef3,
  nearTotals: 0x7eff,
} as const;

/** Texts are six registers of three letters each. */
export const VERSION_REGISTERS = 6;

/** CV, FECS, ES, SES, LOSS, UAS follow each other; at the far end FEC stands before them. */
export const TOTALS = 6;

/** First and last tone of each band: US0 … US4 from the first register on, DS1 … DS4 from the second. */
export const BANDS = { up: 0x6e37, upCount: 5, down: 0x6e47, downCount: 4 } as const;

/** Tone values in groups of 8: Hlog a register each, QLN and SNR three to a register. */
export const SPECTRUM = {
  hlog: 0x7471,
  qln: 0x7671,
  snr: 0x771c,
  groups: 512,
  groupSize: 8,
} as const;

/** All that `snapshotOfMetanoia` reads. */
export const METANOIA_SNAPSHOT_REGISTERS: readonly number[] = [
  ...new Set([
    ...Object.values(REGISTER),
    ...following(REGISTER.farVersion, VERSION_REGISTERS),
    ...following(REGISTER.nearVersion, VERSION_REGISTERS),
    ...following(REGISTER.nearTotals, TOTALS),
    ...following(REGISTER.farTotals, TOTALS + 1),
  ]),
];

/** All that `spectrumOfMetanoia` reads. */
export const METANOIA_SPECTRUM_REGISTERS: readonly number[] = [
  ...following(BANDS.up, BANDS.upCount * 2),
  ...following(BANDS.down, BANDS.downCount * 2),
  ...following(SPECTRUM.hlog, SPECTRUM.groups),
  ...following(SPECTRUM.qln, Math.ceil(SPECTRUM.groups / 3)),
  ...following(SPECTRUM.snr, Math.ceil(SPECTRUM.groups / 3)),
];

function following(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
