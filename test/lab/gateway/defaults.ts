import { BOARD } from "../../../board/qemu-virt-arm64/board.ts";
import { portDefaults } from "../../../packages/tools/image/src/port-defaults.ts";
import { ORANGE_LINE } from "../operator/orange.ts";
import type { OperatorName } from "../state.ts";
import { ADDRESSES, type HostName, homeMac } from "../topology.ts";

/**
 * Devices of the house that keep an address and a name even before they ask for one, as a person would set
 * them up; lan1, the guest and the attacker are strangers.
 */
const RESERVED: Readonly<Partial<Record<HostName, string>>> = {
  lan2: "192.168.1.20",
  stb: "192.168.1.21",
  phone1: "192.168.1.22",
  phone2: "192.168.1.23",
};

/** What differs from the factory's values in the lab: `PASSERELLE_DEFAULTS`, a merge patch a section. */
export function factoryDefaults(
  operator: OperatorName,
  label: string,
  isTagged = false,
): Readonly<Record<string, unknown>> {
  const line =
    operator === "orange"
      ? {
          profile: "orange-fr",
          credentials: { login: ORANGE_LINE.login, password: ORANGE_LINE.password },
        }
      : { profile: "generic-dhcp" };
  // A gateway of processes has the ports of the board that a gateway in QEMU is.
  const ports = portDefaults(BOARD.ports);
  return {
    wan: {
      ...ports.wan,
      // Where the kernel has no VLAN the cable carries what the operator's VLAN would.
      link: isTagged ? "profile" : "untagged",
      ...line,
      health: {
        names: ["web.internet.test", "ns.internet.test"],
        probe: { kind: "tcp", address: ADDRESSES.internet, port: 80 },
      },
    },
    lan: {
      ...ports.lan,
      reservations: Object.entries(RESERVED).map(([name, address]) => ({
        name,
        address,
        mac: homeMac(name as HostName),
      })),
    },
    firewall: {},
    system: { ntp: { servers: ["time.internet.test"] } },
    web: {
      labelPassword: label,
      // What a browser on this machine calls the box when it comes through the forward.
      names: ["127.0.0.1", "localhost"],
    },
  };
}
