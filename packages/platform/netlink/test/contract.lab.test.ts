import { setTimeout as sleep } from "node:timers/promises";
import { enterPrivateNetwork } from "@passerelle/native";
import { createLinuxNetlink } from "../src/linux.ts";
import { contract } from "./contract.ts";

contract(async () => {
  // One kernel a case: the old namespace ends with its last socket.
  enterPrivateNetwork();
  const made = createLinuxNetlink();
  if (!made.ok) throw new Error(made.error.text);
  const netlink = made.value;
  return { netlink, settle: () => sleep(30), end: async () => netlink.close() };
});
