import { join } from "node:path";
import { holderOf, listens, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";
import { programOf } from "../program.ts";

/** The servers of the host `internet`: web and echo (ours, in web.ts), iperf3, and chrony, which has the time. */
export async function startInternet(lab: string): Promise<void> {
  const web = [process.execPath, programOf(join(import.meta.dirname, "web.ts"))];
  await Promise.all([
    serveAs(lab, "internet", "web", web),
    serveAs(lab, "internet", "iperf3", ["iperf3", "--server", "--forceflush"]),
    // -x: it tells the time of the machine and never sets it.
    serveAs(lab, "internet", "chrony", [
      ...["chronyd", "-x", "-d", "-u", "root", "local stratum 2", "allow all", "cmdport 0"],
      ...["bindcmdaddress /", "pidfile /run/chrony-lab.pid"],
    ]),
  ]);
  const id = holderOf(lab, "internet");
  await waitFor("web server (see logs/web.log)", () => listens(id, "tcp", 80), 10_000);
}
