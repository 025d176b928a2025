import type { ReplyOf, Routes } from "@passerelle/api";
import type { WanDsl, WanDslBin, WanDslSpectrum } from "@passerelle/contract";
import type { Fixture } from "./box.ts";
import { NOW, wanDown } from "./fixtures.ts";
import { whole } from "./fixtures-box.ts";

type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;
type Line = Extract<WanDsl, { kind: "line" }>;

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const adsl: Line = {
  kind: "line",
  driver: "snmp",
  state: "up",
  rawState: "SHOWTIME",
  since: NOW - 6 * DAY,
  retrains: 3,
  standard: "G.992.5",
  annex: "A",
  tc: "atm",
  powerState: "L0",
  down: {
    currRate: 12_847_000,
    maxRate: 14_120_000,
    previousRate: 13_204_000,
    noiseMargin: 6.4,
    lineAttenuation: 33.5,
    signalAttenuation: 31.9,
    power: 19.4,
    interleaveDelay: 0.008,
    interleaveDepth: 64,
    actInp: 2,
    trellis: true,
    bitswap: true,
    retransmission: false,
  },
  up: {
    currRate: 1_024_000,
    maxRate: 1_180_000,
    noiseMargin: 9,
    lineAttenuation: 17.2,
    power: 12.4,
    interleaveDelay: 0,
    actInp: 0.5,
  },
  near: { erroredSecs: 412, crcErrors: 1893, fecErrors: 88_213 },
  far: { erroredSecs: 31 },
  modem: { vendor: "Broadcom", version: "A2pv6F039" },
  operator: { vendor: "Infineon", version: "0x8201" },
  quality: { "down.maxRate": "derived", "up.maxRate": "derived", "down.power": "suspect" },
  abilities: { spectrum: false, resync: false },
};

const vdsl: Line = {
  kind: "line",
  driver: "draytek",
  state: "up",
  rawState: "SHOWTIME",
  since: NOW - 9 * HOUR,
  retrains: 0,
  standard: "G.993.2",
  annex: "B",
  profile: "17a",
  tc: "ptm",
  powerState: "L0",
  down: {
    currRate: 87_412_000,
    maxRate: 103_550_000,
    noiseMargin: 8.1,
    lineAttenuation: 14.2,
    power: 14.1,
    interleaveDelay: 0,
    interleaveDepth: 1,
    actInp: 38,
    retransmission: true,
    vectoring: "full",
    trellis: true,
    bitswap: true,
    sra: true,
    bands: [
      { band: "D1", noiseMargin: 8.2, lineAttenuation: 11.4 },
      { band: "D2", noiseMargin: 8, lineAttenuation: 27.3 },
      { band: "D3", noiseMargin: 7.9, lineAttenuation: 41 },
    ],
  },
  up: {
    currRate: 31_800_000,
    maxRate: 34_020_000,
    noiseMargin: 7.4,
    lineAttenuation: 15.8,
    power: 6.3,
    interleaveDelay: 0,
    interleaveDepth: 1,
    actInp: 41,
    retransmission: true,
    vectoring: "full",
    bands: [{ band: "U1", noiseMargin: 7.4, lineAttenuation: 20.1 }, { band: "U2" }],
  },
  near: { erroredSecs: 2, crcErrors: 4, fecErrors: 0 },
  far: { erroredSecs: 0, crcErrors: 0, fecErrors: 12 },
  modem: { vendor: "DrayTek", chipset: "Intel VRX518", version: "5.2.7_BT", serial: "001DAA" },
  operator: { vendor: "Broadcom", version: "193.231" },
  quality: {},
  abilities: { spectrum: true, resync: true },
};

const training: Line = {
  ...vdsl,
  state: "training",
  rawState: "TRAINING",
  since: NOW - 40_000,
  retrains: 1,
  down: {},
  up: {},
  fault: {
    code: "dsl_training",
    text: { fr: "La ligne DSL se synchronise.", en: "The DSL line is being synchronised." },
    next: { fr: "Cela prend une à trois minutes.", en: "It takes one to three minutes." },
  },
};

const unreachable: WanDsl = {
  kind: "unreachable",
  driver: "draytek",
  since: NOW - 12 * MINUTE,
  fault: {
    code: "dsl_unreachable",
    text: { fr: "Le modem ne répond pas.", en: "The modem does not answer." },
    next: {
      fr: "Vérifiez le modem et son adresse dans les réglages de la ligne.",
      en: "Check the modem and its address in the settings of the line.",
    },
    raw: "connect EHOSTUNREACH 192.168.2.1:23",
  },
};

