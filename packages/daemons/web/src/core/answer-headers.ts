/** S-22: on every answer of every door, whatever it says. No "server", no version. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  // No inline script or style runs, and no string becomes markup without a policy of ours: what a device calls
  // itself stays text.
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** What is true of the moment only, or of the person who asked. */
export const NO_STORE = "no-store";
