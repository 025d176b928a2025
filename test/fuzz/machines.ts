import { decodeDhcpv4, MESSAGE_TYPE } from "@passerelle/dhcpv4";
import { after, instant, milliseconds } from "@passerelle/time";
import { type DhcpInput, dhcpServer } from "../../packages/daemons/lan/src/core/dhcp/index.ts";
import { config, network } from "../../packages/daemons/lan/test/dhcp-support.ts";
import type { WanInput } from "../../packages/daemons/wan/src/core/input.ts";
import {
  CHALLENGE,
  MAC,
  machine,
  reply,
  settings,
} from "../../packages/daemons/wan/test/fixtures.ts";

/** The DHCP server with all it remembers: a thousand strange messages a second, one state. */
export function dhcpServerParser(): (bytes: Uint8Array) => void {
  let now = instant(1000);
  let state = dhcpServer.initial;
  const feed = (input: DhcpInput): void => {
    const step = dhcpServer.step(state, input, now);
    state = step.state;
    dhcpServer.check(state);
    for (const effect of step.effects) {
      if (effect.kind === "store_lease") {
        feed({ kind: "lease_stored", commit: effect.commit, durable: true });
      }
    }
  };
  const quick = config({ networks: [network({ probe: false })] });
  feed({ kind: "start", config: quick, leases: [], bootId: "this" });
  return (bytes) => {
    const decoded = decodeDhcpv4(bytes);
    if (!decoded.ok) return;
    now = after(now, milliseconds(1));
    feed({ kind: "message", network: "lan", message: decoded.value });
    const deadline = dhcpServer.deadline(state);
    if (deadline !== undefined && deadline <= now) feed({ kind: "timeout" });
  };
}

/** The client of the line while an operator, or somebody who pretends to be one, answers anything at all. */
export function wanClientParser(): (bytes: Uint8Array) => void {
  const wan = machine(settings("generic-dhcp"));
  let now = instant(1000);
  let state = wan.initial;
  const feed = (input: WanInput | { readonly kind: "timeout" }): void => {
    const step = wan.step(state, input, now);
    state = step.state;
    wan.check(state);
    for (const effect of step.effects) {
      if (effect.kind === "draw_entropy") {
        feed({ kind: "entropy", entropy: { xid: XID, challenge: CHALLENGE } });
      }
    }
  };
  feed({ kind: "link", link: { mac: MAC, adminUp: true, carrier: true } });
  return (bytes) => {
    now = after(now, milliseconds(1));
    feed({ kind: "datagram", payload: bytes });
    const deadline = wan.deadline(state);
    if (deadline !== undefined && deadline <= now) feed({ kind: "timeout" });
  };
}

/** One number for every exchange, so that what the fuzzer makes is not refused at the door. */
const XID = 0x01020304;

/** Answers of an operator, to begin with. */
export function operatorAnswers(): readonly Uint8Array[] {
  const { DHCPOFFER, DHCPACK, DHCPNAK } = MESSAGE_TYPE;
  return [
    reply(DHCPOFFER, { xid: XID, domain: "wan.example", t1: 60, t2: 100 }),
    reply(DHCPACK, {
      xid: XID,
      lease: 60,
      route: "0.0.0.0/0>198.51.100.1,10.0.0.0/8>198.51.100.2",
    }),
    reply(DHCPNAK, { xid: XID }),
  ];
}
