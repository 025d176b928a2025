import { signal } from "@preact/signals";
import { api, bareApi, type Reply } from "./api.ts";
import { startLive, stopLive } from "./live.ts";

export type Session = Reply<"GET /sessions/current">["session"];
export type Welcome = Reply<"GET /welcome">;

/** What anybody may know of the box; undefined until it answered. */
export const welcome = signal<Welcome | undefined>(undefined);
/** undefined: not known yet; "none": nobody is logged in. */
export const session = signal<Session | "none" | undefined>(undefined);
/** Why the last try to speak with the box did not work, before anything is shown. */
export const unreachable = signal(false);

const INSIDE = "passerelle.inside";

/** The first questions of the page: who is the box, and who are we. */
export async function meetBox(): Promise<void> {
  // Who was never in, or has left, need not ask: the answer would be no.
  const [hello, current] = await Promise.all([
    bareApi.call("GET /welcome"),
    wasInside() ? bareApi.call("GET /sessions/current") : undefined,
  ]);
  unreachable.value = !hello.ok;
  if (!hello.ok) return;
  welcome.value = hello.data;
  if (current?.ok === true) enter(current.data.session);
  else session.value = "none";
}

/** Whether this browser was logged in when it was last here; the session may be over meanwhile. */
export function wasInside(): boolean {
  return localStorage.getItem(INSIDE) !== null;
}

export function enter(next: Session): void {
  localStorage.setItem(INSIDE, "1");
  session.value = next;
  startLive();
}

export async function logOut(): Promise<void> {
  await api.call("DELETE /sessions/current");
  leave();
}

export function leave(): void {
  localStorage.removeItem(INSIDE);
  stopLive();
  session.value = "none";
}

/** Asks how long the session still lasts; to ask is to be active. */
export async function renewSession(): Promise<void> {
  const current = await api.call("GET /sessions/current");
  if (current.ok) session.value = current.data.session;
}
