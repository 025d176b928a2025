import { readFileSync } from "node:fs";
import { fromHex } from "@passerelle/bytes";
import {
  ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
  CLIENT_PORT,
  duidLl,
  SERVER_PORT,
} from "@passerelle/dhcpv6";
import { seedRng } from "@passerelle/machine";
import { formatCidr6 } from "@passerelle/net";
import { drive, systemClock, systemEntropy } from "@passerelle/service";
import { createLinuxSockets } from "@passerelle/sockets";
import type { Dhcpv6Effect, Dhcpv6Input } from "../../../src/core/dhcpv6/input.ts";
import type { Dhcpv6State } from "../../../src/core/dhcpv6/state.ts";
import { dhcpv6Machine } from "../../../src/core/dhcpv6/step.ts";
import { MAC } from "../../fixtures.ts";
import { BOTH, settings6 } from "../fixtures.ts";
import type { ClientSetup, ClientState } from "./kea.ts";

/** The machine of the client alone, with the real driver and a real socket; prints each state as one line of JSON. */
const [setupText = "{}"] = process.argv.slice(2);
const setup = JSON.parse(setupText) as ClientSetup;
const clock = systemClock();
const entropy = systemEntropy();
const opened = createLinuxSockets().openDatagram({ family: 6, port: CLIENT_PORT, device: "wan" });
if (!opened.ok) throw new Error(opened.error.text);
const socket = opened.value;
const interfaceIndex = Number(readFileSync("/sys/class/net/wan/ifindex", "ascii"));

const settings = settings6({
  duid: duidLl(MAC),
  rapidCommit: setup.rapidCommit ?? false,
  options: () =>
    Object.entries(setup.options ?? {}).map(([code, hex]) => ({
      code: Number(code),
      data: octets(hex),
    })),
});
const driver = drive<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect>(
  dhcpv6Machine(settings, seedRng(entropy.seed())),
  { name: "dhcpv6", run, changed: print },
  {
    clock,
    fatal: (error) => {
      log(`fatal ${String(error)}`);
      process.exit(1);
    },
  },
);
socket.onDatagram(({ bytes }) => driver.input({ kind: "datagram", payload: bytes }));
driver.input({ kind: "wanted", wanted: BOTH });
driver.input({ kind: "link_up", challenge: entropy.bytes(16) });
process.on("SIGTERM", () => process.exit(0));

function run(effect: Dhcpv6Effect): void {
  if (effect.kind !== "send_dhcpv6") return;
  const to = ALL_DHCP_RELAY_AGENTS_AND_SERVERS;
  const sent = socket.send(effect.payload, to, SERVER_PORT, { interfaceIndex });
  if (!sent.ok) log(`send ${sent.error.code}`);
}

function print({ phase, held, extras, trouble, solMaxRt }: Dhcpv6State): void {
  const state: ClientState = {
    at: clock.now(),
    phase: phase.kind,
    addresses: held?.addresses.map(({ address }) => address) ?? [],
    prefixes: held?.prefixes.map(({ prefix }) => formatCidr6(prefix)) ?? [],
    resolvers: extras.resolvers,
    solMaxRt,
    ...(trouble === undefined ? {} : { trouble }),
  };
  process.stdout.write(`${JSON.stringify(state)}\n`);
}

function octets(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${hex}`);
  return bytes;
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}
