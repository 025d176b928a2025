import type { Board } from "../../packages/tools/image/src/board.ts";

/** Raspberry Pi 3, 3+, 4, 400, Zero 2 W; a Pi 5 starts U-Boot, and Debian's kernel does not know its card reader yet. */
export const BOARD: Board = {
  name: "raspberry-pi",
  title: "Raspberry Pi 3, 4, Zero 2 W",
  isDevelopment: false,
  // The pins 8 and 10 show what the kernel says; a screen what the system says as well, and the label.
  consoles: ["ttyS1,115200", "tty1"],
  boot: "u-boot-rpi",
  packageGroups: ["rpi", "rpi-boot"],
  modules: {
    // The card, a USB disk, what they hang on. All of it is small, and one list serves every model.
    initramfs: [
      ...["bcm2835_wdt", "sdhci_iproc", "bcm2835", "gpio_regulator", "fixed"],
      ...["reset_raspberrypi", "phy_generic", "dwc2", "xhci_pci", "usb_storage", "uas", "sd_mod"],
      ...["squashfs", "loop", "overlay", "ext4"],
    ],
    rootfs: [
      // The built-in ports, and the adapters that are sold most.
      ...["genet", "smsc95xx", "lan78xx", "microchip", "broadcom", "bcm_phy_lib"],
      ...["r8152", "ax88179_178a", "asix", "cdc_ether", "cdc_ncm", "r8153_ecm"],
      ...["brcmfmac", "brcmfmac_wcc", "bcm2835_rng", "bcm2835_thermal"],
      ...["leds_gpio", "ledtrig_netdev", "nls_ascii", "vfat"],
    ],
  },
  /**
   * The built-in port goes to the Internet and the USB adapter to the home: one who buys a Pi and one adapter plugs what is
   * there already into the operator's box, and a box without its adapter shows its page to nobody rather than
   * giving out addresses on the operator's side.
   */
  ports: [
    { name: "wan0", role: "wan", match: { driver: "bcmgenet smsc95xx lan78xx" } },
    {
      name: "lan0",
      role: "lan",
      match: { driver: "r8152 ax88179_178a asix cdc_ether cdc_ncm r8153_ecm" },
    },
  ],
  // The 400 has no other than PWR.
  leds: [
    { name: "ACT", shows: "power" },
    { name: "PWR", shows: "power" },
  ],
  // Between two pins of the header, where config.txt says so (docs/flash.md).
  buttons: [{ key: "KEY_RESTART", fitted: "owner" }],
  flash: { bootMiB: 64, slotMiB: 256, dataMiB: 256 },
  defaults: {},
};
