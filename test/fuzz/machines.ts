import { decodeDhcpv4 } from "@passerelle/dhcpv4";
import { nextUint32 } from "@passerelle/machine";
import { after, instant, milliseconds } from "@passerelle/time";
import { type DhcpInput, dhcpServer } from "../../packages/daemons/lan/src/core/dhcp/index.ts";
import { config, network } from "../../packages/daemons/lan/test/dhcp-support.ts";
import type { WanInput } from "../../packages/daemons/wan/src/core/input.ts";
import {
  CHALLENGE,
  MAC,
  machine,
  rng,
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
  let random = rng(7);
  const feed = (input: WanInput | { readonly kind: "timeout" }): void => {
    const step = wan.step(state, input, now);
    state = step.state;
    wan.check(state);
    for (const effect of step.effects) {
      if (effect.kind !== "draw_entropy") continue;
      const drawn = nextUint32(random);
      random = drawn.rng;
      feed({ kind: "entropy", entropy: { xid: drawn.value, challenge: CHALLENGE } });
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
