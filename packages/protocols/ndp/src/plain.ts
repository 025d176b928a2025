import { asciiBytes, ByteWriter } from "@passerelle/bytes";
import { type Mac, macBytes } from "@passerelle/net";
import { NDP_OPTION, type NdpOption } from "./message.ts";
import { paddedOption } from "./option-list.ts";

/** Builders of the options that are an address, a number or a text. */

export function sourceLinkLayerAddressOption(mac: Mac): NdpOption {
  return { type: NDP_OPTION.SOURCE_LINK_LAYER_ADDRESS, data: macBytes(mac) };
}

export function targetLinkLayerAddressOption(mac: Mac): NdpOption {
  return { type: NDP_OPTION.TARGET_LINK_LAYER_ADDRESS, data: macBytes(mac) };
}

/** @param mtuBytes of the link, where it is less than its kind allows (RFC 4861 section 4.6.4) */
export function mtuOption(mtuBytes: number): NdpOption {
  return {
    type: NDP_OPTION.MTU,
    data: new ByteWriter(6).zeros(2).uint32(mtuBytes).finish(),
  };
}

/** RFC 8910 section 2.3. @param uri ASCII */
export function captivePortalOption(uri: string): NdpOption {
  return paddedOption(NDP_OPTION.CAPTIVE_PORTAL, asciiBytes(uri));
}
