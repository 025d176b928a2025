import { ok, type Result } from "@passerelle/result";
import {
  decodeDraytekBins,
  decodeDraytekMore,
  decodeDraytekStatus,
  type LineSnapshot,
  type LineSpectrum,
  toneSpacingOf,
  withDraytekMore,
} from "@passerelle/xdsl";
import { askingDriver } from "../driver.ts";
import type { ConsoleSettings, LineDriver, LineError } from "../port.ts";
import { TelnetConsole } from "../telnet/console.ts";
import { Wording } from "../wording.ts";

/** DrayTek Vigor 130 and 165 to 167, by telnet. */
export function openDraytek(modem: ConsoleSettings, patienceMs: number): LineDriver {
  const console = new TelnetConsole({ modem, pager: PAGER, patienceMs });
  // Firmwares of VDSL modems know both words, those of ADSL modems the second alone.
  const wording = new Wording("vdsl", "adsl");
  const status = (signal: AbortSignal): Promise<Result<LineSnapshot, LineError>> =>
    wording.ask((word) => console.read(`${word} status`, decodeDraytekStatus, signal));

  return askingDriver({
    async snapshot(signal) {
      const line = await status(signal);
      if (!line.ok || line.value.state !== "up") return line;
      const more = await console.read(`${wording.word} status more`, decodeDraytekMore, signal);
      if (more.ok) return ok(withDraytekMore(line.value, more.value));
      // Older firmwares have no such command: the status stands without it.
      return more.error.code === "not_understood" ? line : more;
    },

    async spectrum(signal): Promise<Result<LineSpectrum, LineError>> {
      const line = await status(signal);
      if (!line.ok) return line;
      const down = await console.read("adsl showbins", decodeDraytekBins, signal);
      if (!down.ok) return down;
      const up = await console.read("adsl showbins up", decodeDraytekBins, signal);
      if (!up.ok) return up;
      const toneSpacing = toneSpacingOf(line.value);
      return ok({
        down: down.value,
        up: up.value,
        ...(toneSpacing === undefined ? {} : { toneSpacing }),
      });
    },

    async resync(signal) {
      const line = await status(signal);
      return line.ok ? console.tell(`${wording.word} reboot`, signal) : line;
    },

    close: () => console.close(),
  });
}

const PAGER = /--- MORE ---\s{1,8}\['q': Quit[^\]\r\n]{0,80}\] ---/g;
