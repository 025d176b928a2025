import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { holderOf, listens, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";
import { pathsOf } from "../state.ts";
import { ADDRESSES, ADDRESSES6 } from "../topology.ts";

/**
 * Names of the small Internet: unbound as authority on `internet` (the root and internet.test) and unbound as
 * the operator's resolver on `isp`. Both are third-party, so they judge our forwarder fairly.
 */
export async function startAuthority(lab: string): Promise<void> {
  const config = pathsOf(lab).config;
  writeFileSync(join(config, "root.zone"), ROOT_ZONE);
  writeFileSync(join(config, "internet.test.zone"), internetZone());
  const path = join(config, "authority.conf");
  writeFileSync(path, authorityConfig(config));
  await serveAs(lab, "internet", "authority", ["unbound", "-d", "-c", path]);
  await waitForPort(lab, "internet", "authority");
}

export async function startResolver(lab: string): Promise<void> {
  const path = join(pathsOf(lab).config, "resolver.conf");
  writeFileSync(path, RESOLVER_CONFIG);
  await serveAs(lab, "isp", "resolver", ["unbound", "-d", "-c", path]);
  await waitForPort(lab, "isp", "resolver");
}

function waitForPort(lab: string, host: "isp" | "internet", name: string): Promise<boolean> {
  const id = holderOf(lab, host);
  return waitFor(`${name} on ${host} (see logs/${name}.log)`, () => listens(id, "udp", 53), 10_000);
}

const COMMON = `
server:
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  num-threads: 1
  module-config: "iterator"
  access-control: 0.0.0.0/0 allow
  # The lab's addresses are those of others; no answer is rewritten or refused on the way.
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "test." nodefault
`;

function authorityConfig(directory: string): string {
  return `${COMMON}
  interface: ${ADDRESSES.authority}
  do-ip6: no
remote-control:
  control-enable: no
auth-zone:
  name: "."
  zonefile: "${directory}/root.zone"
  for-downstream: yes
  for-upstream: no
auth-zone:
  name: "internet.test."
  zonefile: "${directory}/internet.test.zone"
  for-downstream: yes
  for-upstream: no
`;
}

const RESOLVER_CONFIG = `${COMMON}
  interface: ${ADDRESSES.resolver}
  interface: ${ADDRESSES6.resolver}
  access-control: ::/0 allow
  # The parking gets no names.
  access-control: 172.19.0.0/16 deny
  outgoing-interface: ${ADDRESSES.core}
remote-control:
  control-enable: no
stub-zone:
  name: "."
  stub-addr: ${ADDRESSES.authority}
stub-zone:
  name: "internet.test."
  stub-addr: ${ADDRESSES.authority}
`;

/** Every other name of the world does not exist, quickly and for ten minutes (RFC 2308). */
const ROOT_ZONE = `$ORIGIN .
. 600 IN SOA ns.internet.test. hostmaster.internet.test. 1 3600 600 86400 600
. 600 IN NS ns.internet.test.
internet.test. 600 IN NS ns.internet.test.
ns.internet.test. 600 IN A ${ADDRESSES.authority}
`;

function internetZone(): string {
  // 24 strings of 200 octets: more than 4096 octets, so the answer needs TCP (RFC 7766) whatever EDNS says.
  const big = Array.from({ length: 24 }, (_, n) => `"${String(n).padStart(2, "0").repeat(100)}"`);
  return `$ORIGIN internet.test.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
@ IN A ${ADDRESSES.internet}
@ IN MX 10 mail
ns IN A ${ADDRESSES.authority}
web IN A ${ADDRESSES.internet}
web IN AAAA ${ADDRESSES6.internet}
mail IN A ${ADDRESSES.internet}
time IN A ${ADDRESSES.internet}
; Both families; its address of IPv6 is routed nowhere in the lab.
dual IN A ${ADDRESSES.internet}
dual IN AAAA 2a01:cb00:93:184::34
big IN TXT ( ${big.join(" ")} )
; A chain of aliases, and one that never ends.
chain1 IN CNAME chain2
chain2 IN CNAME chain3
chain3 IN CNAME web
loop1 IN CNAME loop2
loop2 IN CNAME loop1
; A name of the Internet that points into the home: DNS rebinding.
rebind IN A 192.168.1.1
rebind-local IN A 127.0.0.1
; One second to live, to see what is served when the resolver is dead (RFC 8767).
ttl1 1 IN A ${ADDRESSES.internet}
ttl0 0 IN A ${ADDRESSES.internet}
_sip._udp IN SRV 10 5 5060 mail
unknown IN TYPE65280 \\# 4 0a000001
*.wild IN TXT "made by a wildcard"
nothing IN TXT "no address here: NODATA for A"
`;
}
