import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { addVethPair, enterPrivateNetwork, native } from "@passerelle/native";
import { parseMac } from "@passerelle/net";
import { createLinuxSockets } from "../src/linux.ts";
import { contract } from "./contract.ts";
import { v4, type World } from "./world.ts";

enterPrivateNetwork();
// Link-local addresses are ours at once.
writeFileSync("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
addVethPair("left", "right");
addVethPair("own", "peer");
execFileSync("ip", ["address", "add", "10.9.9.1/24", "dev", "own"]);
// A route for broadcasts of a machine without an address, as a DHCP client has it.
execFileSync("ip", ["-6", "address", "add", "2001:db8:9::1/64", "dev", "left"]);
addVethPair("bare", "bare-peer");
execFileSync("ip", ["-6", "address", "flush", "dev", "bare"]);
const left = describeLink("left");
const right = describeLink("right");

contract(() => ({
  sockets: createLinuxSockets(),
  left,
  right,
  own: { name: "own", index: native().interfaceIndex("own"), address: v4("10.9.9.1") },
  bare: { name: "bare", index: native().interfaceIndex("bare") },
  // The kernel hands over a veth's frames in softirq; one turn of the event loop with margin.
  settle: () => sleep(50),
}));

function describeLink(name: string): World["left"] {
  const [link] = JSON.parse(execFileSync("ip", ["-j", "link", "show", name]).toString()) as [
    { address: string },
  ];
  const mac = parseMac(link.address);
  if (mac === undefined) throw new Error(`no MAC on ${name}`);
  return { name, index: native().interfaceIndex(name), mac };
}
