import { after, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { told } from "./board.ts";
import { DEATHS_MAX, watchDaemon } from "./conditions.ts";
import type { Input } from "./input.ts";
import type { State } from "./state.ts";
import type { Draft } from "./step.ts";
import type { Note } from "./write.ts";

/** Daemons known at one time; the contract has fewer. */
const DAEMONS_MAX = 32;

export function heardDevice(state: State, input: Extract<Input, { kind: "device" }>): Draft {
  const { at, what, device } = input;
  const code = ({ new: "device_new", online: "device_online", offline: "device_offline" } as const)[
    what
  ];
  const notes: Note[] = [{ code, at, actor: device.name, source: device.mac ?? device.id }];
  const isGuest = device.network !== undefined && state.guests.includes(device.network);
  if (what !== "new" || isGuest || !state.config.notifications.newDevice) return { state, notes };
  const next = told(state, {
    id: `device:${device.id}`,
    at,
    severity: "info",
    code: device.privateMac ? "device_joined_private" : "device_joined",
    subject: device.name,
  });
  return { state: next, notes };
}

/**
 * What is open is compared with what the log knows to be open: a restart opens nothing. While the box starts, the
 * firewall has no openings for some seconds; only what stays away is closed.
 */
export function heardFirewall(
  state: State,
  input: Extract<Input, { kind: "firewall" }>,
  now: Instant,
): Draft {
  const { at, openings, fault } = input;
  const { memory } = state;
  const notes: Note[] = openings
    .filter(({ id, text }) => memory.openings[id] !== text)
    .map(({ text, owner }) => ({ code: "opening_added", at, what: text, actor: owner }));
  const failed = fault !== undefined;
  if (fault !== undefined && !memory.firewallFailed) {
    notes.push({ fault, at, category: "security", severity: "fault", source: "firewall" });
  }
  if (!failed && memory.firewallFailed) notes.push({ code: "firewall_protects", at });
  const open = Object.fromEntries(openings.map(({ id, text }) => [id, text]));
  const isGone = Object.keys(memory.openings).some((id) => open[id] === undefined);
  const closed = isGone
    ? { open, at: earliest(state.closed?.at, after(now, CLOSED_AFTER)) ?? now }
    : undefined;
  const next = { ...state, closed };
  if (notes.length === 0) return { state: next };
  const all = { ...memory.openings, ...open };
  return {
    state: { ...next, memory: { ...memory, openings: all, firewallFailed: failed } },
    notes,
  };
}

/** Openings that stayed away are closed. */
export function settleOpenings(state: State, now: Instant): Draft {
  const { closed, memory } = state;
  if (closed === undefined || !isDue(closed.at, now)) return { state };
  const notes = Object.entries(memory.openings)
    .filter(([id]) => closed.open[id] === undefined)
    .map(([, text]): Note => ({ code: "opening_removed", what: text }));
  const next = { ...state, closed: undefined, memory: { ...memory, openings: closed.open } };
  return { state: next, notes };
}

const CLOSED_AFTER = seconds(30);

/** The first word of a daemon is no news; from then on each death and each return is. */
export function heardDaemon(
  state: State,
  input: Extract<Input, { kind: "alive" }>,
  now: Instant,
): Draft {
  const { at, daemon: name, online, pid } = input;
  const known = state.daemons.get(name);
  if (known === undefined && state.daemons.size >= DAEMONS_MAX) return { state };
  // Its end may be told after its new beginning, or never: another process number is a death, too.
  const died = known?.online === true && (!online || (pid !== undefined && known.pid !== pid));
  const returned = known !== undefined && online && (!known.online || died);
  const deaths = died ? [...known.deaths, now].slice(-DEATHS_MAX) : (known?.deaths ?? []);
  const daemons = new Map(state.daemons).set(name, { online, pid, deaths });
  const notes: Note[] = [
    ...(died ? [{ code: "daemon_down", at, source: name } as const] : []),
    ...(returned ? [{ code: "daemon_up", at, source: name } as const] : []),
  ];
  return { state: watchDaemon({ ...state, daemons }, { name, died, online }, at, now), notes };
}
