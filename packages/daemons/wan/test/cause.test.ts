import { instant } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import { type CauseCode, causeOf, faultOf } from "../src/core/cause.ts";
import type { ReachCause, ReachState, Verdict } from "../src/core/reach/state.ts";
import type { Trouble } from "../src/core/session/state.ts";
import type { WanMachineState } from "../src/core/state.ts";
import { ip, MAC, machine, storedLease } from "./fixtures.ts";

const start = machine().initial;
const lease = storedLease();

function watching(verdict: Verdict): ReachState {
  return {
    kind: "watching",
    path: { address: lease.address, resolvers: lease.resolvers },
    verdict,
    against: 0,
    roundId: 1,
    nextAt: instant(1),
    wait: 1000 as never,
  };
}

function up(change: Partial<WanMachineState>): WanMachineState {
  return { ...start, access: { kind: "up", mac: MAC }, ...change };
}

function searching(trouble?: Trouble): WanMachineState {
  const session = trouble === undefined ? start.session : { ...start.session, trouble };
  return up({ session });
}

function held(verdict: Verdict, more: Partial<WanMachineState> = {}): WanMachineState {
  return up({ session: { ...start.session, held: lease }, reach: watching(verdict), ...more });
}

function bad(cause: ReachCause): Verdict {
  return { kind: "offline", cause };
}

const TABLE: readonly (readonly [string, WanMachineState, CauseCode | undefined])[] = [
  ["no such interface", start, "no_interface"],
  ["no signal", { ...start, access: { kind: "no_carrier" } }, "no_carrier"],
  ["first search", searching(), "connecting"],
  ["nobody answers", searching("silence"), "no_answer"],
  ["NAK", searching("nak"), "refused_nak"],
  ["address in use", searching("conflict"), "address_conflict"],
  ["offers of nonsense", searching("unusable_offer"), "offer_unusable"],
  ["offers of the home's own addresses", searching("overlaps_lan"), "wan_lan_overlap"],
  ["bound, first round", held({ kind: "unknown" }), "connecting"],
  [
    "parked",
    held({ kind: "online" }, { parked: true, reach: { kind: "down", roundId: 0 } }),
    "refused_parked",
  ],
  ["online", held({ kind: "online" }), undefined],
  ["the wires are silent", { ...searching("silence"), dsl: "no_signal" }, "dsl_no_signal"],
  ["the wires are training", { ...searching(), dsl: "handshake" }, "dsl_training"],
  ["the modem is off the wires", { ...searching("silence"), dsl: "error" }, "dsl_error"],
  ["the wires are up, the operator silent", { ...searching("silence"), dsl: "up" }, "no_answer"],
  ["nobody knows of the wires", { ...searching("silence"), dsl: "unreachable" }, "no_answer"],
  ["the cable is out, the modem's word is old", { ...start, dsl: "no_signal" }, "no_interface"],
  ["online, whatever the modem says", held({ kind: "online" }, { dsl: "training" }), undefined],
  [
    "the Internet is gone with the wires",
    held(bad("no_internet"), { dsl: "training" }),
    "dsl_training",
  ],
  ["resolvers silent", held(bad("no_resolver")), "no_resolver"],
  ["Internet silent", held(bad("no_internet")), "no_internet"],
  [
    "the home moved onto the line",
    held({ kind: "online" }, { lanNetworks: [{ address: ip("198.51.0.1"), prefixLength: 16 }] }),
    "wan_lan_overlap",
  ],
];

describe("why the home is not online", () => {
  it.each(TABLE)("%s", (_, state, cause) => {
    expect(causeOf(state)).toBe(cause);
  });

  it("is a sentence in both languages, and says what to do wherever there is something to do", () => {
    for (const [, , code] of TABLE) {
      if (code === undefined) continue;
      const fault = faultOf(code);
      expect(fault.text.fr).toMatch(/^[A-ZL].+\.$/);
      expect(fault.text.en).toMatch(/^[A-Z].+\.$/);
      expect(fault.next === undefined).toBe(code === "connecting");
    }
  });
});
