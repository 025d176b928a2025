import { transitionTable } from "@passerelle/testkit";
import { instant } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  checkEverything,
  type Dhcpv6Input,
  type Dhcpv6State,
  dhcpv6Server,
} from "../../src/core/ipv6/dhcpv6/index.ts";
import { config, describeEffect, describeState, message } from "./dhcpv6-support.ts";
import { mac } from "./support.ts";

const NOW = instant(10_000);
const laptop = mac("00:11:22:33:44:01");
const other = mac("00:11:22:33:44:02");
const address = "2a01:cb00:1:100:1d8f:8d87:b72c:7ec0";
const prefix = "2a01:cb00:1:1ff::/64";
const start: Dhcpv6Input = {
  kind: "start",
  config: config({ now: instant(0) }),
  leases: [],
  bootId: "boot",
};
const stored: Dhcpv6Input = { kind: "leases_stored", commit: 1, durable: true };
const requests = message({ type: "REQUEST", mac: laptop, na: [], pd: [] });
const both = { na: [address], pd: [prefix] };

/** A state is the story that leads to it. */
function told(...inputs: readonly (readonly [number, Dhcpv6Input])[]): Dhcpv6State {
  let state = dhcpv6Server.initial;
  for (const [at, input] of inputs) {
    state = dhcpv6Server.step(state, input, instant(at)).state;
    checkEverything(state);
  }
  return state;
}

test("every state meets every input", () => {
  const table = transitionTable({
    machine: dhcpv6Server,
    now: NOW,
    states: {
      idle: dhcpv6Server.initial,
      empty: told([0, start]),
      waiting: told([0, start], [1, requests]),
      bound: told([0, start], [1, requests], [2, stored]),
      declined: told(
        [0, start],
        [1, requests],
        [2, stored],
        [3, message({ type: "DECLINE", mac: laptop, na: [address] })],
      ),
    },
    inputs: {
      start,
      "another prefix": {
        kind: "configure",
        config: config({ now: NOW, prefixes: ["2a01:cb00:2:200::/56"] }),
      },
      "no prefix": { kind: "configure", config: config({ now: NOW, prefixes: [] }) },
      solicit: message({ type: "SOLICIT", mac: laptop, na: [], pd: [] }),
      "solicit rapid": message({ type: "SOLICIT", mac: laptop, na: [], rapid: true }),
      "solicit nothing": message({ type: "SOLICIT", mac: laptop }),
      "solicit other": message({ type: "SOLICIT", mac: other, ...both }),
      request: requests,
      "request other": message({ type: "REQUEST", mac: other, ...both }),
      confirm: message({ type: "CONFIRM", mac: laptop, na: [address] }),
      renew: message({ type: "RENEW", mac: laptop, ...both }),
      "renew other": message({ type: "RENEW", mac: other, ...both }),
      rebind: message({ type: "REBIND", mac: laptop, ...both }),
      release: message({ type: "RELEASE", mac: laptop, ...both }),
      "release other": message({ type: "RELEASE", mac: other, ...both }),
      decline: message({ type: "DECLINE", mac: laptop, na: [address] }),
      "information-request": message({ type: "INFORMATION_REQUEST", mac: laptop }),
      "a server's message": message({ type: "REPLY", mac: laptop }),
      "unknown network": message({ type: "SOLICIT", mac: laptop, na: [] }, "nowhere"),
      stored,
      "not stored": { kind: "leases_stored", commit: 1, durable: false },
      "stored unknown": { kind: "leases_stored", commit: 99, durable: true },
      timeout: { kind: "timeout" },
    },
    describeState,
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  return expect(table).toMatchFileSnapshot("dhcpv6-transitions.txt");
});
