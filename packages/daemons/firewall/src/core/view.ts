import type { firewallState, StateTopic } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { Confirmed, State } from "./state.ts";
import { openingsOf } from "./wanted.ts";

/** What a state topic carries. */
type Payload<Topic> = Topic extends StateTopic<infer T> ? T : never;

/** The retained document without the time of its last change of kind, which the edge adds. */
export type FirewallView = Omit<Payload<typeof firewallState>, "since">;

/** What people may see; undefined while there is nothing new to say (a transaction takes milliseconds). */
export function viewOf(state: State): FirewallView | undefined {
  switch (state.kind) {
    case "starting":
    case "applying":
      return undefined;
    case "protecting":
      return { kind: "protecting", ...inForce(state.confirmed) };
    case "failed":
      return { kind: "failed", ...inForce(state.confirmed), fault: plain(state.fault) };
  }
}

function inForce(
  confirmed: Confirmed | undefined,
): Pick<FirewallView, "openings" | "blockedDevices"> & { digest?: string } {
  if (confirmed === undefined) return { openings: [], blockedDevices: [] };
  const { model, digest } = confirmed;
  return {
    digest,
    openings: openingsOf(model),
    blockedDevices: model.kind === "home" ? model.blocked.map((device) => device.mac) : [],
  };
}

function plain(fault: Fault): Exclude<FirewallView["fault"], undefined> {
  return { ...fault, text: { ...fault.text } } as Exclude<FirewallView["fault"], undefined>;
}
