import { CAPABILITIES } from "@passerelle/api";
import type { ChannelSource } from "./channels.ts";
import type { DoorOperation } from "./create-api.ts";
import type { Caller, Handlers } from "./port.ts";

/** Sessions and apps are the door's: it is asked when it says that they changed. */
export type DoorChannel = "sessions" | "apps";

export interface DoorSources {
  readonly sources: readonly (readonly [DoorChannel, ChannelSource])[];
  /** Asks the door anew, then says that there is something to look at. */
  refresh(channel: DoorChannel): void;
}

export function createDoorSources(
  handlers: Handlers<DoorOperation>,
  changed: (channel: DoorChannel) => void,
): DoorSources {
  const newest = new Map<DoorChannel, unknown>();
  const refresh = async (channel: DoorChannel): Promise<void> => {
    const call = { caller: OURSELVES, input: {} };
    const ask = handlers[channel === "apps" ? "GET /apps" : "GET /sessions"];
    const outcome = await ask(call).catch(() => undefined);
    if (outcome?.ok !== true) return;
    newest.set(channel, outcome.data);
    changed(channel);
  };
  const look = (channel: DoorChannel): unknown => {
    if (!newest.has(channel)) void refresh(channel);
    return newest.get(channel);
  };
  return {
    sources: [
      ["apps", { of: [], look: () => look("apps") }],
      ["sessions", { of: [], look: () => look("sessions"), personal: ownSession }],
    ],
    refresh: (channel) => void refresh(channel),
  };
}

/** `current` is true for the session that looks. */
function ownSession(value: unknown, caller: Caller): unknown {
  if (typeof value !== "object" || value === null || !("sessions" in value)) return value;
  const { sessions } = value;
  if (!Array.isArray(sessions)) return value;
  return {
    ...value,
    sessions: sessions.map((session: Readonly<Record<string, unknown>>) => ({
      ...session,
      current: session.id === caller.sessionId,
    })),
  };
}

/** Reads for everybody who follows; who may follow was asked before. */
const OURSELVES: Caller = {
  kind: "local",
  actor: "web",
  capabilities: new Set(CAPABILITIES),
  source: "local",
  steppedUp: false,
  secure: true,
};
