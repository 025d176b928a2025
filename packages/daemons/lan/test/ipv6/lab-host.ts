/**
 * Router and DHCPv6 server of a bridge on this kernel, with a disk in memory: `node lab-host.ts DEVICE INDEX MAC`. A line
 * on stdin is `PREFIX… [unreachable]`, as in `homePrefix`; what was routed goes to stdout, a line each.
 */
import { createInterface } from "node:readline";
import { createMemoryHub } from "@passerelle/bus-client";
import { formatCidr6 } from "@passerelle/net";
import {
  createLogger,
  createServiceContext,
  systemClock,
  systemEntropy,
} from "@passerelle/service";
import { createLinuxSockets } from "@passerelle/sockets";
import {
  type Dhcpv6Config,
  type Dhcpv6Effect,
  type Dhcpv6Input,
  type Dhcpv6State,
  dhcpv6Server,
} from "../../src/core/ipv6/dhcpv6/index.ts";
import {
  type RaEffect,
  type RaInput,
  type RaState,
  routerAdvertiser,
} from "../../src/core/ipv6/ra/index.ts";
import { openDhcpv6Link } from "../../src/edge/ipv6/dhcpv6-link.ts";
import { openRouterLink } from "../../src/edge/ipv6/router-link.ts";
import { config } from "./dhcpv6-support.ts";
import { homeOfTexts, RNG, raConfig } from "./ra-support.ts";
import { mac } from "./support.ts";

const [device = "", index = "", hardware = ""] = process.argv.slice(2);
const log = createLogger({ service: "lan" });
const clock = systemClock();
const { context } = createServiceContext({
  config: {},
  bus: createMemoryHub().client("lan", { log }),
  log,
  clock,
  entropy: systemEntropy(),
  stateDirectory: "",
  runtimeDirectory: "",
  fatal: (error) => {
    process.stderr.write(`fatal ${String(error)}\n`);
    process.exit(1);
  },
});
const bridge = { sockets: createLinuxSockets(), device, index: Number(index), mac: mac(hardware) };

const router = context.drive<RaState, RaInput, RaEffect>(routerAdvertiser, {
  name: "router",
  run: (effect) => {
    if (effect.kind === "send") routerLink.send(effect);
    if (effect.kind === "stopped") process.exit(0);
  },
});
const server = context.drive<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect>(dhcpv6Server, {
  name: "dhcpv6-server",
  run: (effect) => {
    if (effect.kind === "send") dhcpv6Link.send(effect);
    if (effect.kind === "store_leases") {
      const { commit } = effect;
      setImmediate(() => server.input({ kind: "leases_stored", commit, durable: true }));
    }
    if (effect.kind === "routes") {
      const routes = effect.routes.map(({ prefix, via }) => `${formatCidr6(prefix)} via ${via}`);
      process.stdout.write(`routes ${routes.join(", ")}\n`);
    }
  },
});
const routerLink = opened(openRouterLink({ ...bridge, input: (one) => router.input(one) }));
const dhcpv6Link = opened(
  openDhcpv6Link({ ...bridge, network: "lan", input: (one) => server.input(one) }),
);

function opened<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function configOf(prefixes: readonly string[]): Dhcpv6Config {
  return config({ now: clock.now(), prefixes });
}

router.input({
  ...{ kind: "start", config: raConfig({ addressing: "slaac-and-dhcpv6" }) },
  ...{ stored: undefined, bootId: clock.bootId, rng: RNG },
});
server.input({ kind: "start", config: configOf([]), leases: [], bootId: clock.bootId });
createInterface({ input: process.stdin }).on("line", (line) => {
  const words = line.split(" ").filter((one) => one !== "");
  if (words[0] === "stop") {
    router.input({ kind: "stop", farewell: true });
    return;
  }
  const prefixes = words.filter((one) => one !== "unreachable");
  const home = homeOfTexts(prefixes, clock.now(), !words.includes("unreachable"));
  router.input({ kind: "home", home: { ...home, mac: bridge.mac } });
  server.input({ kind: "configure", config: configOf(prefixes) });
});
process.stdout.write("ready\n");
