import { watchGateway } from "./gateway/watch.ts";
import { down, type UpOptions, up } from "./neighbourhood.ts";
import { picture } from "./picture.ts";
import { sleep } from "./process.ts";
import { type LabStatus, statusOf, statusText } from "./status.ts";

const REFRESH_MS = 1000;

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
    if (options.gateway === "namespace") watch = watchGateway(options.name);
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

type Show = (status: LabStatus, gateway: readonly string[]) => void;

const redraw: Show = (status, gateway) => {
  const clear = "\u001b[H\u001b[2J";
  const text = [picture(status), "", ...gateway, "", "Ctrl-C ends it."].join("\n");
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
