import { transitionTable } from "@passerelle/testkit";
import { instant, seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  checkEverything,
  type DhcpInput,
  type DhcpState,
  dhcpServer,
} from "../src/core/dhcp/index.ts";
import { describeState } from "./dhcp-describe.ts";
import { config, describeEffect, ip, mac, message, network } from "./dhcp-support.ts";

const tele = mac("00:11:22:33:44:01");
const other = mac("00:11:22:33:44:02");
const server = ip("192.168.1.1");
const address = ip("192.168.1.55");
const start: DhcpInput = { kind: "start", config: config(), leases: [], bootId: "boot" };

/** A state is the story that leads to it. */
function told(...inputs: readonly (readonly [number, DhcpInput])[]): DhcpState {
  let state = dhcpServer.initial;
  for (const [at, input] of inputs) {
    state = dhcpServer.step(state, input, instant(at)).state;
    checkEverything(state);
  }
  return state;
}

const asks = message({ type: "DHCPDISCOVER", mac: tele, requested: address });
const extends_ = message({ type: "DHCPREQUEST", mac: tele, ciaddr: address });
const stored: DhcpInput = { kind: "lease_stored", commit: 1, durable: true };
const probing = told([0, start], [1, asks]);

test("every state meets every input", () => {
  const noProbe: DhcpInput = {
    kind: "start",
    config: config({ networks: [network({ probe: false, leaseTime: seconds(200) })] }),
    leases: [],
    bootId: "boot",
  };
  const table = transitionTable({
    machine: dhcpServer,
    now: instant(10_000),
    states: {
      idle: dhcpServer.initial,
      empty: told([0, start]),
      probing,
      offered: told([0, noProbe], [1, asks]),
      storing: told([0, start], [1, extends_]),
      bound: told([0, start], [1, extends_], [2, stored]),
      remembered: told(
        [0, start],
        [1, extends_],
        [2, stored],
        [3, message({ type: "DHCPRELEASE", mac: tele, ciaddr: address })],
      ),
      quarantined: told(
        [0, start],
        [1, extends_],
        [2, stored],
        [3, message({ type: "DHCPDECLINE", mac: tele, requested: address, server })],
      ),
    },
    inputs: {
      start,
      configure: {
        kind: "configure",
        config: config({
          networks: [network({ first: ip("192.168.1.80"), last: ip("192.168.1.90") })],
        }),
      },
      discover: asks,
      "discover other": message({ type: "DHCPDISCOVER", mac: other, requested: address }),
      selecting: message({ type: "DHCPREQUEST", mac: tele, requested: address, server }),
      "selecting other": message({ type: "DHCPREQUEST", mac: other, requested: address, server }),
      "selecting foreign": message({
        type: "DHCPREQUEST",
        mac: tele,
        requested: address,
        server: address,
      }),
      rebooting: message({ type: "DHCPREQUEST", mac: tele, requested: address }),
      "rebooting elsewhere": message({ type: "DHCPREQUEST", mac: tele, requested: ip("10.0.0.9") }),
      extending: extends_,
      "extending other": message({ type: "DHCPREQUEST", mac: other, ciaddr: address }),
      senseless: message({ type: "DHCPREQUEST", mac: tele }),
      decline: message({ type: "DHCPDECLINE", mac: tele, requested: address, server }),
      release: message({ type: "DHCPRELEASE", mac: tele, ciaddr: address }),
      inform: message({ type: "DHCPINFORM", mac: tele, ciaddr: address }),
      "a server's message": message({ type: "DHCPACK", mac: tele }),
      "unknown network": message({ type: "DHCPDISCOVER", mac: tele }, "nowhere"),
      "multicast hardware": message({ type: "DHCPDISCOVER", mac: mac("01:00:5e:00:00:01") }),
      arp_seen: { kind: "arp_seen", network: "lan", address, mac: other },
      stored,
      "not stored": { kind: "lease_stored", commit: 1, durable: false },
      "stored unknown": { kind: "lease_stored", commit: 99, durable: true },
      timeout: { kind: "timeout" },
    },
    describeState,
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  return expect(table).toMatchFileSnapshot("dhcp-transitions.txt");
});
