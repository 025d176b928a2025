import type { App } from "./app.ts";
import type { SessionOwner } from "./session.ts";

/** The box knows one person: whoever has the password. */
export const PERSON = "admin";

/** "admin", or what the app calls itself. */
export function ownerName(owner: SessionOwner, apps: ReadonlyMap<string, App>): string {
  return owner.kind === "person" ? PERSON : (apps.get(owner.app)?.name ?? owner.app);
}
