import { holderOf, listens, mustAs, runAs, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";
import { programOf } from "../program.ts";
import { SPOILER_PORT } from "../topology.ts";

const PROGRAM = programOf(new URL("../services/spoiler.ts", import.meta.url).pathname);

/** What packets of the line are led to the spoiler, and what it then does to them; one at a time. */
export interface Spoiling {
  readonly transport: "udp" | "tcp";
  readonly port: number;
  readonly words: readonly string[];
}

export async function spoil(lab: string, spoiling: Spoiling): Promise<void> {
  await unspoil(lab);
  const { transport, port, words } = spoiling;
  await serveAs(lab, "isp", "spoiler", [process.execPath, PROGRAM, ...words]);
  const isThere = () => listens(holderOf(lab, "isp"), transport, SPOILER_PORT);
  await waitFor("the spoiler (see logs/spoiler.log)", isThere, 10_000);
  const rules = `table ip lab-spoiled {
    chain led { type nat hook prerouting priority -100; iifname "access" ${transport} dport ${port} redirect to :${SPOILER_PORT}; }
  }`;
  await mustAs(lab, "isp", ["nft", "-f", "-"], { input: rules });
}

export async function unspoil(lab: string): Promise<void> {
  const rules = "add table ip lab-spoiled; delete table ip lab-spoiled";
  await mustAs(lab, "isp", ["nft", "-f", "-"], { input: rules });
  await runAs(lab, "isp", ["pkill", "-KILL", "-f", "spoiler"]);
  const isGone = () =>
    !(["udp", "tcp"] as const).some((transport) =>
      listens(holderOf(lab, "isp"), transport, SPOILER_PORT),
    );
  await waitFor("the spoiler ends", isGone, 3000, 10);
}
