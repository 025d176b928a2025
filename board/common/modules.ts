/**
 * The kernel modules of a router, on every board: a name, or a folder below kernel/ with a `*` at its end. What a
 * module needs comes along. Everything else of Debian's kernel stays out of the image.
 */
export const ROUTER_MODULES: readonly string[] = [
  // Links: PPPoE, VLAN, bridge, tunnels, the lab's cables.
  ...["pppoe", "ppp_generic", "ppp_async", "ppp_deflate", "pppox", "8021q", "macvlan"],
  ...[
    "bridge",
    "br_netfilter",
    "tun",
    "veth",
    "dummy",
    "ifb",
    "sit",
    "ipip",
    "ip6_tunnel",
    "ip_gre",
  ],
  ...["wireguard", "tls", "l2tp_ppp", "bonding"],
  // Rules: nftables with flowtables, helpers of old protocols.
  "net/netfilter/nf_*",
  "net/netfilter/nft_*",
  "net/netfilter/nfnetlink*",
  "net/ipv4/netfilter/nf*",
  "net/ipv6/netfilter/nf*",
  "net/bridge/netfilter/nf*",
  ...["xt_tcpudp", "x_tables"],
  // Queues: shaping of the line, marks.
  ...[
    "sch_cake",
    "sch_htb",
    "sch_ingress",
    "sch_prio",
    "sch_tbf",
    "sch_netem",
    "sch_fq",
    "sch_hfsc",
  ],
  ...["act_mirred", "act_police", "act_skbedit", "act_gact", "act_ctinfo", "act_vlan"],
  ...["cls_u32", "cls_flower", "cls_fw", "cls_matchall", "cls_basic", "em_meta"],
  // Diagnosis: sockets and packets.
  ...[
    "inet_diag",
    "tcp_diag",
    "udp_diag",
    "unix_diag",
    "netlink_diag",
    "af_packet_diag",
    "tcp_bbr",
  ],
  // Wi-Fi: the stack; a board names its radio. hwsim is a radio without a radio, for tests.
  ...["mac80211", "cfg80211", "mac80211_hwsim"],
  // Disks: the slot, its squashfs, the overlay, the data, RAUC's verity bundles and its FAT partition.
  ...[
    "ext4",
    "squashfs",
    "overlay",
    "loop",
    "dm-mod",
    "dm-verity",
    "dm-crypt",
    "vfat",
    "nls_ascii",
    "nls_cp437",
  ],
  ...["nls_utf8", "usb-storage", "uas", "sd_mod"],
  // A second port by USB.
  ...[
    "usbnet",
    "cdc_ether",
    "cdc_ncm",
    "cdc_mbim",
    "cdc_subset",
    "r8152",
    "ax88179_178a",
    "asix",
    "rndis_host",
  ],
  ...["smsc95xx", "lan78xx", "dm9601", "mcs7830", "sr9800", "aqc111"],
  // systemd asks for it at its start.
  "autofs4",
  // Random numbers, watchdogs, the calendar.
  ...["softdog", "rng-core"],
  // Ciphers of WireGuard, verity and Wi-Fi, with what arm64 does faster.
  "arch/arm64/crypto/*",
  ...[
    "ccm",
    "gcm",
    "cmac",
    "ctr",
    "sha256_generic",
    "crc32c_generic",
    "crc16",
    "libcrc32c",
    "authenc",
  ],
];
