import { MESSAGE_TYPE } from "@passerelle/dhcpv6";
import { transitionTable } from "@passerelle/testkit";
import { instant, seconds } from "@passerelle/time";
import { expect, it } from "vitest";
import type { Dhcpv6Input } from "../../src/core/dhcpv6/input.ts";
import { NO_EXTRAS } from "../../src/core/dhcpv6/lease.ts";
import { NOTHING_WANTED } from "../../src/core/dhcpv6/settings.ts";
import type { Advert, Dhcpv6State, Phase6 } from "../../src/core/dhcpv6/state.ts";
import { CHALLENGE, rng } from "../fixtures.ts";
import { ADDRESS, BOTH, machine6, storedLease6, talkDue, XID } from "./fixtures.ts";
import { describeEffect6, describeState6, serverMessage } from "./words.ts";

/** T1 of the lease has come. */
const NOW = instant(900_000);
const lease = storedLease6();
const challenge = CHALLENGE;
const offered: Advert = {
  given: { lease, takenBack: { addresses: [], prefixes: [] }, noBinding: false },
  preference: 0,
};

function state(phase: Phase6, some: Partial<Dhcpv6State> = {}): Dhcpv6State {
  return {
    ...{ phase, wanted: BOTH, extras: NO_EXTRAS, rng: rng(), setbacks: 0 },
    ...{ solMaxRt: seconds(3600), infMaxRt: seconds(3600) },
    counters: { malformed: 0, notForUs: 0, empty: 0 },
    ...some,
  };
}

const held = { held: lease };
const information = { wanted: { ...NOTHING_WANTED, information: true } };
const soliciting = { kind: "soliciting", talk: talkDue("SOLICIT", NOW) } as const;
const confirming = { kind: "confirming", talk: talkDue("CONFIRM", NOW), lease } as const;

const states: Record<string, Dhcpv6State> = {
  idle: state({ kind: "idle" }),
  "idle, remembered": state({ kind: "idle", remembered: lease }),
  "idle, held": state({ kind: "idle" }, held),
  quiet: state({ kind: "quiet", challenge }, { wanted: NOTHING_WANTED }),
  delayed: state({ kind: "delayed", challenge, until: NOW }),
  "delayed, held": state({ kind: "delayed", challenge, until: NOW }, held),
  soliciting: state(soliciting),
  "soliciting, offered": state({ ...soliciting, best: offered }),
  "soliciting, again": state({ ...soliciting, talk: talkDue("SOLICIT", NOW, 3) }),
  "soliciting, held": state(soliciting, held),
  requesting: state({ kind: "requesting", talk: talkDue("REQUEST", NOW), advert: offered }),
  "requesting, last": state({
    ...{ kind: "requesting", talk: talkDue("REQUEST", NOW, 10), advert: offered },
  }),
  bound: state({ kind: "bound", challenge }, held),
  "bound, half": state({ kind: "bound", challenge }, { held: { ...lease, addresses: [] } }),
  renewing: state({ kind: "renewing", talk: talkDue("RENEW", NOW) }, held),
  rebinding: state({ kind: "rebinding", talk: talkDue("REBIND", NOW) }, held),
  confirming: state(confirming),
  "confirming, held": state(confirming, held),
  "confirming, last": state({ ...confirming, talk: talkDue("CONFIRM", NOW, 10) }, held),
  informing: state(
    { kind: "informing", talk: talkDue("INFORMATION_REQUEST", NOW, 1, NOTHING_WANTED) },
    information,
  ),
  informed: state({ kind: "informed", challenge, refreshAt: NOW }, information),
};

function datagram(
  msgType: typeof MESSAGE_TYPE.ADVERTISE | typeof MESSAGE_TYPE.REPLY,
  words: string,
): Dhcpv6Input {
  return { kind: "datagram", payload: serverMessage(msgType, XID, words.split(" ")) };
}

const all = "na=2001:db8:1::10 pd=2001:db8:100::/56";
const inputs: Record<string, Dhcpv6Input> = {
  timeout: { kind: "timeout" },
  link_up: { kind: "link_up", challenge },
  link_down: { kind: "link_down" },
  challenge: { kind: "challenge", challenge: new Uint8Array(16) },
  "wanted nothing": { kind: "wanted", wanted: NOTHING_WANTED },
  "wanted both": { kind: "wanted", wanted: BOTH },
  "wanted prefix": { kind: "wanted", wanted: { ...BOTH, address: false } },
  "wanted information": { kind: "wanted", ...information },
  advertise: datagram(MESSAGE_TYPE.ADVERTISE, all),
  "advertise, 255": datagram(MESSAGE_TYPE.ADVERTISE, `${all} pref=255`),
  "advertise, empty": datagram(MESSAGE_TYPE.ADVERTISE, "na=NoAddrsAvail pd=NoPrefixAvail"),
  reply: datagram(MESSAGE_TYPE.REPLY, all),
  "reply, rapid": datagram(MESSAGE_TYPE.REPLY, `${all} rapid`),
  "reply, half": datagram(MESSAGE_TYPE.REPLY, "na=NoAddrsAvail pd=2001:db8:100::/56"),
  "reply, empty": datagram(MESSAGE_TYPE.REPLY, "na=NoAddrsAvail pd=NoPrefixAvail"),
  "reply, taken back": datagram(
    MESSAGE_TYPE.REPLY,
    "na=2001:db8:1::10@0-0 pd=2001:db8:100::/56@0-0",
  ),
  "reply, no binding": datagram(MESSAGE_TYPE.REPLY, "na=NoBinding pd=NoBinding"),
  "reply, not on link": datagram(MESSAGE_TYPE.REPLY, "status=NotOnLink"),
  "reply, trouble": datagram(MESSAGE_TYPE.REPLY, "status=UnspecFail"),
  "reply, other xid": datagram(MESSAGE_TYPE.REPLY, `${all} xid=7`),
  "reply, other client": datagram(MESSAGE_TYPE.REPLY, `${all} client=other`),
  garbage: { kind: "datagram", payload: new Uint8Array(3) },
  conflict: { kind: "address_conflict", address: ADDRESS },
  reconnect: { kind: "reconnect" },
};

it.each([
  ["rapid", true],
  ["plain", false],
])("every state of the DHCPv6 client meets every input: %s", async (name, rapidCommit) => {
  const table = transitionTable({
    machine: machine6({ rapidCommit }),
    states,
    inputs,
    now: NOW,
    describeState: describeState6,
    describeEffect: (effect) => `[${describeEffect6(effect)}]`,
  });
  await expect(table).toMatchFileSnapshot(`golden/transitions-${name}.txt`);
});
