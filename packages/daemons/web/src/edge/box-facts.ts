import type { Bus, Subscription } from "@passerelle/bus-client";
import { configShow, configState, type LanNetwork, lanState } from "@passerelle/contract";
import { formatIpv4, parseCidr4 } from "@passerelle/net";
import type { Clock } from "@passerelle/service";
import { seconds } from "@passerelle/time";

/** What others say that the door needs: where the home is, what the box is called, whether a change waits. */
export interface BoxFacts {
  /** Addresses of ours in networks of zone "lan", those of before included: the only ones that are listened at. */
  addresses(): readonly string[];
  /** Domain of the home; undefined until `lan` said so. */
  domain(): string | undefined;
  deviceName(): string | undefined;
  probation(): boolean;
  close(): void;
}

export function followBox(bus: Bus, clock: Clock, changed: () => void): BoxFacts {
  let addresses: readonly string[] = [];
  let domain: string | undefined;
  let name: string | undefined;
  let isProbation = false;
  let isReading = false;
  let wanted: number | undefined;
  let retry: { cancel(): void } | undefined;

  /** `web` may not read the section of `config`; what people may see of it, it may. */
  const readName = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    while (wanted !== undefined) {
      wanted = undefined;
      const reply = await bus.request(configShow, {});
      const found = reply.ok ? nameIn(reply.data.sections) : undefined;
      if (found === undefined) {
        retry?.cancel();
        retry = clock.later(RETRY_AFTER, () => {
          wanted ??= 0;
          void readName();
        });
        break;
      }
      if (found !== name) {
        name = found;
        changed();
      }
    }
    isReading = false;
  };
  const subscriptions: readonly Subscription[] = [
    bus.subscribe(lanState, ({ networks, dns }) => {
      const next = lanAddresses(networks);
      if (next.join() === addresses.join() && dns.domain === domain) return;
      addresses = next;
      domain = dns.domain;
      changed();
    }),
    bus.subscribe(configState, ({ revision, phase }) => {
      isProbation = phase.kind === "probation";
      wanted = revision;
      void readName();
    }),
  ];
  return {
    addresses: () => addresses,
    domain: () => domain,
    deviceName: () => name,
    probation: () => isProbation,
    close() {
      retry?.cancel();
      for (const subscription of subscriptions) subscription.close();
    },
  };
}

/** The address of today first; those of before while devices that have not followed yet call the box by them. */
function lanAddresses(networks: readonly LanNetwork[]): readonly string[] {
  const addresses = networks
    .filter(({ zone }) => zone === "lan")
    .flatMap(({ address, former = [] }) => [address, ...former.map((one) => one.address)])
    .flatMap((text) => parseCidr4(text) ?? [])
    .map((cidr) => formatIpv4(cidr.address));
  return [...new Set(addresses)];
}

const RETRY_AFTER = seconds(5);

function nameIn(sections: Readonly<Record<string, unknown>>): string | undefined {
  const { config } = sections;
  if (typeof config !== "object" || config === null || !("device" in config)) return undefined;
  const { device } = config;
  if (typeof device !== "object" || device === null || !("name" in device)) return undefined;
  return typeof device.name === "string" ? device.name.slice(0, 63) : undefined;
}
