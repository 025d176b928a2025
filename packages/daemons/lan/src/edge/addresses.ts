import { formatCidr4, formatIpv4 } from "@passerelle/net";
import { cidrOfText, type LanConfig } from "../config.ts";
import type { Kept } from "../core/former/index.ts";
import type { ListenAddress } from "./dns/listeners.ts";

/** Where DNS is served: at the addresses of before as well. */
export function listenAddresses(
  config: LanConfig,
  kept: readonly Kept[],
): readonly ListenAddress[] {
  return config.networks.flatMap(({ name, address, bridge: device }) => {
    const former = kept.filter(({ network }) => network === name).map((one) => one.address);
    const own = [cidrOfText(address), ...former].map((cidr) => formatIpv4(cidr.address));
    return [...new Set(own)].map((one) => ({ address: one, device }));
  });
}

/** Whether an address goes at once, because something else needs its network. */
export function isLeft(before: LanConfig, next: LanConfig, kept: readonly Kept[]): boolean {
  return before.networks.some(
    ({ name, address }) =>
      next.networks.find((one) => one.name === name)?.address !== address &&
      !kept.some((one) => one.network === name && formatCidr4(one.address) === address),
  );
}
