import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, type CountedBus, connectBus, createMemoryHub } from "@passerelle/bus-client";
import type { ClientName } from "@passerelle/contract";
import { BROKERS, type TestBroker } from "./brokers.ts";
import { RawClient } from "./raw-client.ts";

export interface RecordedLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One way to meet: a hub in memory, or a broker. The contract test runs over each. */
export interface Meeting {
  client(name: ClientName): CountedBus & { readonly lines: RecordedLine[] };
  /** Sends raw octets on a topic as if a client had. */
  inject(as: ClientName, topic: string, payload: string, request?: RawRequest): Promise<void>;
  kill(name: ClientName, bus: Bus): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

export interface RawRequest {
  readonly responseTopic: string;
  readonly correlation: Uint8Array;
  readonly retain?: boolean;
}

export const MEETINGS: readonly { readonly name: string; make(): Promise<Meeting> }[] = [
  { name: "memory", make: async () => memory() },
  ...BROKERS.map(({ name, make }) => ({ name, make: () => overBroker(make()) })),
];

function memory(): Meeting {
  const hub = createMemoryHub();
  return {
    client(name) {
      const log = recorder();
      return Object.assign(hub.client(name, { log }), { lines: log.lines });
    },
    async inject(_as, topic, payload, request) {
      hub.inject({ topic, payload: new TextEncoder().encode(payload), ...request });
    },
    kill: async (name) => hub.kill(name),
    stop: async () => hub.stop(),
    start: async () => hub.start(),
    dispose: async () => hub.stop(),
  };
}

async function overBroker(broker: TestBroker): Promise<Meeting> {
  await broker.start();
  // A process of its own is what a death needs; here each bus has a relay whose socket can be cut.
  const relays = new Map<Bus, Relay>();
  return {
    client(name) {
      const log = recorder();
      const relay = new Relay(broker.socketPath(name));
      const bus = connectBus({ client: name, socketPath: relay.path, log, validatePublish: true });
      relays.set(bus, relay);
      return Object.assign(bus, { lines: log.lines });
    },
    async inject(as, topic, payload, request) {
      const raw = await RawClient.connect(broker.socketPath(as));
      const properties =
        request === undefined
          ? {}
          : {
              responseTopic: request.responseTopic,
              correlationData: Buffer.from(request.correlation),
            };
      await raw.publish(topic, payload, { properties, retain: request?.retain ?? false });
      raw.destroy();
    },
    async kill(_name, bus) {
      await relays.get(bus)?.dispose();
    },
    stop: () => broker.stop(),
    start: () => broker.start(),
    async dispose() {
      for (const [bus, relay] of relays) {
        await bus.close();
        await relay.dispose();
      }
      await broker.dispose();
    },
  };
}

/** Passes octets on between a client and the broker until it is told to die. */
class Relay {
  readonly path: string;
  readonly #directory: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: string) {
    this.#directory = mkdtempSync(join(tmpdir(), "psy-"));
    this.path = join(this.#directory, "s");
    this.#server = createServer((near) => {
      const far = createConnection(target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => undefined);
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    }).listen(this.path);
  }

  async dispose(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function recorder() {
  const lines: RecordedLine[] = [];
  const add = (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
    void lines.push({ message, fields });
  return { lines, info: add, warn: add, error: add };
}
