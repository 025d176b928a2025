import { MEANINGS, type Meaning } from "./lights.ts";

export interface Light {
  /** Of /sys/class/leds: a plain name that can't lead out of it. */
  readonly name: string;
  readonly shows: Meaning;
}

export interface LightNames {
  readonly lights: readonly Light[];
  /** What is none, as it was written. */
  readonly refused: readonly string[];
}

/**
 * PASSERELLE_LEDS, "ACT:power,green:wan:internet": the meaning stands behind the last colon, names have colons of their own.
 * Of several for one meaning the first that the machine has is it: models of one board differ.
 */
export function readLightNames(text: string | undefined): LightNames {
  const lights: Light[] = [];
  const refused: string[] = [];
  for (const word of (text ?? "").split(",").slice(0, LIGHTS_MAX)) {
    if (word === "") continue;
    const colon = word.lastIndexOf(":");
    const name = word.slice(0, Math.max(colon, 0));
    const shows = MEANINGS.find((meaning) => meaning === word.slice(colon + 1));
    if (shows === undefined || !NAME.test(name)) refused.push(word.slice(0, WORD_MAX));
    else lights.push({ name, shows });
  }
  return { lights, refused };
}

const LIGHTS_MAX = 8;
const WORD_MAX = 80;
/** LED_MAX_NAME_SIZE of uapi/linux/uleds.h is 64 with its end. No slash, no dot first. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9:_.+-]{0,62}$/;
