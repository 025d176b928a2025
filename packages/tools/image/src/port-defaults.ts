import type { Port } from "./board.ts";

/** A merge patch of a section. */
type Patch = Readonly<Record<string, unknown>>;

/**
 * What `wan` and `lan` start with on a board that is new: its ports. A list of a section is replaced as a whole, so a
 * network is said in full; addresses and leases are those `lan` has by itself (test/image/port-defaults.test.ts).
 */
export function portDefaults(ports: readonly Port[]): {
  readonly wan?: Patch;
  readonly lan: Patch;
} {
  const named = (role: Port["role"]): readonly string[] =>
    ports.filter((port) => port.role === role).map(({ name }) => name);
  const [wan] = named("wan");
  return {
    ...(wan === undefined ? {} : { wan: { interface: wan } }),
    lan: {
      networks: [
        network("lan", named("lan"), "192.168.1", 86_400),
        network("guest", named("guest"), "192.168.179", 14_400),
      ],
    },
  };
}

function network(
  zone: string,
  ports: readonly string[],
  prefix: string,
  leaseSeconds: number,
): Patch {
  return {
    ...{ name: zone, zone, bridge: `br-${zone}`, ports, address: `${prefix}.1/24` },
    dhcp: {
      enabled: true,
      first: `${prefix}.50`,
      last: `${prefix}.250`,
      leaseSeconds,
      probe: true,
      newLeasesPerSecond: 20,
      resolvers: [],
      timeServers: [],
    },
  };
}
