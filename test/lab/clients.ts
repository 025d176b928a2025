import { mustAs, runAs, serveAs } from "./host.ts";
import { waitFor } from "./process.ts";
import { pathsOf } from "./state.ts";
import type { HostName } from "./topology.ts";

/** The DHCP clients of the world that judge a server. None of them is ours. */
export const CLIENTS = ["udhcpc", "dhclient", "dhcpcd", "networkd"] as const;
export type ClientName = (typeof CLIENTS)[number];

/** What a host has after its client was served, read from the kernel and from resolv.conf, not from the client. */
export interface ClientLease {
  readonly address: string;
  readonly prefixLength: number;
  readonly router: string | undefined;
  readonly resolvers: readonly string[];
  readonly domain: string | undefined;
}

const TIMEOUT_MS = 30_000;

/** Gets a lease for `eth0` of a host with one of the four clients. Rejects when the client gives up. */
export async function lease(lab: string, client: ClientName, host: HostName): Promise<ClientLease> {
  await START[client](lab, host);
  return waitFor(
    `an address on ${host} from ${client}`,
    () => currentLease(lab, host),
    TIMEOUT_MS,
    20,
  );
}

const START: Readonly<Record<ClientName, (lab: string, host: HostName) => Promise<void>>> = {
  async udhcpc(lab, host) {
    await mustAs(lab, host, ["udhcpc", "-i", "eth0", "-n", "-q"], { timeoutMs: TIMEOUT_MS });
  },
  async dhclient(lab, host) {
    await mustAs(lab, host, ["dhclient", "-1", "-v", "eth0"], { timeoutMs: TIMEOUT_MS });
  },
  async dhcpcd(lab, host) {
    // One shot: it probes the address with ARP for five seconds before it takes it (RFC 5227).
    await mustAs(lab, host, ["dhcpcd", "-4", "-1", "eth0"], { timeoutMs: TIMEOUT_MS });
  },
  async networkd(lab, host) {
    await runAs(lab, host, ["mkdir", "-p", "/run/systemd/network"]);
    await runAs(lab, host, ["tee", "/run/systemd/network/10-eth0.network"], {
      input: "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n",
    });
    await serveAs(lab, host, `${host}-networkd`, ["/lib/systemd/systemd-networkd"]);
    const text = await waitFor(
      `a lease of networkd on ${host} (see ${pathsOf(lab).logs}/${host}-networkd.log)`,
      async () => {
        const found = await runAs(lab, host, ["sh", "-c", "cat /run/systemd/netif/leases/*"]);
        return found.stdout.includes("ADDRESS=") && found.stdout;
      },
      TIMEOUT_MS,
    );
    // networkd leaves resolv.conf to systemd-resolved, which needs D-Bus: the lab writes what the lease says.
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1];
    const domain = value("DOMAINNAME");
    const lines = [
      ...(domain === undefined ? [] : [`search ${domain}`]),
      ...(value("DNS") ?? "")
        .split(" ")
        .filter((word) => word !== "")
        .map((word) => `nameserver ${word}`),
    ];
    await runAs(lab, host, ["tee", "/etc/resolv.conf"], { input: `${lines.join("\n")}\n` });
  },
};

const PROGRAM: Readonly<Record<ClientName, string>> = {
  udhcpc: "udhcpc",
  dhclient: "dhclient",
  dhcpcd: "dhcpcd",
  networkd: "systemd-network",
};

/** Ends the client without a word to the server, as a cable that is pulled; the address goes with it. */
export async function stopClient(lab: string, client: ClientName, host: HostName): Promise<void> {
  await runAs(lab, host, ["pkill", "-KILL", "-x", PROGRAM[client]]);
  await runAs(lab, host, ["ip", "-4", "address", "flush", "dev", "eth0"]);
}

interface IpAddress {
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

/** The lease as the host's kernel and resolver see it now; undefined while there is no address. */
export async function currentLease(lab: string, host: HostName): Promise<ClientLease | undefined> {
  const [addresses, routes, resolv] = await Promise.all([
    mustAs(lab, host, ["ip", "-j", "-4", "address", "show", "dev", "eth0", "scope", "global"]),
    mustAs(lab, host, ["ip", "-j", "-4", "route", "show", "default", "dev", "eth0"]),
    mustAs(lab, host, ["cat", "/etc/resolv.conf"]),
  ]);
  const found = (JSON.parse(addresses) as IpAddress[]).flatMap((link) => link.addr_info ?? [])[0];
  if (found === undefined) return undefined;
  const router = (JSON.parse(routes || "[]") as { readonly gateway?: string }[])[0]?.gateway;
  const lines = resolv.split("\n").map((line) => line.trim().split(/\s+/));
  const words = (key: string) => lines.filter(([first]) => first === key).map(([, word]) => word);
  return {
    address: found.local,
    prefixLength: found.prefixlen,
    router,
    resolvers: words("nameserver").filter((word) => word !== undefined),
    domain: words("domain")[0] ?? words("search")[0],
  };
}
