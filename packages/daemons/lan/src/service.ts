import { createLinuxNetlink, type Netlink } from "@passerelle/netlink";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { createLinuxSockets, type Sockets } from "@passerelle/sockets";
import { type LanConfig, section } from "./config.ts";
import { LanDaemon } from "./edge/daemon.ts";
import { openLanStore } from "./edge/lan-store.ts";

/** What a test gives instead of this machine. */
export interface LanOptions {
  readonly sockets?: Sockets;
  readonly netlink?: Netlink;
  /** Port of the DNS forwarder. */
  readonly dnsPort?: number;
}

export function createLanService(options: LanOptions = {}): Service<LanConfig> {
  return {
    name: "lan",
    section,
    start: (context) => start(context, options),
  };
}

/** LAN bridges and addresses, DHCP, DNS and the inventory of devices. */
export const lan: Service<LanConfig> = createLanService();

async function start(
  context: ServiceContext<LanConfig>,
  options: LanOptions,
): Promise<RunningService<LanConfig>> {
  const netlink = options.netlink ?? linuxNetlink();
  const store = openLanStore(context.stateDirectory, context.clock, context.log);
  const daemon = new LanDaemon({
    context,
    netlink,
    store,
    sockets: options.sockets ?? createLinuxSockets(),
    ...(options.dnsPort === undefined ? {} : { dnsPort: options.dnsPort }),
  });
  await daemon.start();
  return {
    reconfigure: (config) => daemon.reconfigure(config),
    stop: async () => {
      await daemon.stop();
      store.close();
      if (options.netlink === undefined) netlink.close();
    },
    dump: () => daemon.dump(),
  };
}

function linuxNetlink(): Netlink {
  const opened = createLinuxNetlink();
  if (!opened.ok) throw new Error(`netlink: ${opened.error.code} ${opened.error.text}`);
  return opened.value;
}
