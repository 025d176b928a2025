import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transitionTable } from "@passerelle/testkit";
import { instant, milliseconds } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import {
  AUTOMATON_EVENTS,
  AUTOMATON_PHASES,
  type AutomatonPhase,
  CODE,
  encodeOptions,
  NEGOTIATION_TIMING,
  type Negotiation,
  type NegotiationEffect,
  type NegotiationInput,
  type NegotiationPolicy,
  negotiationMachine,
  transitionOf,
} from "../src/index.ts";
import { hex } from "./wire.ts";

const NOW = instant(10_000);

/** Type 1 is known and wants the value 1; we ask for it with what we were told last, and can do without. Type 3 we need. */
const policy: NegotiationPolicy<Uint8Array | undefined, number> = {
  request: (local) => (local === undefined ? [] : [{ type: 1, data: local }]),
  naked: (local, wanted) => wanted.find(({ type }) => type === 1)?.data ?? local,
  rejected: (_local, unknown) => (unknown.some(({ type }) => type === 3) ? hex("03") : undefined),
  judge: (local, asked) => ({
    local,
    peer: asked.length,
    verdicts: asked.map(({ type, data }) => {
      if (type !== 1) return { kind: "reject" };
      return data[0] === 1 ? { kind: "ack" } : { kind: "nak", data: hex("01") };
    }),
  }),
  extraCodes: [9],
};

function state(
  phase: AutomatonPhase,
  changes: Partial<Negotiation<Uint8Array | undefined, number>> = {},
): Negotiation<Uint8Array | undefined, number> {
  const asks = ["req_sent", "ack_sent"].includes(phase);
  const waits = ["closing", "stopping", "ack_rcvd"].includes(phase) || asks;
  return {
    phase,
    local: hex("07"),
    identifier: 5,
    triesLeft: 1,
    naksLeft: 1,
    roundsLeft: 3,
    ...(asks ? { request: { identifier: 5, options: [{ type: 1, data: hex("07") }] } } : {}),
    ...(waits ? { restart: { at: NOW, wait: milliseconds(600) } } : {}),
    ...(phase === "opened" || phase === "ack_sent" ? { peer: 1 } : {}),
    ...changes,
  };
}

const states: Record<string, Negotiation<Uint8Array | undefined, number>> = {
  ...Object.fromEntries(AUTOMATON_PHASES.map((phase) => [phase, state(phase)])),
  "req_sent, last try": state("req_sent", { triesLeft: 0 }),
  "closing, last try": state("closing", { triesLeft: 0 }),
  "stopping, last try": state("stopping", { triesLeft: 0 }),
  "ack_sent, no nak left": state("ack_sent", { naksLeft: 0 }),
  "req_sent, no round left": state("req_sent", { roundsLeft: 0 }),
};

function packet(code: number, options: string, identifier = 5): NegotiationInput {
  return { kind: "packet", packet: { code, identifier, data: hex(options) } };
}

const inputs: Record<string, NegotiationInput> = {
  up: { kind: "up" },
  down: { kind: "down" },
  open: { kind: "open" },
  close: { kind: "close" },
  timeout: { kind: "timeout" },
  "request, good": packet(CODE.CONFIGURE_REQUEST, "010301"),
  "request, other value": packet(CODE.CONFIGURE_REQUEST, "010302"),
  "request, unknown": packet(CODE.CONFIGURE_REQUEST, "010302 020399"),
  "request, malformed": packet(CODE.CONFIGURE_REQUEST, "0109"),
  ack: packet(CODE.CONFIGURE_ACK, "010307"),
  "ack, other identifier": packet(CODE.CONFIGURE_ACK, "010307", 4),
  "ack, other options": packet(CODE.CONFIGURE_ACK, "010308"),
  nak: packet(CODE.CONFIGURE_NAK, "010309"),
  "reject, fatal": packet(CODE.CONFIGURE_REJECT, "010307"),
  "reject, not ours": packet(CODE.CONFIGURE_REJECT, "090307"),
  terminate: packet(CODE.TERMINATE_REQUEST, ""),
  terminate_ack: packet(CODE.TERMINATE_ACK, ""),
  "code_reject 1": packet(CODE.CODE_REJECT, "01050004"),
  "code_reject 9": packet(CODE.CODE_REJECT, "09050004"),
  "code_reject, empty": packet(CODE.CODE_REJECT, ""),
  "code 9": packet(9, "00000000"),
  "code 42": packet(42, "00"),
  protocol_rejected: { kind: "protocol_rejected" },
};

