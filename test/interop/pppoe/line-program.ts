import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { asciiBytes, concatBytes } from "@passerelle/bytes";
import { seedRng } from "@passerelle/machine";
import { formatIpv4, ipv6FromBytes } from "@passerelle/net";
import { createLinuxNetlink, type Netlink } from "@passerelle/netlink";
import { createLinuxPpp, openPppoeDiscovery, PppEdge } from "@passerelle/platform-ppp";
import {
  type Ipv4Facts,
  type Ipv6Facts,
  type PppEffect,
  type PppInput,
  type PppState,
  pppMachine,
  pppSettings,
  REDIAL,
} from "@passerelle/ppp";
import type { Result } from "@passerelle/result";
import { type Driver, drive, systemClock, systemEntropy } from "@passerelle/service";
import { createLinuxSockets } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import type { LineNews, LineOrder } from "./line-talk.ts";

/**
 * A line over PPPoE as our daemon has it: the machine of protocols/ppp, the driver of runtime/service, the kernel's
 * channel of platform/ppp, addresses by netlink. Its argument is a LineOrder; it tells LineNews, one JSON line each,
 * and takes words: stop, reconnect, files.
 */
const INTERFACE_IDENTIFIER = Uint8Array.of(2, 0, 0x5e, 0xff, 0xfe, 0, 0x53, 0x77);
const LISTEN_MS = 500;

class Line {
  readonly #netlink: Netlink;
  readonly #edge: PppEdge;
  readonly #driver: Driver<PppState, PppInput>;
  #told = "";
  #queue: Promise<void> = Promise.resolve();

  constructor(
    order: LineOrder,
    netlink: Netlink,
    address: Parameters<typeof openPppoeDiscovery>[1],
  ) {
    this.#netlink = netlink;
    const feed = (input: PppInput): void => this.#driver.input(input);
    this.#edge = new PppEdge({
      ...{ platform: createLinuxPpp(), interface: order.interface, name: order.name, feed },
      discovery: must(openPppoeDiscovery(createLinuxSockets(), address)),
    });
    const { remembered, steadyAfterMs, user, password } = order;
    const settings = pppSettings({
      credentials: { name: asciiBytes(user), secret: asciiBytes(password) },
      interfaceIdentifier: INTERFACE_IDENTIFIER,
      redial: { ...REDIAL, steadyAfter: milliseconds(steadyAfterMs) },
    });
    const rng = seedRng(systemEntropy().seed());
    const machine = pppMachine(settings, rng, remembered === undefined ? {} : { remembered });
    this.#driver = drive<PppState, PppInput, PppEffect>(
      machine,
      { name: "ppp", run: (effect) => this.#run(effect), changed: () => this.#tellPhase() },
      { clock: systemClock(), fatal: (error) => this.#die(error) },
    );
  }

  start(): void {
    setInterval(() => this.#edge.listen(), LISTEN_MS).unref();
    this.#driver.input({ kind: "link_up" });
  }

  take(word: string): void {
    if (word === "stop" || word === "reconnect") this.#driver.input({ kind: word });
    if (word === "files") tell({ kind: "files", count: readdirSync("/proc/self/fd").length });
  }

  #run(effect: PppEffect): void {
    switch (effect.kind) {
      case "configure_ipv4":
        this.#edge.channel?.pass(4, true);
        this.#configure(() => this.#addIpv4(effect.ipv4));
        return;
      case "configure_ipv6":
        this.#edge.channel?.pass(6, true);
        this.#configure(() => this.#addIpv6(effect.ipv6));
        return;
      case "unconfigure_ipv4":
      case "unconfigure_ipv6":
        // Its addresses go with the interface.
        this.#edge.channel?.pass(effect.kind === "unconfigure_ipv4" ? 4 : 6, false);
        return;
      case "remember_session":
        tell({ kind: "remember", session: effect.session });
        return;
      case "forget_session":
        tell({ kind: "forget" });
        return;
      default:
        if (effect.kind === "send_discovery")
          tell({ kind: "discovery", code: effect.payload[1] ?? 0 });
        this.#edge.run(effect);
    }
  }

  /** One after the other: an address wants an interface that is up. */
  #configure(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.#die(error));
  }

  async #addIpv4({ address, peerAddress, resolvers }: Ipv4Facts): Promise<void> {
    const interfaceIndex = this.#edge.channel?.interfaceIndex;
    if (interfaceIndex === undefined) return;
    must(await this.#netlink.setLink(interfaceIndex, { up: true }));
    must(await this.#netlink.addAddress({ interfaceIndex, address, prefixLength: 32 }));
    if (peerAddress !== undefined) {
      const destination = { address: peerAddress, prefixLength: 32 };
      must(await this.#netlink.addRoute({ family: 4, destination, interfaceIndex }));
    }
    tell({ kind: "ipv4", address: formatIpv4(address), resolvers: resolvers.map(formatIpv4) });
  }

  async #addIpv6({ interfaceIdentifier }: Ipv6Facts): Promise<void> {
    const interfaceIndex = this.#edge.channel?.interfaceIndex;
    const address = ipv6FromBytes(
      concatBytes(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0), interfaceIdentifier),
    );
    if (interfaceIndex === undefined || address === undefined) return;
    must(await this.#netlink.setLink(interfaceIndex, { up: true }));
    const noDuplicateDetection = true;
    must(
      await this.#netlink.addAddress({
        ...{ interfaceIndex, address, prefixLength: 64, noDuplicateDetection },
      }),
    );
    tell({ kind: "ipv6", address });
  }

  #tellPhase(): void {
    const { phase, trouble } = this.#driver.state;
    const news: LineNews = {
      ...{ kind: "phase", phase: phase.kind },
      ...(trouble === undefined ? {} : { cause: trouble.code, text: trouble.text ?? "" }),
    };
    const text = JSON.stringify(news);
    if (text !== this.#told) tell(news);
    this.#told = text;
  }

  #die(error: unknown): void {
    console.error(error);
    process.exitCode = 1;
    process.exit();
  }
}

function tell(news: LineNews): void {
  console.log(JSON.stringify({ at: Math.round(performance.now()), ...news }));
}

function must<T>(answer: Result<T, { readonly code: string; readonly text: string }>): T {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.text}`);
  return answer.value;
}

const order: LineOrder = JSON.parse(process.argv[2] ?? "");
const netlink = must(createLinuxNetlink());
const links = must(await netlink.links());
const address = links.find((link) => link.name === order.interface)?.mac;
if (address === undefined) throw new Error(`no interface ${order.interface}`);
const line = new Line(order, netlink, { interface: order.interface, address });
createInterface({ input: process.stdin })
  .on("line", (word) => line.take(word))
  .on("close", () => process.exit());
line.start();
