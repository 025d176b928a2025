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
  /** True for a tool that borrows a daemon's socket: it says neither hello nor farewell in the daemon's name. */
  readonly guest?: boolean;
}

/**
 * Joins the bus. Returns at once; the connection is made in the background and made again whenever it
 * breaks, so that a daemon starts and serves without a broker.
 */
export function connectBus(options: ConnectOptions): CountedBus {
  const {
    client,
    socketPath,
    log,
    now = systemTime.now,
    validatePublish = false,
    guest = false,
  } = options;
  const will = guest ? undefined : lastWill(client);
  return createBus({
    client,
    link: new MqttLink({ client, socketPath, will }),
    will,
    log,
    time: { ...systemTime, now },
    randomBytes,
    validatePublish,
  });
}
