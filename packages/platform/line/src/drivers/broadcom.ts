import { ok, type Result } from "@passerelle/result";
import {
  type BroadcomTones,
  decodeBroadcomBands,
  decodeBroadcomInfo,
  decodeBroadcomTones,
  type LineSnapshot,
  type LineSpectrum,
  spectrumOfBroadcom,
  toneSpacingOf,
} from "@passerelle/xdsl";
import { askingDriver } from "../driver.ts";
import type { ConsoleSettings, LineDriver, LineError } from "../port.ts";
import { TelnetConsole } from "../telnet/console.ts";
import { Wording } from "../wording.ts";

/** A modem with Broadcom's tools, by telnet. */
export function openBroadcom(modem: ConsoleSettings, patienceMs: number): LineDriver {
  const console = new TelnetConsole({ modem, pager: PAGER, patienceMs });
  const wording = new Wording("xdslctl", "xdsl", "adsl");
  const status = (signal: AbortSignal): Promise<Result<LineSnapshot, LineError>> =>
    wording.ask((word) => console.read(`${word} info --stats`, decodeBroadcomInfo, signal));

  return askingDriver({
    snapshot: status,

    async spectrum(signal): Promise<Result<LineSpectrum, LineError>> {
      const line = await status(signal);
      if (!line.ok) return line;
      const info = `${wording.word} info`;
      const bands = await console.read(`${info} --pbParams`, decodeBroadcomBands, signal);
      if (!bands.ok) return bands;
      const tones: Partial<Record<keyof typeof OPTIONS, BroadcomTones>> = {};
      for (const kind of KINDS) {
        const list = await console.read(`${info} --${OPTIONS[kind]}`, decodeBroadcomTones, signal);
        if (list.ok) tones[kind] = list.value;
        // Not every version knows every list.
        else if (list.error.code !== "not_understood" || kind === "bits") return list;
      }
      const toneSpacing = toneSpacingOf(line.value);
      return ok({
        ...spectrumOfBroadcom(bands.value, tones),
        ...(toneSpacing === undefined ? {} : { toneSpacing }),
      });
    },

    async resync(signal) {
      const line = await status(signal);
      if (!line.ok) return line;
      const down = await console.tell(`${wording.word} connection --down`, signal);
      // Said in any case: a line that was left down would stay so.
      const up = await console.tell(`${wording.word} connection --up`, signal);
      return down.ok ? up : down;
    },

    close: () => console.close(),
  });
}

const PAGER = /--\s?more\s?--(?: \(\d{1,3}%[^)\r\n]{0,60}\))?/gi;
const OPTIONS = { bits: "Bits", snr: "SNR", qln: "QLN", hlog: "Hlog" } as const;
const KINDS = ["bits", "snr", "qln", "hlog"] as const;