const W = "W".repeat(2000);
const hostile: Line = {
  ...adsl,
  standard: `\u202Egpj.exe ${W}`,
  profile: W,
  annex: "<b>",
  rawState: '<img src=x onerror="alert(1)">',
  down: { ...adsl.down, noiseMargin: 1.8, bands: [{ band: W }, { band: "بيت" }] },
  modem: { vendor: W, chipset: "\u202Eevil\u2066", version: "بيت العائلة ١٢٣" },
  abilities: { spectrum: true, resync: true },
};

function bins(count: number, period: number, of: (n: number) => number): WanDslBin[] {
  return Array.from({ length: count }, (_, n) => ({
    start: NOW - (NOW % period) - (count - 1 - n) * period,
    seconds: period / 1000,
    upSeconds: period / 1000,
    retrains: n === count - 20 ? 1 : 0,
    isEstimated: n === 3,
    near: n === 30 ? {} : { erroredSecs: of(n) },
    far: n === 30 ? {} : { erroredSecs: Math.floor(of(n) / 5) },
  }));
}

const history: Reply<"GET /wan/dsl/history"> = {
  quarters: bins(96, QUARTER, (n) => (n % 7 === 0 ? n % 23 : n > 70 && n < 84 ? 18 + (n % 9) : 0)),
  days: bins(14, DAY, (n) => 20 + ((n * 37) % 90)),
};

const TONES = 512;
const KHZ_A_GROUP = 8 * 4.3125;
const BANDS = {
  down: [
    { start: 33, end: 859 },
    { start: 1216, end: 1961 },
    { start: 2793, end: 4083 },
  ],
  up: [
    { start: 7, end: 31 },
    { start: 871, end: 1205 },
    { start: 1972, end: 2782 },
  ],
};

function tonesOf(
  of: (group: number) => number | null,
  way?: "down" | "up",
): NonNullable<WanDslSpectrum["down"]["bits"]> {
  const isOf = (group: number): boolean =>
    way === undefined ||
    BANDS[way].some(({ start, end }) => group * 8 + 8 > start && group * 8 <= end);
  return {
    groupSize: 8,
    values: Array.from({ length: TONES }, (_, group) => (isOf(group) ? of(group) : null)),
  };
}

const loss = (group: number): number => 0.5 + 12 * Math.sqrt((group * KHZ_A_GROUP) / 1000);
const snr = (group: number): number => Math.round((70 - loss(group) + (group % 5)) * 10) / 10;
const bits = (group: number): number =>
  group > 60 && group < 66 ? 0 : Math.max(0, Math.min(15, Math.round(snr(group) * 2.4) / 10));
const noise = (group: number): number => (group === 120 ? -96 : -128 + (group % 7));

const spectrum: WanDslSpectrum = {
  at: NOW,
  toneSpacing: 4312.5,
  down: {
    bits: tonesOf(bits, "down"),
    snr: tonesOf(snr, "down"),
    qln: tonesOf(noise),
    hlog: tonesOf((group) => Math.round(-loss(group) * 10) / 10),
    bands: BANDS.down,
  },
  up: {
    bits: tonesOf(bits, "up"),
    snr: tonesOf((group) => snr(group) - 6, "up"),
    bands: BANDS.up,
  },
};

const margins: Reply<"GET /system/history"> = {
  series: "dsl_margin_down",
  periodMs: 1000,
  from: NOW - 599_000,
  mean: Array.from({ length: 600 }, (_, n) =>
    n > 300 && n < 340 ? null : Math.round((6.4 + 1.5 * Math.sin(n / 70)) * 10) / 10,
  ),
  peak: Array.from({ length: 600 }, () => 8),
};

function wires(dsl: WanDsl, channels: Fixture["channels"] = {}): Fixture {
  return {
    ...whole,
    replies: {
      ...whole.replies,
      "GET /wan/dsl/history": history,
      "GET /wan/dsl/spectrum": spectrum,
      "GET /system/history": margins,
    },
    channels: { ...whole.channels, ...channels, dsl },
  };
}

/** A DSL line in what it can be. */
export const dsl = {
  adsl: wires(adsl),
  vdsl: wires(vdsl),
  training: wires(training, { wan: wanDown }),
  unreachable: wires(unreachable),
  hostile: wires(hostile),
};
