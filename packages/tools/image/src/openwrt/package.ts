import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../paths.ts";
import type { Control } from "./ipk.ts";
import type { TarEntry } from "./tar.ts";

export const BOARD_FILES = join(ROOT, "board/openwrt");

/** Processors whose packages an aarch64 OpenWrt takes; the octets in them are the same. */
export const ARCHITECTURES = [
  "aarch64_generic",
  "aarch64_cortex-a53",
  "aarch64_cortex-a72",
  "aarch64_cortex-a76",
] as const;

/** As in rootfs/usr/lib/sysusers.d/passerelle.conf. */
export const USERS: Control["users"] = [
  { name: "passerelle-config", id: 701 },
  { name: "passerelle-system", id: 702 },
  { name: "passerelle-firewall", id: 703 },
  { name: "passerelle-wan", id: 704 },
  { name: "passerelle-lan", id: 705 },
  { name: "passerelle-web", id: 706 },
  { name: "passerelle-iptv", id: 707 },
  { name: "passerelle-voice", id: 708 },
  { name: "passerelle-wifi", id: 709 },
  { name: "passerelle-observer", id: 710 },
];

/** Each with what it is there for; the same list is in the Makefile of board/openwrt/feed. */
export const DEPENDS: readonly string[] = [
  // web: crypto.argon2, the newest thing that our code asks of Node.
  "node (>= 24.7)",
  // The bus.
  "mosquitto-nossl",
  // firewall reads back what it wrote as JSON.
  "nftables-json",
  "kmod-nft-core",
  "kmod-nft-fib",
  "kmod-nft-nat",
  // system: the clock.
  "chrony",
  // web: the certificates.
  "openssl-util",
  // Each jail is required: a daemon does not start without it.
  "procd-ujail",
];

/** Both would answer the same clients. */
export const CONFLICTS: readonly string[] = ["unbound-daemon", "adguardhome"];

/** What a person may edit. */
export const CONFFILES: readonly string[] = ["/etc/config/passerelle"];

/** Where a program lies, and so who may start it; the modes of the checkout say nothing. */
const PROGRAMS =
  /^(etc\/(init\.d|uci-defaults)|usr\/s?bin)\/|^usr\/lib\/passerelle\/(main\.js|openwrt\/keeper)$/;

/** Files of a folder of this machine as entries below `prefix`. */
export function entriesOf(folder: string, prefix: string): readonly TarEntry[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile())
    .map((one): TarEntry => {
      const file = join(one.parentPath, one.name);
      const path = `${prefix}${file.slice(folder.length + 1)}`;
      return {
        kind: "file",
        path,
        mode: PROGRAMS.test(path) ? 0o755 : 0o644,
        content: readFileSync(file),
      };
    });
}
