import type { Result } from "@passerelle/result";
import type { LineSnapshot, LineSpectrum, LineState } from "@passerelle/xdsl";

/** Opens the modem of a line. */
export interface LinePlatform {
  /** Never fails and asks nothing yet: what is wrong is told by the first question. */
  open(modem: ModemSettings): LineDriver;
}

/** A modem, asked over whatever it speaks. One question at a time; a second one waits for the first. */
export interface LineDriver {
  readonly abilities: LineAbilities;
  /** The line now. Cheap enough for every ten seconds. */
  snapshot(): Promise<Result<LineSnapshot, LineError>>;
  /** Tone by tone: seconds of a modem's work. `unsupported` where it has none. */
  spectrum(): Promise<Result<LineSpectrum, LineError>>;
  /** Has the line trained anew. `unsupported` where the modem does not let us. */
  resync(): Promise<Result<void, LineError>>;
  /** Tells of changes that the modem speaks of by itself; a driver that has to ask never calls it. */
  onState(handler: (state: LineState, rawState: string) => void): void;
  /** Ends questions that are under way with `closed`. */
  close(): void;
}

export interface LineAbilities {
  readonly spectrum: boolean;
  readonly resync: boolean;
  /** It tells changes by itself. */
  readonly events: boolean;
}

export interface LineError {
  readonly code: LineErrorCode;
  /** What was said, for the log: hostile text of at most 200 characters. */
  readonly text: string;
}

/**
 * `unreachable`: nobody answers there, or stopped in the middle. `login_refused`: it does not take the password.
 * `not_understood`: it answered what no modem of this kind says. `unsupported`: it has no such thing.
 */
export type LineErrorCode =
  | "unreachable"
  | "login_refused"
  | "not_understood"
  | "unsupported"
  | "closed";

/** How a modem is asked. */
export type ModemSettings =
  /** A line made up, for the demonstration, the lab and tests. */
  | {
      readonly driver: "replay";
      readonly recording: "adsl2plus" | "vdsl2";
      /** Recorded seconds that pass in one of ours. */
      readonly speed: number;
    }
  /** DrayTek Vigor 130, 165 to 167: its console by telnet. */
  | ({ readonly driver: "draytek" } & ConsoleSettings)
  /** A modem with Broadcom's tools: its console by telnet. */
  | ({ readonly driver: "broadcom" } & ConsoleSettings)
  /** FRITZ!Box: TR-064 by HTTP, with digest authentication. */
  | ({ readonly driver: "tr064" } & ConsoleSettings)
  /** VDSL2-LINE-MIB and ADSL-LINE-MIB by SNMP version 2c. */
  | {
      readonly driver: "snmp";
      readonly address: string;
      readonly port?: number;
      readonly community: string;
    }
  /** Lantiq's control daemon on this machine, by OpenWrt's `ubus` program. */
  | { readonly driver: "lantiq" };

export interface ConsoleSettings {
  readonly address: string;
  /** Absent: 23 of telnet, 49000 of TR-064. */
  readonly port?: number;
  readonly user: string;
  readonly password: string;
}
