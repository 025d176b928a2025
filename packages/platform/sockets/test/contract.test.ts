import { createFakeNetwork } from "../src/fake.ts";
import { contract } from "./contract.ts";

contract(() => {
  const network = createFakeNetwork();
  const host = network.addHost("box");
  const left = host.addInterface({ name: "left", segment: "wire" });
  const right = host.addInterface({ name: "right", segment: "wire" });
  return {
    sockets: host.sockets,
    left,
    right,
    settle: async () => {
      network.pump();
    },
  };
});
