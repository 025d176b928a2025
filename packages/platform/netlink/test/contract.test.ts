import { createFakeNetlink } from "../src/fake.ts";
import { contract } from "./contract.ts";

contract(async () => {
  const netlink = createFakeNetlink();
  await netlink.setLink(1, { up: true });
  return {
    netlink,
    settle: async () => {
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => netlink.close(),
  };
});
