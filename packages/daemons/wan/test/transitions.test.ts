import { MESSAGE_TYPE } from "@passerelle/dhcpv4";
import { transitionTable } from "@passerelle/testkit";
import { instant } from "@passerelle/time";
import { expect, it } from "vitest";
import type { SessionInput } from "../src/core/session/input.ts";
import type { Phase, SessionState } from "../src/core/session/state.ts";
import { sessionMachine } from "../src/core/session/step.ts";
import {
  CHALLENGE,
  describeEffect,
  ip,
  MAC,
  reply,
  rng,
  settings,
  storedLease,
} from "./fixtures.ts";

const NOW = instant(1_900_000);
const XID = 0x1001;
const identity = { mac: MAC, entropy: { xid: XID, challenge: CHALLENGE } };
const exchange = {
  ...identity,
  startedAt: instant(1_890_000),
  sentAt: instant(1_899_000),
  sent: 2,
  nextAt: NOW,
};
const offer = { address: ip("198.51.100.10"), server: ip("198.51.100.1") };
const lease = storedLease();

function state(phase: Phase, held = false): SessionState {
  return {
    phase,
    ...(held ? { held: lease } : {}),
    rng: rng(),
    setbacks: 0,
    counters: { malformed: 0, notForUs: 0, naks: 0, conflicts: 0, refused: {} },
  };
}

const states: Record<string, SessionState> = {
  idle: state({ kind: "idle" }),
  "idle, remembered": state({ kind: "idle", remembered: lease }),
  "idle, held": state({ kind: "idle" }, true),
  init: state({ kind: "init", mac: MAC, notBefore: NOW }),
  "init, waiting": state({
    kind: "init",
    mac: MAC,
    notBefore: instant(1_950_000),
    entropy: identity.entropy,
  }),
  init_reboot: state({ kind: "init_reboot", mac: MAC, lease }),
  selecting: state({ kind: "selecting", exchange }),
  "selecting, held": state({ kind: "selecting", exchange }, true),
  requesting: state({ kind: "requesting", exchange, offer }),
  "requesting, last": state({ kind: "requesting", exchange: { ...exchange, sent: 4 }, offer }),
  rebooting: state({ kind: "rebooting", exchange, lease }),
  "rebooting, held": state({ kind: "rebooting", exchange, lease }, true),
  "rebooting, last": state({ kind: "rebooting", exchange: { ...exchange, sent: 3 }, lease }),
  probing: state({ kind: "probing", exchange, lease, probesLeft: 1 }),
  "probing, last": state({ kind: "probing", exchange, lease, probesLeft: 0 }),
  bound: state({ kind: "bound", identity }, true),
  renewing: state({ kind: "renewing", exchange }, true),
  rebinding: state({ kind: "rebinding", exchange }, true),
};

const inputs: Record<string, SessionInput> = {
  timeout: { kind: "timeout" },
  link_up: { kind: "link_up", mac: MAC },
  link_down: { kind: "link_down" },
  link_gone: { kind: "link_gone" },
  entropy: { kind: "entropy", entropy: { xid: 0x2002, challenge: CHALLENGE } },
  offer: { kind: "datagram", payload: reply(MESSAGE_TYPE.DHCPOFFER, { xid: XID }) },
  "offer, other xid": { kind: "datagram", payload: reply(MESSAGE_TYPE.DHCPOFFER, { xid: 7 }) },
  ack: { kind: "datagram", payload: reply(MESSAGE_TYPE.DHCPACK, { xid: XID }) },
  "ack, other address": {
    kind: "datagram",
    payload: reply(MESSAGE_TYPE.DHCPACK, { xid: XID, address: "198.51.100.88" }),
  },
  "ack, no lease time": {
    kind: "datagram",
    payload: reply(MESSAGE_TYPE.DHCPACK, { xid: XID, lease: 0 }),
  },
  nak: { kind: "datagram", payload: reply(MESSAGE_TYPE.DHCPNAK, { xid: XID }) },
  "nak, other server": {
    kind: "datagram",
    payload: reply(MESSAGE_TYPE.DHCPNAK, { xid: XID, server: "198.51.100.66" }),
  },
  "nak, no server": {
    kind: "datagram",
    payload: reply(MESSAGE_TYPE.DHCPNAK, { xid: XID, server: "none" }),
  },
  garbage: { kind: "datagram", payload: new Uint8Array(10) },
  arp_conflict: { kind: "arp_conflict", address: lease.address },
  configure_failed: { kind: "configure_failed", address: lease.address },
  reconnect: { kind: "reconnect" },
};

it("every state of the session meets every input", async () => {
  const table = transitionTable({
    machine: sessionMachine(settings().session, { lanNetworks: [] }, rng()),
    states,
    inputs,
    now: NOW,
    describeState: ({ phase, held }) => `${phase.kind}${held === undefined ? "" : "+held"}`,
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  await expect(table).toMatchFileSnapshot("golden/session-transitions.txt");
});
