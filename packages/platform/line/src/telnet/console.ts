import { type DecodeError, ok, type Result } from "@passerelle/result";
import { lineFailure, notUnderstood } from "../line-error.ts";
import { controlInLogin, isOneLine } from "../login.ts";
import type { ConsoleSettings, LineError } from "../port.ts";
import { answerIn, asShown, cueIn, lastLine, saysNo, saysUnknown } from "./cues.ts";
import { TelnetLink } from "./link.ts";

export interface TelnetOptions {
  readonly modem: ConsoleSettings;
  /** What stands under a full page until a key is pressed. With the flag "g". */
  readonly pager: RegExp;
  /** What a login may take, and a question. */
  readonly patienceMs: number;
}

/** A modem's console, asked by one at a time. The connection is kept, and opened again where it was lost. */
export class TelnetConsole {
  readonly #options: TelnetOptions;
  readonly #pagerBelow: RegExp;
  #session: Session | undefined;

  constructor(options: TelnetOptions) {
    this.#options = options;
    this.#pagerBelow = new RegExp(
      `${options.pager.source}\\s*$`,
      options.pager.flags.replace("g", ""),
    );
  }

  /** What a decoder reads in what the command prints. `not_understood` where it cannot. */
  async read<T>(
    command: string,
    decode: (text: string) => Result<T, DecodeError>,
    signal: AbortSignal,
  ): Promise<Result<T, LineError>> {
    const kept = this.#session;
    let said = await this.#put(kept, command, signal);
    // Modems hang up on who was quiet for minutes, and restart: the question is asked again, once.
    if (kept?.link.isLost === true && !signal.aborted)
      said = await this.#put(undefined, command, signal);
    if (!said.ok) return said;
    const decoded = decode(said.value);
    return decoded.ok ? decoded : notUnderstood(command, decoded.error);
  }

  /** Has something done, once; it may print nothing. `unsupported` where the console says that it knows no such thing. */
  async tell(command: string, signal: AbortSignal): Promise<Result<void, LineError>> {
    const said = await this.#put(this.#session, command, signal, true);
    if (!said.ok) return said;
    return saysUnknown(said.value) ? lineFailure("unsupported", said.value.trim()) : ok(undefined);
  }

  close(): void {
    this.#session?.link.close();
  }

  async #logIn(signal: AbortSignal): Promise<Result<Session, LineError>> {
    const { modem, patienceMs } = this.#options;
    if (!isOneLine(modem)) return controlInLogin();
    const link = new TelnetLink(modem.address, modem.port ?? TELNET_PORT);
    signal.addEventListener("abort", () => link.close(), { once: true });
    const deadline = performance.now() + patienceMs;
    const said = { name: false, password: false };
    for (;;) {
      const cue = await link.until(cueIn, deadline - performance.now());
      if (!cue.ok) {
        const isRefused = said.password && link.isLost && saysNo(link.tail);
        return isRefused ? lineFailure("login_refused", "it said no, and hung up") : cue;
      }
      if (cue.value === "command") {
        if (!(await link.quiet())) continue;
        this.#session = { link, prompt: lastLine(link.heard).trim() };
        return ok(this.#session);
      }
      if (said[cue.value]) {
        link.close();
        // Not its own words: a modem may have echoed the password.
        return lineFailure("login_refused", `it asked for the ${cue.value} again`);
      }
      said[cue.value] = true;
      link.send(cue.value === "name" ? modem.user : modem.password);
    }
  }

  /** What the command prints, without its echo and the prompt. */
  async #put(
    kept: Session | undefined,
    command: string,
    signal: AbortSignal,
    isSilent = false,
  ): Promise<Result<string, LineError>> {
    const session = kept?.link.isOpen === true ? ok(kept) : await this.#logIn(signal);
    if (!session.ok) return session;
    const { link, prompt } = session.value;
    let empty = 0;
    link.send(command);
    return link.until((tail) => {
      if (this.#pagerBelow.test(tail)) {
        link.press(" ");
        return undefined;
      }
      if (lastLine(tail).trim() !== prompt) return undefined;
      const answer = answerIn(asShown(link.heard, this.#options.pager), command);
      if (isSilent || answer.trim() !== "") return answer;
      // A console that takes both CR and LF for the end of a line is one prompt late.
      empty += 1;
      return empty > EMPTY_MAX ? answer : undefined;
    }, this.#options.patienceMs);
  }
}

interface Session {
  readonly link: TelnetLink;
  readonly prompt: string;
}

const TELNET_PORT = 23;
const EMPTY_MAX = 3;
