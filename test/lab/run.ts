import { openForward } from "./forward/forward.ts";
import { watchGateway } from "./gateway/watch.ts";
import { runAs } from "./host.ts";
import { down, type UpOptions, up } from "./neighbourhood.ts";
import { picture } from "./picture.ts";
import { sleep } from "./process.ts";
import { readTimes, timesText } from "./qemu/ready.ts";
import { type LabStatus, pageText, statusOf, statusText } from "./status.ts";
import type { HostName } from "./topology.ts";

const REFRESH_MS = 1000;

/** Who is at home and switched on when the picture appears; lan1 is yours. */
const AWAKE: readonly HostName[] = ["lan2", "stb", "phone1", "phone2", "guest"];

const HINTS = [
  "In another terminal:",
  "  bin/lab exec lan1 -- udhcpc -i eth0 -n -q            an address from us",
  "  bin/lab exec lan1 -- curl http://web.internet.test/  through our NAT",
  "  bin/lab exec lan1 -- dig lan2.home.arpa              a name of the house",
  "  bin/lab fault carrier-loss 5                         and see what the box says",
  "Ctrl-C ends it.",
];

/**
 * `bin/lab run`: up, a live picture, and down at Ctrl-C or when the reader goes away. With a terminal the picture
 * is redrawn; without one a line is printed for each change.
 */
export async function runLive(options: UpOptions): Promise<number> {
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.stdout.on("error", stop);
  let watch: ReturnType<typeof watchGateway> | undefined;
  try {
    const state = await up(options);
    console.log(`lab "${options.name}" is up after ${((state.upMs ?? 0) / 1000).toFixed(1)} s`);
    const times = readTimes(options.name);
    if (times !== undefined) console.log(timesText(times));
    if (options.gateway !== "none") {
      if (state.kernel === "host") await openForward(options.name);
      console.log(pageText(await statusOf(options.name)));
      // The bus of a machine stays inside it.
      if (options.gateway === "namespace" && state.kernel === "host")
        watch = watchGateway(options.name);
      void wakeUp(options.name);
    }
    if (process.stdout.isTTY !== true) for (const hint of HINTS) console.log(hint);
    const show = process.stdout.isTTY === true ? redraw : lineByLine();
    while (!stopped) {
      show(await statusOf(options.name), watch?.lines() ?? []);
      for (let waited = 0; waited < REFRESH_MS && !stopped; waited += 50) await sleep(50);
    }
  } finally {
    watch?.close();
    await down(options.name);
  }
  console.log(`lab "${options.name}" is down`);
  return 0;
}

/** Their clients ask once; one that gets no answer is simply not in the picture. */
async function wakeUp(lab: string): Promise<void> {
  const ask = (host: HostName) => ["udhcpc", "-i", "eth0", "-n", "-q", "-x", `hostname:${host}`];
  await Promise.allSettled(AWAKE.map((host) => runAs(lab, host, ask(host), { timeoutMs: 20_000 })));
}

type Show = (status: LabStatus, gateway: readonly string[]) => void;

const redraw: Show = (status, gateway) => {
  const clear = "\u001b[H\u001b[2J";
  const text = [pageText(status) ?? "", "", picture(status), "", ...gateway, "", ...HINTS].join(
    "\n",
  );
  process.stdout.write(`${clear}${text}\n`);
};

/** Only what was not said before. */
function lineByLine(): Show {
  let said = new Set<string>();
  return (status, gateway) => {
    const lines = [...statusText(status).split("\n").filter(Boolean), ...gateway];
    for (const line of lines) if (!said.has(line)) console.log(line);
    said = new Set(lines);
  };
}
