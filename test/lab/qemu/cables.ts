import { BOARD } from "../../../board/qemu-virt-arm64/board.ts";
import { LINKS, type Link } from "../topology.ts";

/**
 * How the virtual machine hangs on the neighbourhood's cables: inside the host `gw`, each end of a cable and a tap
 * device of QEMU are the two ports of a bridge that does nothing else. The port of the machine has the hardware
 * address that the end has where the gateway is a namespace.
 */
export interface Nic {
  /** As the gateway's daemons call the port, and the id of QEMU's device. */
  readonly name: string;
  readonly mac: string;
  /** PCI slot by which the board's .link files know the port. */
  readonly slot: number;
}

export const NICS: readonly Nic[] = gatewayEnds().map(({ interface: name, mac }) => ({
  name,
  mac,
  slot: slotOf(name),
}));

/** `ip -batch` lines, for the network of `gw`. */
export function cableLines(): readonly string[] {
  return NICS.flatMap(({ name }, index) => [
    // The address is the machine's own now; a bridge that has it would keep its frames.
    `link set dev ${name} address 02:70:61:01:${hex(index)}:01`,
    `link add ${bridgeOf(name)} type bridge stp_state 0 mcast_snooping 0 forward_delay 0`,
    `tuntap add dev ${tapOf(name)} mode tap`,
    `link set dev ${name} master ${bridgeOf(name)}`,
    `link set dev ${tapOf(name)} master ${bridgeOf(name)}`,
    ...[bridgeOf(name), tapOf(name), name].map((one) => `link set dev ${one} addrgenmode none up`),
  ]);
}

export function tapOf(name: string): string {
  return `tap-${name}`;
}

function bridgeOf(name: string): string {
  return `bridge-${name}`;
}

function gatewayEnds(): readonly Link["a"][] {
  return LINKS.flatMap(({ a, b }) => [a, b]).filter((end) => end.host === "gw");
}

/** Of the kernel's name for the place, e.g. platform-4010000000.pcie-pci-0000:00:08.0. */
function slotOf(name: string): number {
  const match = BOARD.ports.find((port) => port.name === name)?.match;
  const path = match !== undefined && "path" in match ? match.path : "";
  const slot = /-pci-0000:00:([0-9a-f]{2})\.0$/.exec(path)?.[1];
  if (slot === undefined) throw new Error(`${BOARD.name} has no port ${name} on its PCI bus`);
  return Number.parseInt(slot, 16);
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
