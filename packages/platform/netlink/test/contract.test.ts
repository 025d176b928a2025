import { createFakeNetlink } from "../src/fake.ts";
import { contract } from "./contract.ts";
import { vlanContract } from "./vlan-contract.ts";
import type { World } from "./world.ts";

async function makeWorld(): Promise<World> {
  const netlink = createFakeNetlink();
  await netlink.setLink(1, { up: true });
  return {
    netlink,
    settle: async () => {
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => netlink.close(),
  };
}

contract(makeWorld);
vlanContract(makeWorld);
