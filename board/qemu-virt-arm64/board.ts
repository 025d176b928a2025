import type { Board } from "../../packages/tools/image/src/board.ts";

/** QEMU's `virt` machine with virtio devices: the board of the lab and of everybody without a board. */
export const BOARD: Board = {
  name: "qemu-virt-arm64",
  title: "QEMU virt (arm64)",
  isDevelopment: true,
  consoles: ["ttyAMA0,115200"],
  boot: "u-boot-qemu",
  packageGroups: ["qemu", "qemu-boot"],
  modules: {
    initramfs: [
      "virtio_pci",
      "virtio_mmio",
      "virtio_blk",
      "squashfs",
      "loop",
      "overlay",
      "ext4",
      "i6300esb",
    ],
    rootfs: [
      "virtio_net",
      "virtio_console",
      "virtio-rng",
      "virtio_balloon",
      "qemu_fw_cfg",
      "i6300esb",
      "nls_ascii",
      "vfat",
    ],
  },
  ports: [
    { name: "wan0", role: "wan", match: { path: "platform-4010000000.pcie-pci-0000:00:08.0" } },
    ...[0, 1, 2, 3, 4, 5, 6].map((n) => ({
      name: `lan${n}`,
      role: "lan" as const,
      match: { path: `platform-4010000000.pcie-pci-0000:00:1${n}.0` },
    })),
    { name: "guest0", role: "guest", match: { path: "platform-4010000000.pcie-pci-0000:00:18.0" } },
  ],
  leds: [],
  buttons: [],
  flash: { bootMiB: 64, slotMiB: 256, dataMiB: 256 },
  defaults: {},
};
