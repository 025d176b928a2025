import type { Lab } from "../lab/lab.ts";

/** Four UDP flows across the gateway, two each way, 250 packets a second each, counted by iperf3. */
export async function startFlows(lab: Lab, seconds: number): Promise<Flows> {
  const ports = [5401, 5402, 5403, 5404];
  for (const port of ports) {
    await lab.serve("internet", `iperf3-${port}`, ["iperf3", "--server", "--port", String(port)]);
  }
  await lab.waitFor(
    "the servers of the flows",
    async () => {
      const open = (await lab.exec("internet", ["ss", "-ltnH"])).stdout;
      return ports.every((port) => open.includes(`:${port} `));
    },
    5000,
  );
  const runs = ports.map((port, index) =>
    lab.exec(
      "lan1",
      [
        ...["iperf3", "--client", "93.184.216.34", "--port", String(port), "--udp", "--json"],
        ...["--length", "200", "--bitrate", "400K", "--time", String(seconds)],
        ...(index % 2 === 0 ? [] : ["--reverse"]),
      ],
      { timeoutMs: (seconds + 30) * 1000 },
    ),
  );
  return {
    done: async () => {
      const outcomes = await Promise.all(runs);
      return outcomes.map((outcome) => {
        const report = JSON.parse(outcome.stdout) as IperfReport;
        if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
        return { packets: report.end.sum.packets, lost: report.end.sum.lost_packets };
      });
    },
  };
}

export interface Flows {
  /** Packets sent and lost, a row a flow. */
  readonly done: () => Promise<readonly { readonly packets: number; readonly lost: number }[]>;
}

interface IperfReport {
  readonly error?: string;
  readonly end: { readonly sum: { readonly packets: number; readonly lost_packets: number } };
}
