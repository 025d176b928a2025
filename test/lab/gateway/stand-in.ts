/**
 * Stands for the gateway's program while the lab itself is tested: `run lan` is a bridge and dnsmasq, the other
 * daemons only live. `STAND_IN_BROKEN` in the defaults makes `lan` fail.
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [, name = ""] = process.argv.slice(2);
const defaults = readFileSync(process.env.PASSERELLE_DEFAULTS ?? "", "utf8");
console.log(`${name} starts with ${defaults.length} octets of defaults`);

if (name === "lan" || name === "--all") {
  if (process.env.STAND_IN_BROKEN !== undefined) throw new Error("the stand-in is broken as asked");
  const ports = ["lan0", "lan1", "lan2", "lan3", "lan4", "lan5", "lan6"];
  const lines = [
    "link add br-lan type bridge",
    ...ports.map((port) => `link set ${port} master br-lan up`),
    "link set br-lan up",
    "address add 192.168.1.1/24 dev br-lan",
  ];
  try {
    execFileSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n`, stdio: "pipe" });
  } catch {
    // Started again after a kill: the bridge is there.
  }
  const leases = join(process.env.PASSERELLE_STATE_DIR ?? "", "stand-in.leases");
  const server = spawn("setpriv", [
    ...["--pdeathsig", "KILL", "dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file="],
    ...["--keep-in-foreground", "--interface=br-lan", "--bind-interfaces", "--no-resolv"],
    ...["--no-ping", "--dhcp-range=192.168.1.100,192.168.1.150,600", `--dhcp-leasefile=${leases}`],
  ]);
  server.on("exit", () => process.exit(1));
} else {
  setInterval(() => {}, 1e6);
}
