import { enterPrivateNetwork } from "@passerelle/native";
import { createLinuxProcesses } from "@passerelle/process";
import { createLinuxNft } from "../src/linux.ts";
import { contract } from "./contract.ts";

contract(() => {
  enterPrivateNetwork();
  return createLinuxNft(createLinuxProcesses());
});
