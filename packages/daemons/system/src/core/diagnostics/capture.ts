import type { Mac } from "@passerelle/net";

/** Octets kept of a packet: heads of every protocol and the start of what is in it. */
export const SNAP_BYTES = 262;

/**
 * tcpdump ends by itself then. With the heads of the file and of each packet that is below 20 MB, whatever
 * comes and however fast: a look at the file's size now and then would be too late on a fast line.
 */
export const PACKETS_MAX = 75_000;
export const FILE_BYTES_MAX = 20 * 1024 * 1024;
/** Of the file (pcap 2.4); 16 more stand before each packet. */
export const CAPTURE_HEAD_BYTES = 24;

/** The words of the program; device, file and address are values of ours and stand where no option can. */
export function captureArguments(options: {
  readonly device: string;
  readonly file: string;
  readonly mac?: Mac;
}): readonly [string, ...string[]] {
  const { device, file, mac } = options;
  return [
    "tcpdump",
    ...["-i", device, "-n", "-U", "-s", String(SNAP_BYTES), "-c", String(PACKETS_MAX)],
    // It would become another user, who may not write where only we may.
    ...["-Z", "root", "-w", file],
    ...(mac === undefined ? [] : ["--", "ether", "host", mac]),
  ];
}
