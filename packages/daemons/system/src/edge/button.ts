import { createReadStream, type ReadStream } from "node:fs";
import type { Clock, Logger } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { type KeyEvent, readButton } from "../core/button.ts";

export interface ButtonOptions {
  /** PASSERELLE_BUTTON: the device files of the button, "/dev/input/by-path/…", with commas between; absent: none. */
  readonly devices: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly felt: (event: KeyEvent) => void;
  /** A device ended: what is held on it is let go by nobody. */
  readonly away: () => void;
}

/** Tells of each key of the button; a device that is away is told of once, and looked for again. */
export function watchButton({ devices, clock, log, felt, away }: ButtonOptions): { close(): void } {
  let closed = false;
  const streams = new Set<ReadStream>();
  const waits = new Set<{ cancel(): void }>();
  const open = (path: string, missed: boolean): void => {
    if (closed) return;
    const stream = createReadStream(path);
    let rest: Uint8Array = new Uint8Array();
    let failed = "";
    let isOpen = false;
    streams.add(stream);
    stream.on("open", () => {
      isOpen = true;
    });
    stream.on("data", (chunk) => {
      const read = readButton(rest, Buffer.from(chunk));
      rest = read.rest;
      for (const event of read.events) felt(event);
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      failed = error.code ?? "unknown";
    });
    stream.on("close", () => {
      streams.delete(stream);
      if (closed) return;
      // Where the owner may add a button, mostly there is none.
      if (isOpen || !missed) log.warn("button_away", { path, code: failed });
      if (isOpen) away();
      const wait = clock.later(AGAIN, () => {
        waits.delete(wait);
        open(path, true);
      });
      waits.add(wait);
    });
  };
  for (const path of (devices ?? "").split(",").slice(0, DEVICES_MAX))
    if (path !== "") open(path, false);
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
