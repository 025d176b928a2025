/** What the brokers, ours and mosquitto, take before they say no. */
export interface BrokerLimits {
  /** Octets of one packet: a payload of 1 MiB and its head. */
  readonly packetBytesMax: number;
  /** Messages that wait for one slow client; one more and it is disconnected. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Messages of QoS 1 sent to a client and not acknowledged. */
  readonly inFlightMax: number;
  readonly retainedTopicsMax: number;
  readonly subscriptionsMax: number;
  readonly connectionsPerClientMax: number;
  /** A connection that has not said CONNECT by then is closed. */
  readonly connectTimeoutMs: number;
}

export const PAYLOAD_BYTES_MAX = 1_048_576;

export const DEFAULT_LIMITS: BrokerLimits = {
  packetBytesMax: PAYLOAD_BYTES_MAX + 4096,
  queueMessagesMax: 1000,
  queueBytesMax: 8 * 1_048_576,
  inFlightMax: 32,
  retainedTopicsMax: 1024,
  subscriptionsMax: 512,
  connectionsPerClientMax: 16,
  connectTimeoutMs: 5000,
};
