import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENTS, currentLease, stopClient } from "./clients.ts";
import { Lab } from "./lab.ts";
import { HOME_HOSTS } from "./topology.ts";

describe("the home's clients", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await startJudgeServer(lab);
  });
  afterAll(() => lab.down());

  CLIENTS.forEach((client, at) => {
    it(`${client} gets a lease from dnsmasq`, async () => {
      const host = HOME_HOSTS[at] ?? "lan1";
      const lease = await lab.lease(client, host);
      expect(lease).toMatchObject({
        prefixLength: 24,
        router: "192.168.1.1",
        resolvers: ["192.168.1.1"],
        domain: "home.arpa",
      });
      expect(lease.address).toMatch(/^192\.168\.1\.1\d\d$/);
      await lab.must(host, ["ping", "-c", "1", "-W", "2", "192.168.1.1"]);
      await stopClient(lab.name, client, host);
      expect(await currentLease(lab.name, host)).toBeUndefined();
    });
  });
});

/** A LAN that is not ours: a bridge and dnsmasq in the gateway's place. */
async function startJudgeServer(lab: Lab): Promise<void> {
  const ports = ["lan0", "lan1", "lan2", "lan3", "lan4", "lan5", "lan6"];
  const lines = [
    "link add br-lan type bridge",
    ...ports.map((port) => `link set ${port} master br-lan up`),
    "link set br-lan up",
    "address add 192.168.1.1/24 dev br-lan",
  ];
  await lab.must("gw", ["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  await lab.serve("gw", "judge", [
    ...["dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--keep-in-foreground"],
    ...["--interface=br-lan", "--bind-interfaces", "--no-resolv", "--no-ping"],
    ...["--dhcp-range=192.168.1.100,192.168.1.150,255.255.255.0,600", "--domain=home.arpa"],
    "--dhcp-leasefile=/tmp/judge.leases",
  ]);
}
