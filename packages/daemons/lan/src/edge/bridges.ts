import { broadcastOf, type Cidr4, formatCidr4, type Mac } from "@passerelle/net";
import type { InterfaceAddress, Link, Netlink, NetlinkError } from "@passerelle/netlink";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import { cidrOfText, type LanNetworkConfig } from "../config.ts";
import type { Kept } from "../core/former/index.ts";

/** A bridge as it stands after `applyBridges`. */
export interface LanBridge {
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** Ports of the configuration that this machine does not have (yet). */
  readonly missingPorts: readonly string[];
}

type Answer<T> = Promise<Result<T, Fault>>;

/**
 * Brings bridges, their ports and addresses to what the configuration says, and touches nothing that is right
 * already: run after a crash it changes nothing, and nobody's traffic stops. Bridges stay when the daemon ends.
 */
export async function applyBridges(
  netlink: Netlink,
  networks: readonly LanNetworkConfig[],
  kept: readonly Pick<Kept, "network" | "address">[] = [],
): Answer<readonly LanBridge[]> {
  const bridges: LanBridge[] = [];
  for (const network of networks) {
    const former = kept.filter((one) => one.network === network.name).map((one) => one.address);
    const addresses = [cidrOfText(network.address), ...former];
    const bridge = await applyBridge(netlink, network, networks, addresses);
    if (!bridge.ok) return bridge;
    bridges.push(bridge.value);
  }
  return ok(bridges);
}

/** Takes away what `after` does not want any more of `before`. */
export async function removeBridges(
  netlink: Netlink,
  before: readonly LanNetworkConfig[],
  after: readonly LanNetworkConfig[],
): Answer<void> {
  const kept = new Set(after.map((network) => network.bridge));
  const links = await netlink.links();
  if (!links.ok) return err(refused("links", links.error));
  for (const { bridge } of before) {
    const link = links.value.find((one) => one.name === bridge);
    if (kept.has(bridge) || link?.kind !== "bridge") continue;
    const removed = await netlink.deleteLink(link.index);
    if (!removed.ok) return err(refused(`removing ${bridge}`, removed.error));
  }
  return ok(undefined);
}

async function applyBridge(
  netlink: Netlink,
  network: LanNetworkConfig,
  all: readonly LanNetworkConfig[],
  addresses: readonly Cidr4[],
): Answer<LanBridge> {
  const before = await netlink.links();
  if (!before.ok) return err(refused("links", before.error));
  const found = before.value.find((link) => link.name === network.bridge);
  if (found !== undefined && found.kind !== "bridge") {
    return err(bridgeNameTaken(network.bridge));
  }
  const index = found?.index ?? (await createBridge(netlink, network, before.value));
  if (typeof index !== "number") return err(index);
  if (found === undefined || (found.flags & IFF_UP) === 0) {
    const up = await netlink.setLink(index, { up: true });
    if (!up.ok) return err(refused(`${network.bridge} up`, up.error));
  }
  const addressed = await applyAddresses(netlink, network, index, addresses);
  if (!addressed.ok) return addressed;
  const ported = await applyPorts(netlink, network, index, before.value, all);
  if (!ported.ok) return ported;
  const after = await netlink.links();
  const mac = after.ok ? after.value.find((link) => link.index === index)?.mac : undefined;
  if (mac === undefined) return err(bridgeNameTaken(network.bridge));
  return ok({ name: network.bridge, index, mac, missingPorts: ported.value });
}

async function createBridge(
  netlink: Netlink,
  network: LanNetworkConfig,
  links: readonly Link[],
): Promise<number | Fault> {
  // Set once, a MAC stays when ports come and go; the kernel's own choice would follow them.
  const mac = network.ports
    .map((port) => links.find((link) => link.name === port)?.mac)
    .find((one) => one !== undefined);
  const made = await netlink.createBridge(network.bridge, {
    ...(mac === undefined ? {} : { mac }),
    spanningTree: false,
    multicastSnooping: true,
  });
  return made.ok ? made.value : refused(`creating ${network.bridge}`, made.error);
}

