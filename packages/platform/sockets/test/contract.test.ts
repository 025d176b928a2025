import { type Ipv6, linkLocalOf, type Mac } from "@passerelle/net";
import { createFakeNetwork } from "../src/fake.ts";
import { contract } from "./contract.ts";
import { v4, v6 } from "./world.ts";

contract(() => {
  const network = createFakeNetwork();
  const host = network.addHost("box");
  const end = (name: string, mac: Mac, more: readonly Ipv6[] = []) =>
    host.addInterface({ name, segment: "wire", mac, addresses: [...more, linkLocalOf(mac)] });
  const left = end("left", "02:00:5e:00:53:01" as Mac, [v6("2001:db8:9::1")]);
  const right = end("right", "02:00:5e:00:53:02" as Mac);
  const address = v4("10.9.9.1");
  const { name, index } = host.addInterface({ name: "own", segment: "home", addresses: [address] });
  return {
    sockets: host.sockets,
    left,
    right,
    own: { name, index, address },
    bare: host.addInterface({ name: "bare", segment: "bare" }),
    settle: async () => {
      network.pump();
    },
  };
});