function describeEffect(effect: NegotiationEffect): string {
  if (effect.kind === "send") {
    const { code, identifier, data } = effect.packet;
    const name = Object.entries(CODE).find(([, value]) => value === code)?.[0] ?? String(code);
    return `[${name.toLowerCase()} #${identifier}${data.length === 0 ? "" : ` ${Buffer.from(data).toString("hex")}`}]`;
  }
  return "why" in effect ? `[${effect.kind} ${effect.why}]` : `[${effect.kind}]`;
}

describe("RFC 1661 section 4.1", () => {
  it("the table is that of the RFC", () => {
    const text = readFileSync(join(import.meta.dirname, "golden/rfc1661-4.1.txt"), "utf8");
    const rows = text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/\s*\|\s*|\s+/).filter((word) => word !== ""));
    const ours = AUTOMATON_EVENTS.map((event) => [
      event,
      ...AUTOMATON_PHASES.map((phase) => {
        const transition = transitionOf(event, phase);
        if (transition === undefined) return "-";
        const next = String(AUTOMATON_PHASES.indexOf(transition.next));
        const { actions } = transition;
        return actions.length === 0 ? next : `${actions.join(",")}/${next}`;
      }),
    ]);
    expect(ours).toEqual(rows);
  });

  it("every state meets every input", async () => {
    const table = transitionTable({
      machine: negotiationMachine(policy, NEGOTIATION_TIMING, hex("07")),
      states,
      inputs,
      now: NOW,
      describeState: ({ phase, restart }) =>
        `${phase}${restart === undefined ? "" : `@${restart.at - NOW}`}`,
      describeEffect,
    });
    await expect(table).toMatchFileSnapshot("golden/automaton-transitions.txt");
  });
});

describe("limits", () => {
  const machine = negotiationMachine(policy, NEGOTIATION_TIMING, hex("07"));

  it("a peer that never agrees ends the talk, without any time passing", () => {
    for (const code of [CODE.CONFIGURE_REQUEST, CODE.CONFIGURE_NAK]) {
      let current = [{ kind: "open" }, { kind: "up" }].reduce(
        (now, input) => machine.step(now, input as NegotiationInput, NOW).state,
        machine.initial,
      );
      let steps = 0;
      while (current.phase !== "stopped" && steps < 100) {
        const data = encodeOptions([{ type: 1, data: Uint8Array.of(2 + (steps % 2)) }]);
        const identifier = current.request?.identifier ?? 1;
        const input = { kind: "packet", packet: { code, identifier, data } } as const;
        current = machine.step(current, input, NOW).state;
        machine.check(current);
        steps += 1;
      }
      expect(steps).toBe(21);
    }
  });

  it("silence ends after Max-Configure, and the wait doubles up to its limit", () => {
    let step = machine.step(machine.initial, { kind: "open" }, instant(0));
    step = machine.step(step.state, { kind: "up" }, instant(0));
    const at: number[] = [];
    for (let deadline = machine.deadline(step.state); deadline !== undefined; ) {
      at.push(deadline);
      step = machine.step(step.state, { kind: "timeout" }, deadline);
      deadline = machine.deadline(step.state);
    }
    expect(at).toEqual([300, 900, 2100, 4500, 7500, 10500, 13500, 16500, 19500, 22500]);
    expect(step.effects).toEqual([{ kind: "layer_finished", why: "timeout" }]);
  });
});