async function applyAddresses(
  netlink: Netlink,
  { bridge }: LanNetworkConfig,
  index: number,
  wanted: readonly Cidr4[],
): Answer<void> {
  // The new ones first: connections to the gateway see no moment without an address.
  const before = await addMissing(netlink, bridge, index, wanted);
  if (!before.ok) return before;
  const unwanted = before.value.filter((one) => !wanted.some((cidr) => isAt(one, cidr)));
  for (const { address, prefixLength } of unwanted) {
    const removed = await netlink.removeAddress({ interfaceIndex: index, address, prefixLength });
    if (!removed.ok && removed.error.code !== "EADDRNOTAVAIL") {
      return err(refused(`old address of ${bridge}`, removed.error));
    }
  }
  if (unwanted.length === 0) return ok(undefined);
  // With the first address of a network the kernel takes away the others of that network (promote_secondaries is off).
  const after = await addMissing(netlink, bridge, index, wanted);
  return after.ok ? ok(undefined) : after;
}

/** Answers what was there before. */
async function addMissing(
  netlink: Netlink,
  bridge: string,
  index: number,
  wanted: readonly Cidr4[],
): Answer<readonly InterfaceAddress[]> {
  const addresses = await netlink.addresses(4);
  if (!addresses.ok) return err(refused("addresses", addresses.error));
  const mine = addresses.value.filter((one) => one.interfaceIndex === index);
  for (const cidr of wanted) {
    if (mine.some((one) => isAt(one, cidr))) continue;
    const added = await netlink.replaceAddress({
      interfaceIndex: index,
      address: cidr.address,
      prefixLength: cidr.prefixLength,
      broadcast: broadcastOf(cidr),
    });
    if (!added.ok) return err(refused(`${formatCidr4(cidr)} on ${bridge}`, added.error));
  }
  return ok(mine);
}

function isAt(one: InterfaceAddress, cidr: Cidr4): boolean {
  return one.address === cidr.address && one.prefixLength === cidr.prefixLength;
}

/** Gives the names of ports that are missing. */
async function applyPorts(
  netlink: Netlink,
  network: LanNetworkConfig,
  index: number,
  links: readonly Link[],
  all: readonly LanNetworkConfig[],
): Answer<readonly string[]> {
  const missing: string[] = [];
  for (const port of network.ports) {
    const link = links.find((one) => one.name === port);
    if (link === undefined) {
      missing.push(port);
      continue;
    }
    if (link.master === index && (link.flags & IFF_UP) !== 0) continue;
    const joined = await netlink.setLink(link.index, { master: index, up: true });
    if (!joined.ok) return err(refused(`${port} into ${network.bridge}`, joined.error));
  }
  for (const link of links) {
    if (link.master !== index || network.ports.includes(link.name ?? "")) continue;
    // Radios and others join by their own daemon; only a cable that the configuration moved is taken out.
    if (!all.some((one) => one.ports.includes(link.name ?? "")) && isForeign(link)) continue;
    const left = await netlink.setLink(link.index, { master: 0 });
    if (!left.ok) return err(refused(`${link.name} out of ${network.bridge}`, left.error));
  }
  return ok(missing);
}

/** Members that somebody else put into the bridge: access points have no kind, and are wireless. */
function isForeign(link: Link): boolean {
  return /^(wlan|phy|ap)/.test(link.name ?? "");
}

function refused(what: string, error: NetlinkError): Fault {
  return {
    code: "lan_kernel_refused",
    text: {
      fr: "Le système a refusé un réglage du réseau local.",
      en: "The system refused a setting of the local network.",
    },
    raw: `${what}: ${error.code} ${error.text}`,
  };
}

function bridgeNameTaken(name: string): Fault {
  return {
    code: "lan_bridge_name_taken",
    text: {
      fr: `Une interface ${name} existe déjà et n'est pas un pont.`,
      en: `An interface ${name} exists and is not a bridge.`,
    },
  };
}

const IFF_UP = 1;
