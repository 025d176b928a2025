import type { ChannelName } from "@passerelle/api";

/**
 * Every channel of the API. Its table is not imported, only its types: the schemas behind it would be loaded at each
 * start. The compiler sees to it that none is missing and none too many.
 */
const CHANNELS: Readonly<Record<ChannelName, true>> = {
  wan: true,
  "wan-history": true,
  dsl: true,
  hosts: true,
  "port-mappings": true,
  firewall: true,
  lan: true,
  config: true,
  system: true,
  sample: true,
  upgrade: true,
  notifications: true,
  log: true,
  jobs: true,
  apps: true,
  sessions: true,
  bus: true,
};

export const CHANNEL_NAMES: readonly string[] = Object.keys(CHANNELS);

/** What a person wants to see without asking for more. */
export const DEFAULT_CHANNELS: readonly string[] = [
  "wan",
  "hosts",
  "port-mappings",
  "config",
  "notifications",
  "log",
] satisfies readonly ChannelName[];
