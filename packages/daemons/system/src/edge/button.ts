import { createReadStream, type ReadStream } from "node:fs";
import type { Clock, Logger } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { readButton } from "../core/button.ts";

export interface ButtonOptions {
  /** PASSERELLE_BUTTON: the device files of the button, "/dev/input/by-path/…", with commas between; absent: none. */
  readonly devices: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pressed: () => void;
}

/** Tells of each press of the button; a device that is away is looked for again. */
export function watchButton({ devices, clock, log, pressed }: ButtonOptions): { close(): void } {
  let closed = false;
  const streams = new Set<ReadStream>();
  const waits = new Set<{ cancel(): void }>();
  const open = (path: string): void => {
    if (closed) return;
    const stream = createReadStream(path);
    let rest: Uint8Array = new Uint8Array();
    let failed = "";
    streams.add(stream);
    stream.on("data", (chunk) => {
      const read = readButton(rest, Buffer.from(chunk));
      rest = read.rest;
      for (let n = 0; n < read.presses; n += 1) pressed();
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      failed = error.code ?? "unknown";
    });
    stream.on("close", () => {
      streams.delete(stream);
      if (closed) return;
      log.warn("button_away", { path, code: failed });
      const wait = clock.later(AGAIN, () => {
        waits.delete(wait);
        open(path);
      });
      waits.add(wait);
    });
  };
  for (const path of (devices ?? "").split(",").slice(0, DEVICES_MAX)) if (path !== "") open(path);
  return {
    close() {
      closed = true;
      for (const wait of waits) wait.cancel();
      for (const stream of streams) stream.destroy();
    },
  };
}

/** A device that waits for its button holds one of the four threads in which Node reads files. */
const DEVICES_MAX = 2;
const AGAIN = seconds(30);
