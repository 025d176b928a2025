import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathsOf } from "../state.ts";

/**
 * What is printed on the box of this lab: its first password, drawn once and the same after a power cut or a
 * factory reset, as a label's is.
 */
export function labelPassword(lab: string): string {
  const known = readLabelPassword(lab);
  if (known !== undefined) return known;
  const password = drawPassword();
  const path = labelFile(lab);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return password;
}

export function readLabelPassword(lab: string): string | undefined {
  try {
    return readFileSync(labelFile(lab), "utf8").trim();
  } catch {
    return undefined;
  }
}

function drawPassword(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

/** 31 letters of which none looks like another one: 4.95 bit each, 79 together. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 16;

function labelFile(lab: string): string {
  return join(pathsOf(lab).config, "label");
}
