/**
 * What a board is. `board/<name>/board.ts` exports one `BOARD` of this type; the builder, the disk, the flash command
 * and the lab read it and nothing else about the hardware.
 */
export interface Board {
  /** Of its folder; part of RAUC's `compatible`: passerelle-<name>. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** A board for development shows its password on the console. */
  readonly isDevelopment: boolean;
  /** Of the kernel: `console=` as the command line has it, the last one is the system's. */
  readonly consoles: readonly string[];
  readonly boot: "u-boot-qemu" | "u-boot-rpi";
  /** Groups of board/common/packages.ts beyond `common`. */
  readonly packageGroups: readonly PackageGroupName[];
  readonly modules: {
    /** Loaded by the initramfs, in this order; what they need comes along. */
    readonly initramfs: readonly string[];
    /** On the root file system beyond ROUTER_MODULES: names, or folders below kernel/ that end with "/". */
    readonly rootfs: readonly string[];
  };
  readonly ports: readonly Port[];
  readonly leds: readonly Led[];
  readonly buttons: readonly Button[];
  readonly flash: FlashMap;
  /** A merge patch a section: what a box of this kind is when it is new. Becomes PASSERELLE_DEFAULTS. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

export type PackageGroupName = "common" | "qemu" | "qemu-boot" | "rpi" | "rpi-boot";

/** A network port, named by systemd's .link files before any daemon starts. */
export interface Port {
  readonly name: string;
  readonly role: "wan" | "lan" | "guest";
  /** How the kernel's device is recognised, as in a [Match] section of systemd.link. */
  readonly match: { readonly path: string } | { readonly driver: string };
}

/** Of several that show the same, the first that a model has: the models of one board differ. */
export interface Led {
  /** Of /sys/class/leds. */
  readonly name: string;
  /** What that means is decided by `system` (packages/daemons/system/README.md). */
  readonly shows: "power" | "internet" | "wifi";
}

/** A key on a pin of the board, which the kernel knows by its device tree (gpio-keys). */
export interface Button {
  /**
   * Of linux/input-event-codes.h. A press of any of them says that somebody stands before the box; KEY_RESTART, the one called
   * reset, held for ten seconds is a factory reset.
   */
  readonly key: "KEY_RESTART" | "KEY_WPS_BUTTON" | "KEY_POWER";
  /** "owner": whoever builds the box may add it; the image is ready for it. */
  readonly fitted: "factory" | "owner";
}

/** Sizes in MiB; the places are the same on every board (disk.ts). */
export interface FlashMap {
  readonly bootMiB: number;
  readonly slotMiB: number;
  /** Of a fresh image; the first start grows it to the end of the card. */
  readonly dataMiB: number;
}
