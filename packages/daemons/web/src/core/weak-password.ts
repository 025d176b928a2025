/**
 * Whether a password that a person chose is among the first that somebody would try. No rules about kinds of
 * characters: they make passwords worse (NIST SP 800-63B section 5.1.1.2).
 */
export function isWeakPassword(next: string, current: string, label: string): boolean {
  const text = next.normalize("NFKC");
  const plain = text.toLowerCase();
  if (text === current.normalize("NFKC") || text === label) return true;
  if (new Set(plain).size < DISTINCT_MIN) return true;
  if (isRun(plain)) return true;
  const letters = plain.replace(/[^a-z]/g, "");
  return COMMON.some((word) => letters === word);
}

const DISTINCT_MIN = 5;
/** With whatever digits and signs around them. */
const COMMON: readonly string[] = [
  "admin",
  "administrator",
  "azertyuiop",
  "bienvenue",
  "changeme",
  "letmein",
  "livebox",
  "motdepasse",
  "passerelle",
  "password",
  "qwertyuiop",
  "welcome",
];

/** Each character the next one of the alphabet or of the digits. */
function isRun(text: string): boolean {
  const steps = new Set<number>();
  for (let at = 1; at < text.length; at += 1)
    steps.add(text.charCodeAt(at) - text.charCodeAt(at - 1));
  return steps.size === 1 || (steps.size === 2 && text.includes("1234567890") && text.length <= 12);
}
