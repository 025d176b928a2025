import type { App } from "./app.ts";
import type { SessionOwner } from "./session.ts";

/** The box knows one person: whoever has the password. */
export const PERSON = "admin";

/** "admin", or what the app calls itself. */
export function ownerName(owner: SessionOwner, apps: ReadonlyMap<string, App>): string {
  return owner.kind === "person" ? PERSON : (apps.get(owner.app)?.name ?? owner.app);
}

/** The time of its password is over: it has no right that a step-up could raise. */
export function mayOnlyRead(owner: SessionOwner): boolean {
  return owner.kind === "person" && owner.level === "reading";
}
