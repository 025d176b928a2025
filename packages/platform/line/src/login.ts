import { type LineFailure, lineFailure } from "./line-error.ts";
import type { ConsoleSettings } from "./port.ts";

/** Whether a name and a password can be said as they are: an end of a line in one would be words of its own. */
export function isOneLine({ user, password }: ConsoleSettings): boolean {
  return !/\p{Cc}/u.test(user + password);
}

export function controlInLogin(): LineFailure {
  return lineFailure("login_refused", "the name or the password has a control character in it");
}
