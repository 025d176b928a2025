import type { DecodeError, Result } from "@passerelle/result";
import {
  type BroadcomTones,
  decodeBroadcomBands,
  decodeBroadcomInfo,
  decodeBroadcomTones,
  decodeDraytekBins,
  decodeDraytekMore,
  decodeDraytekStatus,
  type LineSnapshot,
  type LineSpectrum,
  spectrumOfBroadcom,
  withDraytekMore,
} from "@passerelle/xdsl";
import { fixture, said } from "./fixtures.ts";
import { TelnetModem, type TelnetModemOptions } from "./telnet-modem.ts";

export const LOGIN = { user: "admin", password: "pass wörd" };

const DRAYTEK: TelnetModemOptions = {
  prompt: "DrayTek> ",
  nameCue: "Account:",
  // As it is on the wire.
  password: Buffer.from(LOGIN.password).toString("latin1"),
  answers: {
    "vdsl status": said("draytek-status-vdsl2.txt"),
    "vdsl status more": said("draytek-more.txt"),
    "adsl showbins": said("draytek-showbins.txt"),
    "adsl showbins up": said("draytek-showbins.txt"),
    "vdsl reboot": "",
  },
  pager: {
    lines: 20,
    below: "--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---",
    erased: "\r\n",
  },
};

export function draytekModem(options: Partial<TelnetModemOptions> = {}): TelnetModem {
  return new TelnetModem({ ...DRAYTEK, ...options });
}

export function draytekSnapshot(): LineSnapshot {
  return withDraytekMore(
    value(decodeDraytekStatus(fixture("draytek-status-vdsl2.txt"))),
    value(decodeDraytekMore(fixture("draytek-more.txt"))),
  );
}

export function draytekSpectrum(): LineSpectrum {
  const bins = value(decodeDraytekBins(fixture("draytek-showbins.txt")));
  return { down: bins, up: bins, toneSpacing: 4312.5 };
}

const BROADCOM: TelnetModemOptions = {
  // With what BusyBox says to the terminal.
  prompt: " > \u001b[6n",
  nameCue: "Login: ",
  password: DRAYTEK.password,
  answers: {
    "xdsl info --stats": fixture("broadcom-stats-35b.txt"),
    "xdsl info --pbParams": fixture("broadcom-pbparams.txt"),
    "xdsl info --Bits": fixture("broadcom-bits.txt"),
    "xdsl info --SNR": fixture("broadcom-snr.txt"),
    "xdsl info --QLN": fixture("broadcom-qln.txt"),
    "xdsl connection --down": "",
    "xdsl connection --up": "",
  },
  pager: {
    lines: 24,
    below: "--More--",
    erased: `${"\b".repeat(8)}${" ".repeat(8)}${"\b".repeat(8)}`,
  },
};

/** It has neither the name that is tried first, nor the last of the lists. */
export function broadcomModem(options: Partial<TelnetModemOptions> = {}): TelnetModem {
  return new TelnetModem({ ...BROADCOM, ...options });
}

export function broadcomSnapshot(): LineSnapshot {
  return value(decodeBroadcomInfo(fixture("broadcom-stats-35b.txt")));
}

export function broadcomSpectrum(): LineSpectrum {
  const tones = (name: string): BroadcomTones => value(decodeBroadcomTones(fixture(name)));
  const spectrum = spectrumOfBroadcom(
    value(decodeBroadcomBands(fixture("broadcom-pbparams.txt"))),
    {
      bits: tones("broadcom-bits.txt"),
      snr: tones("broadcom-snr.txt"),
      qln: tones("broadcom-qln.txt"),
    },
  );
  return { ...spectrum, toneSpacing: 4312.5 };
}

function value<T>(result: Result<T, DecodeError>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
