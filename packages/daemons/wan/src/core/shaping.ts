/**
 * What may go through, in kbit/s: a little less than the line carries. Then the queue is ours, where calls and games
 * overtake the large, and not the operator's, where they wait behind it.
 */
export interface ShapingSettings {
  /** From the Internet. */
  readonly download: number;
  readonly upload: number;
  /** Octets that the line adds to each packet. */
  readonly overhead: number;
}

/** The best that the kernel has, best first. */
export const SHAPERS = ["cake", "htb_fq_codel", "htb"] as const;
export type ShaperKind = (typeof SHAPERS)[number];

/** What was made of it; "refused": the kernel has none of them. */
export interface Shaping {
  readonly kind: ShaperKind | "refused";
  readonly download: number;
  readonly upload: number;
}

/** The interface that packets from the Internet take a turn through: a queue is for what leaves. */
export const TURN = "ifb-wan";

/** A program and its arguments. */
export type Words = readonly [string, ...string[]];

/**
 * Octets that an Ethernet adds to a packet of IP: preamble, addresses, type, check, gap; and what stands between.
 *
 * @param lower what the session runs through
 */
export function overheadOf(lower: { readonly vlan: boolean; readonly pppoe: boolean }): number {
  return ETHERNET + (lower.vlan ? VLAN_TAG : 0) + (lower.pppoe ? PPPOE_HEADER : 0);
}

/** Programs that make it so, one after the other; the first that fails says that this kind is not to be had. */
export function shapingCommands(
  kind: ShaperKind,
  { download, upload, overhead }: ShapingSettings,
  device: string,
): readonly Words[] {
  return [
    ...queue(kind, device, upload, overhead, "up"),
    ["ip", "link", "set", "dev", TURN, "up"],
    ...queue(kind, TURN, download, overhead, "down"),
    ["tc", "qdisc", "replace", "dev", device, "handle", "ffff:", "ingress"],
    [
      ...["tc", "filter", "replace", "dev", device, "parent", "ffff:", "protocol", "all"],
      ...["prio", "1", "handle", "1", "matchall"],
      ...["action", "mirred", "egress", "redirect", "dev", TURN],
    ] as unknown as Words,
  ];
}

/** Before the first kind is tried; it fails where it is there already. */
export const MAKE_TURN: Words = ["ip", "link", "add", "name", TURN, "type", "ifb"];

/** Programs that leave nothing of it; each may fail, because there was nothing. */
export function clearingCommands(device: string): readonly Words[] {
  return [
    ["tc", "qdisc", "del", "dev", device, "ingress"],
    ["tc", "qdisc", "del", "dev", device, "root"],
    ["ip", "link", "del", "dev", TURN],
  ];
}

function queue(
  kind: ShaperKind,
  device: string,
  rate: number,
  overhead: number,
  way: "up" | "down",
): readonly Words[] {
  const on = ["tc", "qdisc", "replace", "dev", device] as const;
  const line = ["overhead", String(overhead), "mpu", String(MPU)];
  const kbit = `${rate}kbit`;
  if (kind === "cake") {
    // What the operator marks is sorted by its marks, and then forgotten: nothing of the home may be led by them.
    const direction = way === "down" ? ["wash", "ingress"] : ["egress"];
    return [
      [
        ...on,
        "root",
        "handle",
        "1:",
        "cake",
        "bandwidth",
        kbit,
        "diffserv4",
        "nat",
        ...direction,
        ...line,
      ],
    ];
  }
  const leaf =
    kind === "htb_fq_codel" ? ["fq_codel"] : ["pfifo", "limit", String(shortQueue(rate))];
  return [
    [...on, "root", "handle", "1:", "htb", "default", "1"],
    [
      ...["tc", "class", "replace", "dev", device, "parent", "1:", "classid", "1:1"],
      ...["htb", "rate", kbit, "ceil", kbit, ...line],
    ] as unknown as Words,
    [...on, "parent", "1:1", "handle", "10:", ...leaf],
  ];
}

/** Packets of 1500 octets that take 30 ms, at least eight of them. */
function shortQueue(kbit: number): number {
  return Math.max(8, Math.round((kbit * 30) / (1500 * 8)));
}

const ETHERNET = 38;
const VLAN_TAG = 4;
const PPPOE_HEADER = 8;
/** The shortest frame of Ethernet with its preamble and gap. */
const MPU = 84;
