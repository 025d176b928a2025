import { type Netlink, type NetlinkError, type VlanOptions, vlanOf } from "@passerelle/netlink";
import type { Result } from "@passerelle/result";
import type { Vlan } from "../core/link.ts";

/** Longest name the kernel takes (IFNAMSIZ without its end). */
const NAME_MAX = 15;

/**
 * What the kernel gives to IGMP and MLD, the firewall to ARP and neighbour discovery, and our sockets to DHCP
 * (TC_PRIO_CONTROL, linux/pkt_sched.h; docs/adr/0010-vlan-priorities.md). No TOS octet of a device leads to it: what the
 * home sends never leaves as control traffic.
 */
export const PRIORITY_CONTROL = 7;
const PRIORITIES_OF_DATA = [0, 1, 2, 3, 4, 5, 6];

/** The usual name, "eth0.832"; of a long one the end is cut. */
export function vlanName(port: string, vlan: Vlan): string {
  const end = `.${vlan.id}`;
  return `${port.slice(0, NAME_MAX - end.length)}${end}`;
}

/**
 * Makes the VLAN of that name on `lower` what the profile says, and brings it up. One that is right stays, and
 * the session on it; another is replaced.
 */
export async function raiseVlan(
  netlink: Netlink,
  name: string,
  lower: number,
  vlan: Vlan,
): Promise<Result<void, NetlinkError>> {
  const listed = await netlink.links();
  if (!listed.ok) return listed;
  const wanted = { lower, id: vlan.id, egress: egressOf(vlan) };
  const there = listed.value.find((one) => one.name === name);
  if (there !== undefined && isSame(vlanOf(there), wanted)) {
    return netlink.setLink(there.index, { up: true });
  }
  if (there !== undefined) {
    const removed = await netlink.deleteLink(there.index);
    if (!removed.ok) return removed;
  }
  const made = await netlink.createVlan(name, wanted);
  return made.ok ? netlink.setLink(made.value, { up: true }) : made;
}

/** Takes away what `raiseVlan` made. */
export async function removeVlan(netlink: Netlink, name: string): Promise<void> {
  const listed = await netlink.links();
  const there = listed.ok ? listed.value.find((one) => one.name === name) : undefined;
  if (there?.kind === "vlan") await netlink.deleteLink(there.index);
}

function egressOf(vlan: Vlan): NonNullable<VlanOptions["egress"]> {
  return [
    ...PRIORITIES_OF_DATA.map((priority) => ({ priority, tag: vlan.pcpData })),
    { priority: PRIORITY_CONTROL, tag: vlan.pcpControl },
  ];
}

/** The kernel tells neither of tags that are 0 nor of an order. */
function isSame(there: VlanOptions | undefined, wanted: VlanOptions): boolean {
  return there !== undefined && textOf(there) === textOf(wanted);
}

function textOf({ lower, id, egress = [] }: VlanOptions): string {
  const tags = egress
    .filter(({ tag }) => tag !== 0)
    .map(({ priority, tag }) => `${priority}:${tag}`);
  return `${lower} ${id} ${tags.sort().join(" ")}`;
}
