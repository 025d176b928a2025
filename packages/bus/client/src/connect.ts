import { randomBytes } from "node:crypto";
import type { ClientName } from "@passerelle/contract";
import { type CountedBus, createBus, lastWill } from "./bus.ts";
import { type BusLog, systemTime } from "./link.ts";
import { MqttLink } from "./mqtt-link.ts";

export interface ConnectOptions {
  /** Who we are. The broker believes the socket, not this. */
  readonly client: ClientName;
  /** The broker's Unix socket for this client. */
  readonly socketPath: string;
  readonly log: BusLog;
  /** Monotonic milliseconds; default `performance.now`. */
  readonly now?: () => number;
  /** Throws where a value of ours breaks its schema. Default false: on for tests and development. */
  readonly validatePublish?: boolean;
}

/**
 * Joins the bus. Returns at once; the connection is made in the background and made again whenever it
 * breaks, so that a daemon starts and serves without a broker.
 */
export function connectBus(options: ConnectOptions): CountedBus {
  const { client, socketPath, log, now = systemTime.now, validatePublish = false } = options;
  return createBus({
    client,
    link: new MqttLink({ client, socketPath, will: lastWill(client) }),
    log,
    time: { ...systemTime, now },
    randomBytes,
    validatePublish,
  });
}
