/** ITU-T recommendation of the modulation (TR-181 StandardUsed without its annex). */
export type Standard =
  | "T1.413"
  | "G.992.1"
  | "G.992.2"
  | "G.992.3"
  | "G.992.4"
  | "G.992.5"
  | "G.993.1"
  | "G.993.2"
  | "G.9701";

/** A: over telephony, B: over ISDN, I, J: no telephony below, L: long reach, M: more upstream. */
export type Annex = "A" | "B" | "C" | "I" | "J" | "L" | "M";

export type Profile = (typeof PROFILES)[number];

export const PROFILES = [
  "8a",
  "8b",
  "8c",
  "8d",
  "12a",
  "12b",
  "17a",
  "30a",
  "35b",
  "106a",
  "106b",
] as const;

export interface Mode {
  readonly standard?: Standard;
  readonly annex?: Annex;
  readonly profile?: Profile;
}

/** Reads the many ways in which modems write a mode: "VDSL2 Annex B", "G.992.5 (ADSL2+) Annex J", "17A", "ADSL2+". */
export function readMode(text: string): Mode {
  const profile = readProfile(text);
  const standard = readStandard(text) ?? (profile === undefined ? undefined : standardOf(profile));
  const annex = readAnnex(text);
  return {
    ...(standard === undefined ? {} : { standard }),
    ...(annex === undefined ? {} : { annex }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** Hertz between two tones (ITU-T G.993.2 section 6.1, G.9701 section 10.4.3); undefined where the mode is not known. */
export function toneSpacingOf(mode: Mode): number | undefined {
  if (mode.profile === "30a") return 8625;
  if (mode.standard === "G.9701") return 51_750;
  return mode.standard === undefined ? undefined : 4312.5;
}

export function readAnnex(text: string): Annex | undefined {
  const letter = /annex[\s_-]*([a-z])\b/i.exec(text)?.[1]?.toUpperCase();
  return ANNEXES.find((annex) => annex === letter);
}

/** Broadcom's name for 35b is "BrcmPriv1". */
export function readProfile(text: string): Profile | undefined {
  if (/brcmpriv1/i.test(text)) return "35b";
  const word = /(?:^|[^0-9a-z.])(8[abcd]|12[ab]|17a|30a|35b|106[ab])(?![0-9a-z])/i.exec(text)?.[1];
  return PROFILES.find((profile) => profile === word?.toLowerCase());
}

function readStandard(text: string): Standard | undefined {
  return STANDARDS.find(([pattern]) => pattern.test(text))?.[1];
}

function standardOf(profile: Profile): Standard {
  return profile.startsWith("106") ? "G.9701" : "G.993.2";
}

const ANNEXES: readonly Annex[] = ["A", "B", "C", "I", "J", "L", "M"];

// In this order: "ADSL2+" has "ADSL2" in it, and that has "ADSL".
const STANDARDS: readonly (readonly [RegExp, Standard])[] = [
  [/g\.?\s?9701|g\.?fast/i, "G.9701"],
  [/g\.?\s?993\.[25]|vdsl\s?2/i, "G.993.2"],
  [/g\.?\s?993\.1|vdsl/i, "G.993.1"],
  [/g\.?\s?992\.5|adsl\s?2\s?(\+|plus)/i, "G.992.5"],
  [/g\.?\s?992\.4/i, "G.992.4"],
  [/g\.?\s?992\.3|adsl\s?2/i, "G.992.3"],
  [/g\.?\s?992\.2|g\.?\s?lite/i, "G.992.2"],
  [/g\.?\s?992\.1|g\.?\s?dmt/i, "G.992.1"],
  [/t1[._]?413/i, "T1.413"],
  [/adsl/i, "G.992.1"],
];
