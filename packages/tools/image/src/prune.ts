import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What nobody on a box reads, by path. The first rule that fits decides; what none fits stays. */
interface PruneRule {
  readonly drop: RegExp;
  readonly why: string;
}

export const PRUNE_RULES: readonly PruneRule[] = [
  { drop: /^boot\//, why: "the kernel is in the slot, beside the root file system" },
  { drop: /^usr\/lib\/linux-image-/, why: "device trees: U-Boot or the firmware has the board's" },
  {
    drop: /^usr\/share\/(doc|doc-base|man|info|locale|lintian|bug|bash-completion|zsh|fish|polkit-1|base-files|initramfs-tools|menu|pixmaps|applications|mime|readline|gdb|systemtap|perl5|debianutils|common-licenses|libc-bin|ca-certificates|keyrings|pam|pam-configs|reportbug|glib-2\.0|metainfo|debconf)\//,
    why: "for people at a desk; the licences are in /usr/share/passerelle/licences.txt.gz",
  },
  { drop: /^usr\/(include|games|src)\//, why: "for developers" },
  { drop: /^usr\/lib\/[^/]+\/gconv\//, why: "all text is UTF-8" },
  { drop: /^usr\/lib\/locale\/(?!C\.utf8\/)/, why: "daemons speak the language of the browser" },
  { drop: /^(usr\/lib|etc)\/udev\/hwdb\.(d|bin)/, why: "names of hardware for people" },
  {
    drop: /^usr\/(s?bin|lib\/udev)\/(systemd-hwdb|fido_id|mtd_probe|dmi_memory_id|ata_id|cdrom_id|scsi_id|v4l_id)$/,
    why: "hardware that a router has not",
  },
  {
    drop: /^(etc\/(init\.d|rc.\.d|default|cron\.|logrotate\.d|network|ppp|apt|dpkg|pam\.d|security|skel|profile\.d|NetworkManager|apparmor\.d|insserv|kernel|initramfs-tools|bash_completion\.d|alternatives|X11|opt|xdg|update-motd\.d)|var\/(cache|log|mail|spool|backups|local|opt)|opt|srv|home|media|mnt)\/./,
    why: "other inits and package managers",
  },
  {
    drop: /^etc\/(issue|issue\.net|motd|bash\.bashrc|profile|debian_version|dpkg|mke2fs\.conf\.dpkg)/,
    why: "nobody logs in",
  },
  {
    drop: /^usr\/lib\/(NetworkManager|networkd-dispatcher|pcrlock\.d|kernel|init|pam\.d|environment\.d|firmware\/regulatory)/,
    why: "of programs that are not there",
  },
  {
    drop: /^usr\/(s?bin)\/(c_rehash|routel|e2scrub|e2scrub_all|update-ca-certificates|arpd|cfdisk|debugfs|e4crypt|e4defrag|e2image|e2undo|e2freefrag|filefrag|mklost\+found|tipc|vdpa|dcb|rdma|devlink|genl|rtacct|rtmon|lnstat|ctstat|rtstat|nstat|capsh|telinit|runlevel|mosquitto_ctrl|dbus-run-session|dbus-update-activation-environment|dbus-monitor|dbus-cleanup-sockets)$/,
    why: "not used, or needs perl, python or bash",
  },
  {
    drop: /^usr\/(s?bin|lib\/systemd)\/(systemd-)?(kernel-install|nspawn|homed|cryptsetup|veritysetup|integritysetup|pcr\w*|measure|bsod|sysupdate|sysext|confext|firstboot|localectl|localed|hostnamectl|hostnamed|importd|import|export|pull|portabled|coredump|quotacheck|rfkill|bless-boot|boot-check-no-failures|random-seed-unused|update-helper|sysv-install|vpick|stdio-bridge|tty-ask-password-agent|ask-password|reply-password|logind|loginctl|run0|inhibit|user-runtime-dir|ssh-proxy|ssh-issue|battery-check|growfs|makefs|hibernate-resume|sleep|volatile-root|vmspawn|storagetm|xdg-autostart-condition|cgtop|delta|delta|machine-id-setup|mountfsd|nsresourced|networkd|networkd-wait-online|network-generator|networkctl|timedated|timedatectl|time-wait-sync|timesyncd|update-done|user-sessions|machined|stub|debug-generator|journal-gatewayd|journal-remote|journal-upload)$/,
    why: "parts of systemd that no unit of the box uses",
  },
  {
    drop: /^usr\/lib\/systemd\/(boot|catalog|user|user-generators|user-environment-generators|user-preset|network|ntp-units\.d|repart|portable|sleep|ssh_config\.d|sshd_config\.d|pcrlock)/,
    why: "for logins, laptops, other boot loaders",
  },
  {
    drop: /^usr\/lib\/systemd\/system-generators\/systemd-(bless-boot|cryptsetup|gpt-auto|hibernate-resume|integritysetup|rc-local|ssh|system-update|sysv|tpm2|veritysetup|import|run|debug|fstab-unused)-?generator$/,
    why: "generators of what is not there",
  },
  {
    drop: /^usr\/lib\/(sysusers|tmpfiles)\.d\/(20-systemd-(shell-extra|ssh-generator|stub)|x11|home|debian-udev-legacy|legacy|provision|systemd-network|systemd-pstore|credstore|systemd-nologin|journal-nocow|libselinux1)\.conf$/,
    why: "of what is not there",
  },
  {
    drop: /^usr\/lib\/systemd\/system\/(initrd[^/]*|[^/]*-initrd\.service|systemd-(battery-check|bsod)\.service)(\/|$)/,
    why: "systemd is not in our initramfs",
  },
  { drop: /^usr\/lib\/systemd\/system-preset\//, why: "only what rootfs/ names is enabled" },
  {
    drop: /^usr\/share\/(dbus-1\/(services|session\.(d|conf))|systemd\/tftp|X11|ssl-cert)/,
    why: "no session",
  },
  {
    drop: /^usr\/(share\/dbus-1\/system(\.d|-services)\/(org\.freedesktop\.(hostname1|locale1|login1|network1|timedate1)\.|systemd-localed-)|lib\/systemd\/system\/dbus-org\.freedesktop\.)/,
    why: "names on the message bus of what is not there, for users that are not there (message-bus.ts)",
  },
  { drop: /^usr\/lib\/ssl\/(misc\/|cert\.pem)/, why: "perl, and a link to nowhere" },
  {
    drop: /^etc\/(modules-load\.d\/modules\.conf|ssh\/|cron\.d\/|e2scrub\.conf|gss\/|dhcp\/|libaudit\.conf|xattr\.conf|nftables\.conf|network$|ca-certificates\/|credstore|depmod\.d\/|terminfo\/|ld\.so\.conf|inputrc)/,
    why: "of programs that are not there, or links to nowhere",
  },
  {
    drop: /^usr\/lib\/[^/]+\/(sasl2|krb5|engines-3|ossl-modules|security|audit|tc|perl-base|glib-2\.0|pkgconfig|e2fsprogs)\//,
    why: "plugins of libraries that load none here",
  },
  {
    drop: /^usr\/lib\/[^/]+\/lib(BrokenLocale|anl|brotlienc|c_malloc_debug|cjson_utils|drop_ambient|expatw|formw|gthread-2\.0|history|memusage|menuw|mosquitto|mvec|nsl|nss_compat|nss_hesiod|pam_misc|pamc|panelw|pcprofile|psx|ss|thread_db|tic|uring-ffi|util)\.so/,
    why: "no program names them",
  },
];

/** The rule that drops a path (from the root of the tree, without a slash before it), if one does. */
export function droppedBy(path: string): PruneRule | undefined {
  return PRUNE_RULES.find(({ drop }) => drop.test(path));
}

/** Deletes what the rules drop, and the folders that are empty by it. Returns how many octets went. */
export function prune(tree: string): number {
  let octets = 0;
  /** True where something below went. */
  const visit = (folder: string): boolean => {
    let hasDropped = false;
    for (const entry of readdirSync(join(tree, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        const isEmptied =
          (visit(path) || droppedBy(`${path}/`) !== undefined) && isEmpty(tree, path);
        if (isEmptied) rmdirSync(join(tree, path));
        hasDropped ||= isEmptied;
      } else if (droppedBy(path) !== undefined) {
        octets += lstatSync(join(tree, path)).size;
        rmSync(join(tree, path));
        hasDropped = true;
      }
    }
    return hasDropped;
  };
  visit("");
  return octets;
}

function isEmpty(tree: string, path: string): boolean {
  return readdirSync(join(tree, path)).length === 0;
}
