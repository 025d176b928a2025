import { transitionTable } from "@passerelle/testkit";
import { type Instant, instant } from "@passerelle/time";
import { expect, it } from "vitest";
import { type PppInput, type PppState, pppMachine, snapshotOf } from "../src/index.ts";
import { describeEffect, describeState, rng, settings } from "./fixtures.ts";
import { parseInput } from "./story.ts";

const machine = pppMachine(settings(), rng());
const START = instant(1000);
/** Everything that waits is due; nothing that was up was up for long. */
const NOW = instant(50_000);

function after(words: readonly string[], from: PppState = machine.initial): PppState {
  return words.reduce((state, line, index) => step(state, line, instant(START + index)), from);
}

function step(state: PppState, line: string, now: Instant): PppState {
  const next = machine.step(state, inputOf(line, state), now).state;
  machine.check(next);
  return next;
}

function inputOf(line: string, state: PppState): PppInput {
  return line === "timeout" ? { kind: "timeout" } : parseInput(line.split(" "), NOW, state);
}

const session = ["link up", "pado", "pads sid=17"];
const open = [...session, "lcp request magic=11223344", "lcp ack"];
const up = [...open, "ipcp request", "ipcp nak address=203.0.113.7", "ipcp ack"];
const pap = [...session, "lcp request auth=pap", "lcp ack"];
const chap = [...session, "lcp request auth=chap", "lcp ack", "chap challenge 7 00010203"];

const upState = after(up);
const kept = snapshotOf(upState);
if (kept === undefined) throw new Error("a session that is up has no snapshot");

const states: Readonly<Record<string, PppState>> = {
  idle: machine.initial,
  waiting: after([...session, "channel_failed"]),
  discovering: after(["link up"]),
  requesting: after(["link up", "pado"]),
  lcp: after(session),
  "auth, pap": after(pap),
  "auth, chap": after(chap),
  ncp: after(open),
  up: upState,
  "idle, adoptable": { ...machine.initial, adoptable: kept },
  terminating: after([...up, "stop"]),
  "terminating, then dial": after([...up, "reconnect"]),
};

const inputs: readonly string[] = [
  "timeout",
  "link up",
  "link down",
  "stop",
  "reconnect",
  "heard",
  "channel_ended",
  "channel_failed",
  "pado",
  "pads sid=17",
  "pads sid=18",
  "pads sid=0 system_error=full",
  "padt sid=17 generic_error=bye",
  "padt sid=18",
  "frame 11",
  "lcp request magic=11223344",
  "lcp request auth=pap",
  "lcp request auth=eap",
  "lcp ack",
  "lcp nak mru=1400",
  "lcp reject mru=1492",
  "lcp terminate bye",
  "lcp terminate_ack",
  "lcp code 9 0000000061",
  "lcp code 8 80210101",
  "lcp code 7 01010004",
  "lcp code 99",
  "raw lcp 01",
  "pap ack",
  "pap nak no",
  "chap challenge 8 0a0b",
  "chap success 7",
  "chap failure 7 no",
  "ipcp request address=198.51.100.1",
  "ipcp ack",
  "ipcp nak address=203.0.113.9",
  "ipcp terminate",
  "ipv6cp request iid=00000000000000aa",
  "ipv6cp ack",
  "ipv6cp reject iid=ours",
  "raw 80fd 01010004",
  "raw 0021 45000014",
];

it("every state of a line meets every input", async () => {
  const tables = Object.entries(states).map(([name, state]) =>
    transitionTable({
      machine,
      states: { [name.padEnd(22)]: state },
      inputs: Object.fromEntries(inputs.map((line) => [line.padEnd(36), inputOf(line, state)])),
      now: NOW,
      describeState,
      describeEffect: (effect) => `[${describeEffect(effect)}]`,
    }),
  );
  await expect(tables.join("\n")).toMatchFileSnapshot("golden/session-transitions.txt");
});
