import { IPV6_ANY, type Ipv6, isLinkLocal6, isMulticast6, isSolicitedNode } from "@passerelle/net";
import { NA_FLAG, NDP_HOP_LIMIT, NDP_OPTION, type NdpMessage } from "./message.ts";

/** What the IPv6 header said of a message. */
export interface NdpEnvelope {
  readonly source: Ipv6;
  readonly destination: Ipv6;
  readonly hopLimit: number;
}

/** Why a message is dropped that reads well (RFC 4861 sections 6.1, 7.1 and 8.1). */
export type NdpFault =
  | "ndp_hop_limit"
  | "ndp_source"
  | "ndp_destination"
  | "ndp_target"
  | "ndp_solicited"
  | "ndp_source_link_layer_address";

/**
 * The first rule that a message breaks; undefined where it is valid. That a Redirect comes from the router
 * in use (section 8.1) is for the host to see.
 */
export function faultOf(message: NdpMessage, envelope: NdpEnvelope): NdpFault | undefined {
  if (envelope.hopLimit !== NDP_HOP_LIMIT) return "ndp_hop_limit";
  switch (message.kind) {
    case "router_solicitation":
      return sourceLinkLayerFault(message, envelope);
    case "router_advertisement":
      return isLinkLocal6(envelope.source) ? undefined : "ndp_source";
    case "neighbour_solicitation":
      if (isMulticast6(message.targetAddress)) return "ndp_target";
      // Duplicate address detection goes to the group of the address and nowhere else.
      if (envelope.source === IPV6_ANY && !isSolicitedNode(envelope.destination)) {
        return "ndp_destination";
      }
      return sourceLinkLayerFault(message, envelope);
    case "neighbour_advertisement": {
      if (isMulticast6(message.targetAddress)) return "ndp_target";
      const isSolicited = (message.flags & NA_FLAG.S) !== 0;
      return isSolicited && isMulticast6(envelope.destination) ? "ndp_solicited" : undefined;
    }
    case "redirect":
      if (!isLinkLocal6(envelope.source)) return "ndp_source";
      if (isMulticast6(message.destinationAddress)) return "ndp_destination";
      return isLinkLocal6(message.targetAddress) ||
        message.targetAddress === message.destinationAddress
        ? undefined
        : "ndp_target";
  }
}

function sourceLinkLayerFault(message: NdpMessage, { source }: NdpEnvelope): NdpFault | undefined {
  const { SOURCE_LINK_LAYER_ADDRESS } = NDP_OPTION;
  const says = message.options.some(({ type }) => type === SOURCE_LINK_LAYER_ADDRESS);
  return says && source === IPV6_ANY ? "ndp_source_link_layer_address" : undefined;
}
