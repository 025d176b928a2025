import type { PackageGroups } from "../../packages/tools/image/src/resolve.ts";

/**
 * The Debian packages of the image. Their closure (without recommends) is pinned in packages.lock.json, which
 * `make image-lock` writes; a build takes what is pinned and nothing else.
 */
export const PACKAGE_GROUPS: PackageGroups = {
  common: {
    into: "rootfs",
    packages: {
      "base-files": "the directories and the links of a merged /usr",
      "busybox-static": "the shell and the small tools of units and handlers, and of the initramfs",
      "ca-certificates": "NTS and a bundle fetched by RAUC",
      chrony: "the calendar, run by system",
      dbus: "RAUC and systemd speak over it",
      e2fsprogs: "check and renew the data partition",
      fdisk: "grow the data partition to the card",
      iproute2: "the queues of the line, and a person who looks into the box",
      kmod: "load modules",
      "libstdc++6": "Node",
      "linux-image-arm64": "the kernel",
      "libubootenv-tool": "RAUC and the factory reset change the boot state",
      mosquitto: "the bus",
      nftables: "the rules, loaded by firewall",
      openssl: "the certificates of the page, made by web",
      rauc: "the upgrade engine",
      "rauc-service": "its place on the message bus",
      systemd: "init and the sandbox of every daemon",
      "systemd-sysv": "/sbin/init",
      tcpdump: "captures, which a person starts in the diagnoses",
      udev: "names of ports, modules on demand",
    },
  },
  qemu: {
    into: "rootfs",
    packages: { "qemu-guest-agent": "the lab runs commands in the machine through it" },
  },
  "qemu-boot": {
    into: "boot",
    packages: { "u-boot-qemu": "the firmware of QEMU's machine" },
  },
  rpi: {
    into: "rootfs",
    packages: {},
  },
  "rpi-boot": {
    into: "boot",
    packages: {
      "raspi-firmware": "what the processor starts first",
      "u-boot-rpi": "the boot loader",
    },
  },
};

/**
 * In the closure by their dependency fields, and not in the image: why. The build fails where a program that stays
 * needs a library of one of these.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  adduser: "for maintainer scripts; users are made when the image is built",
  "base-passwd": "users come from sysusers.d",
  coreutils: "busybox has what is used",
  cpio: "for initramfs-tools",
  debconf: "for maintainer scripts",
  "dracut-install": "for initramfs-tools",
  "initramfs-tools": "the initramfs is ours",
  "initramfs-tools-bin": "the initramfs is ours",
  "initramfs-tools-core": "the initramfs is ours",
  "init-system-helpers": "for maintainer scripts",
  "klibc-utils": "for initramfs-tools",
  libklibc: "for initramfs-tools",
  "libdb5.3t64": "for arpd, which is left out",
  libdebconfclient0: "for maintainer scripts",
  "libsemanage-common": "for useradd",
  libsemanage2: "for useradd",
  libsepol2: "for useradd",
  "libtext-charwidth-perl": "for debconf",
  "libtext-wrapi18n-perl": "for debconf",
  "linux-base": "for maintainer scripts of kernels",
  "login.defs": "nobody logs in",
  logsave: "for scripts of e2fsprogs",
  mawk: "busybox has awk",
  "libpam-modules": "nobody logs in",
  "libpam-modules-bin": "nobody logs in",
  passwd: "nobody logs in",
  "perl-base": "for maintainer scripts",
  "sensible-utils": "for maintainer scripts",
  "sysvinit-utils": "systemd is the init",
  tzdata: "Node carries its own; the box's log is in UTC",
  ucf: "for maintainer scripts",
};
