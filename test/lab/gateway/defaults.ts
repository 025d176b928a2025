import { ORANGE_LINE } from "../operator/orange.ts";
import type { OperatorName } from "../state.ts";
import { GATEWAY_GUEST_PORTS, GATEWAY_LAN_PORTS, GATEWAY_WAN } from "../topology.ts";

/** What differs from the factory's values in the lab: `PASSERELLE_DEFAULTS`, a merge patch a section. */
export function factoryDefaults(operator: OperatorName): Readonly<Record<string, unknown>> {
  const line =
    operator === "orange"
      ? { profile: "orange-fr", login: ORANGE_LINE.login, password: ORANGE_LINE.password }
      : { profile: "generic-dhcp" };
  return {
    wan: { interface: GATEWAY_WAN, ...line },
    lan: { ports: GATEWAY_LAN_PORTS, guestPorts: GATEWAY_GUEST_PORTS },
    firewall: {},
  };
}
