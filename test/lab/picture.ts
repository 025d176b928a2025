import type { HostStatus, LabStatus } from "./status.ts";
import { ADDRESSES, type HostName } from "./topology.ts";

/** The neighbourhood drawn with letters, each host with the address it has now. */
export function picture(status: LabStatus): string {
  const of = (host: HostName) => status.hosts.find((one) => one.host === host);
  const home = (host: HostName, port: string) =>
    `${port.padEnd(7)}── ${host.padEnd(13)} ${firstAddress(of(host)) ?? dash(of(host))}`;
  const wan = firstAddress(of("gw"), "wan0") ?? dash(of("gw"), "wan0");
  const lan = firstAddress(of("gw"), "br-lan") ?? "-";
  const guest = firstAddress(of("gw"), "br-guest") ?? "-";
  const left = [
    `internet ${ADDRESSES.internet}  web.internet.test`,
    "   │",
    `isp ${ADDRESSES.accessGateway}  operator ${status.operator}`,
    `   │   resolver ${ADDRESSES.resolver}`,
    `   ├── attacker-wan ${firstAddress(of("attacker-wan")) ?? "-"}`,
    "   │",
    `gw   wan0 ${wan}`,
    `     br-lan ${lan}   br-guest ${guest}`,
  ];
  const right = [
    home("lan1", "lan0"),
    home("lan2", "lan1"),
    home("stb", "lan2"),
    home("phone1", "lan3"),
    home("phone2", "lan4"),
    home("attacker-lan", "lan5"),
    home("desk", "lan6"),
    home("guest", "guest0"),
  ];
  return [...left, ...right.map((line) => `   ├── ${line}`)].join("\n");
}

function firstAddress(host: HostStatus | undefined, device = "eth0"): string | undefined {
  return host?.addresses[device]?.[0];
}

function dash(host: HostStatus | undefined, device = "eth0"): string {
  if (host === undefined || !host.running) return "not running";
  return host.withoutCarrier.includes(device) ? "no carrier" : "no address";
}
