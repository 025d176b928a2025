/** One value under /proc/sys. */
export interface Setting {
  /** Path below /proc/sys. */
  readonly path: string;
  readonly value: number;
}

/**
 * Connection tracking as the RFCs want it. Linux's own UDP time-out of 30 s breaks RFC 4787 REQ-5 and RFC 6092
 * REC-14 (at least 2 minutes), its TCP transitory ones RFC 5382 REQ-5 (at least 4 minutes).
 */
export const TRACKING: readonly Setting[] = [
  tracking("udp_timeout", 120),
  tracking("udp_timeout_stream", 300),
  // RFC 5382 REQ-5, RFC 6092 REC-35: 2 hours 4 minutes.
  tracking("tcp_timeout_established", 7440),
  tracking("tcp_timeout_syn_sent", 240),
  tracking("tcp_timeout_syn_recv", 240),
  tracking("tcp_timeout_fin_wait", 240),
  tracking("tcp_timeout_close_wait", 240),
  tracking("tcp_timeout_last_ack", 240),
  tracking("tcp_timeout_time_wait", 240),
  // RFC 5508 REQ-2: at least 60 s.
  tracking("icmp_timeout", 60),
  tracking("icmpv6_timeout", 60),
  // RFC 6092 REC-12: other protocols 5 minutes.
  tracking("generic_timeout", 300),
  // Windows are checked; a flow whose beginning nobody saw goes on (RFC 6092 REC-32).
  tracking("tcp_be_liberal", 0),
  tracking("tcp_loose", 1),
  // What neighbours of one bridge say to each other isn't routed: br_netfilter would take it through these rules.
  { path: "net/bridge/bridge-nf-call-iptables", value: 0 },
  { path: "net/bridge/bridge-nf-call-ip6tables", value: 0 },
  { path: "net/bridge/bridge-nf-call-arptables", value: 0 },
  { path: "net/ipv4/conf/all/accept_source_route", value: 0 },
  { path: "net/ipv4/conf/all/accept_redirects", value: 0 },
  { path: "net/ipv6/conf/all/accept_redirects", value: 0 },
  { path: "net/ipv4/tcp_syncookies", value: 1 },
];

/** Last, and only behind confirmed rules: from here on the box is a router. */
export const FORWARDING: readonly Setting[] = [
  { path: "net/ipv6/conf/all/forwarding", value: 1 },
  { path: "net/ipv4/ip_forward", value: 1 },
];

function tracking(name: string, value: number): Setting {
  return { path: `net/netfilter/nf_conntrack_${name}`, value };
}
