import { formatCidr4, formatIpv4 } from "@passerelle/net";
import type { HomeModel, ModelForward } from "./model.ts";

/**
 * Each packet of a connection that a forward or the DMZ let in, both ways: it passes while there still is an opening
 * that would lead it to the same place. Without this, connection tracking keeps what a closed port once let in, and a
 * deleted entry could come back from inside (packets in mid-stream make new ones). Everybody else pays one look at
 * a bit of the connection's status.
 */
export function openedRules(model: HomeModel): string[] {
  return [
    ...model.forwards.flatMap(stillOpen),
    ...(model.dmz === undefined
      ? []
      : [`ct reply ip saddr ${formatIpv4(model.dmz)} return comment "dmz"`]),
    // Errors about such a connection. They have no ports of their own; no forward is for ICMP.
    "meta l4proto icmp return",
    "goto refuse",
  ];
}

/**
 * The connection as its first packet asked for it (original), and the device that answers it (reply). One by one and
 * not in a set: nft 1.0.6 can't print a concatenation with a port of connection tracking in it.
 */
function stillOpen(forward: ModelForward): string[] {
  const single = forward.portFirst === forward.portLast;
  const ports = single ? `${forward.portFirst}` : `${forward.portFirst}-${forward.portLast}`;
  return forward.protocols.map((protocol) =>
    [
      `meta l4proto ${protocol} ct original proto-dst ${ports}`,
      `ct reply ip saddr ${formatIpv4(forward.to)}`,
      ...(single ? [`ct reply proto-src ${forward.toPort}`] : []),
      ...(forward.source === undefined
        ? []
        : [`ct original ip saddr ${formatCidr4(forward.source)}`]),
      "return",
    ].join(" "),
  );
}
