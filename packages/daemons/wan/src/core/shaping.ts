/**
 * What may go through, in kbit/s: a little less than the line carries. Then the queue is ours, where calls and games
 * overtake the large, and not the operator's, where they wait behind it.
 */
export interface ShapingSettings {
  /** From the Internet. */
  readonly download: number;
  readonly upload: number;
  readonly framing: Framing;
}

/** What the line makes of a packet. */
export interface Framing {
  /** Octets that it adds to each. */
  readonly overhead: number;
  /** ATM sends cells of 53 octets of which 48 are the packet's; PTM sends 65 octets for 64 (ITU-T G.992.3 annex N). */
  readonly kind: "ethernet" | "atm" | "ptm";
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

/** What the session runs through. */
export interface Lower {
  readonly vlan: boolean;
  readonly pppoe: boolean;
}

/** Octets that a line adds to a packet of IP: of its kind, and what stands between. */
export function framingOf({ vlan, pppoe }: Lower, kind: Framing["kind"] = "ethernet"): Framing {
  return { kind, overhead: OVERHEAD[kind] + (vlan ? VLAN_TAG : 0) + (pppoe ? PPPOE_HEADER : 0) };
}

/** What a modem says of the wires, in bit/s. */
export interface LineRates {
  readonly down: number;
  readonly up: number;
  readonly tc?: "atm" | "ptm";
}

/** A little less than the wires carry. */
export function followingModem({ down, up, tc }: LineRates, lower: Lower): ShapingSettings {
  const kbit = (rate: number): number => Math.max(KBIT_MIN, Math.floor((rate * SHARE) / 1000));
  return { download: kbit(down), upload: kbit(up), framing: framingOf(lower, tc) };
}

/** A line that adapts its rate all the time is not shaped anew for each hundredth. */
export function isOtherRate(a: ShapingSettings, b: ShapingSettings): boolean {
  const differs = (x: number, y: number): boolean => Math.abs(x - y) > Math.max(x, y) / 100;
  return (
    differs(a.download, b.download) ||
    differs(a.upload, b.upload) ||
    a.framing.kind !== b.framing.kind ||
    a.framing.overhead !== b.framing.overhead
  );
}

const SHARE = 0.95;
const KBIT_MIN = 64;

/** Programs that make it so, one after the other; the first that fails says that this kind is not to be had. */
export function shapingCommands(
  kind: ShaperKind,
  { download, upload, framing }: ShapingSettings,
  device: string,
): readonly Words[] {
  return [
    ...queue(kind, device, upload, framing, "up"),
    ["ip", "link", "set", "dev", TURN, "up"],
    ...queue(kind, TURN, download, framing, "down"),
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
  framing: Framing,
  way: "up" | "down",
): readonly Words[] {
  const on = ["tc", "qdisc", "replace", "dev", device] as const;
  if (kind === "cake") {
    const kbit = `${rate}kbit`;
    const line = ["overhead", String(framing.overhead), ...CAKE_LINE[framing.kind]];
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
  // HTB knows no PTM: what that spends goes off the rate.
  const kbit = `${framing.kind === "ptm" ? Math.floor((rate * 64) / 65) : rate}kbit`;
  const line = ["overhead", String(framing.overhead), ...HTB_LINE[framing.kind]];
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

/**
 * Ethernet: preamble, addresses, type, check, gap. ATM: addresses and type, LLC and SNAP (RFC 2684 section 5.2 without a
 * check), the trailer of AAL5; what runs without LLC takes eight less. PTM: addresses, type, check, its own header.
 */
const OVERHEAD: Readonly<Record<Framing["kind"], number>> = { ethernet: 38, atm: 32, ptm: 22 };
const VLAN_TAG = 4;
const PPPOE_HEADER = 8;
/** The shortest frame of Ethernet with its preamble and gap. */
const MPU = 84;
const CAKE_LINE: Readonly<Record<Framing["kind"], readonly string[]>> = {
  ethernet: ["mpu", String(MPU)],
  atm: ["atm"],
  ptm: ["ptm"],
};
const HTB_LINE: Readonly<Record<Framing["kind"], readonly string[]>> = {
  ethernet: ["mpu", String(MPU)],
  atm: ["linklayer", "atm"],
  ptm: [],
};
