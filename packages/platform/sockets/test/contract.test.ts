import { createFakeNetwork } from "../src/fake.ts";
import { contract } from "./contract.ts";
import { v4 } from "./world.ts";

contract(() => {
  const network = createFakeNetwork();
  const host = network.addHost("box");
  const left = host.addInterface({ name: "left", segment: "wire" });
  const right = host.addInterface({ name: "right", segment: "wire" });
  const address = v4("10.9.9.1");
  const { name, index } = host.addInterface({ name: "own", segment: "home", addresses: [address] });
  return {
    sockets: host.sockets,
    left,
    right,
    own: { name, index, address },
    settle: async () => {
      network.pump();
    },
  };
});
