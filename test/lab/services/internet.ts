import { join } from "node:path";
import { holderOf, listens, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";

/** The servers of the host `internet`: web and echo (ours, in web.ts) and iperf3. */
export async function startInternet(lab: string): Promise<void> {
  const web = [process.execPath, join(import.meta.dirname, "web.ts")];
  await Promise.all([
    serveAs(lab, "internet", "web", web),
    serveAs(lab, "internet", "iperf3", ["iperf3", "--server", "--forceflush"]),
  ]);
  const id = holderOf(lab, "internet");
  await waitFor("web server (see logs/web.log)", () => listens(id, "tcp", 80), 10_000);
}
