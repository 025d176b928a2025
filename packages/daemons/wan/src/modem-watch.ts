import type { Reply, Subscription } from "@passerelle/bus-client";
import { wanDsl, wanDslHistory, wanDslResync, wanDslSpectrum } from "@passerelle/contract";
import { parseCidr4, parseIpv4 } from "@passerelle/net";
import type { Netlink } from "@passerelle/netlink";
import type { LinePlatform } from "@passerelle/platform-line";
import type { Result } from "@passerelle/result";
import type { ServiceContext } from "@passerelle/service";
import type { Instant, WallTime } from "@passerelle/time";
import type { LineSpectrum } from "@passerelle/xdsl";
import type { WanConfig } from "./config.ts";
import { failureFault, NO_MODEM } from "./core/dsl/cause.ts";
import { spectrumView } from "./core/dsl/spectrum.ts";
import type { DslState } from "./core/dsl/state.ts";
import { binsView, dslView } from "./core/dsl/view.ts";
import type { ModemObstacle } from "./core/dsl/way.ts";
import { Modem, type ModemError } from "./edge/modem.ts";
import { ModemWays } from "./edge/modem-way.ts";

type ModemConfig = NonNullable<WanConfig["modem"]>;

export interface ModemWatchOptions {
  readonly context: ServiceContext<WanConfig>;
  readonly platform: LinePlatform;
  readonly netlink: Netlink;
  readonly wall: (at: Instant) => WallTime;
  /** Undefined: none is watched. */
  readonly seen: (state: DslState | undefined) => void;
}

/** The modem of the configuration, on the bus. It lives beside the line: a new session does not begin it anew. */
export class ModemWatch {
  readonly #options: ModemWatchOptions;
  readonly #ways: ModemWays;
  #modem: Modem | undefined;
  #watched = "";
  #spectrum: Promise<Result<LineSpectrum, ModemError>> | undefined;

  constructor(options: ModemWatchOptions) {
    this.#options = options;
    const { netlink, context } = options;
    this.#ways = new ModemWays({ netlink, log: context.log });
  }

  /** Undefined where none is watched. */
  get state(): DslState | undefined {
    return this.#modem?.state;
  }

  configure({ modem: settings, interface: port }: Pick<WanConfig, "modem" | "interface">): void {
    const wanted = JSON.stringify([port, settings]);
    if (wanted === this.#watched) {
      if (settings === undefined) this.#changed(undefined);
      return;
    }
    this.#watched = wanted;
    this.#modem?.stop();
    this.#modem = undefined;
    const { context, platform } = this.#options;
    if (settings !== undefined) {
      this.#modem = new Modem({
        ...{ context, platform, settings },
        obstacle: () => this.#obstacle(port, settings),
        changed: (state) => this.#changed(state),
      });
    }
    if (settings === undefined || !("address" in settings)) void this.#ways.clear();
    this.#changed(this.#modem?.state);
  }

  serve(): readonly Subscription[] {
    const { bus, clock } = this.#options.context;
    return [
      bus.serve(wanDslSpectrum, () =>
        this.#asked(
          (modem) => this.#spectrumOf(modem),
          (spectrum) => spectrumView(spectrum, clock.wall()),
        ),
      ),
      bus.serve(wanDslResync, () =>
        this.#asked(
          (modem) => modem.resync(),
          () => ({}),
        ),
      ),
      bus.serve(wanDslHistory, () => ({
        ok: true,
        data: binsView(this.#modem?.state.bins ?? { kind: "empty" }),
      })),
    ];
  }

  stop(): void {
    this.#modem?.stop();
  }

  dump(): unknown {
    const { state } = this;
    if (state === undefined) return { kind: "none" };
    const { phase, failures, failure, retrains, mark } = state;
    return { phase, failures, failure, retrains, mark };
  }

  /** A modem in this box, or made up, has no way to it. */
  async #obstacle(port: string, settings: ModemConfig): Promise<ModemObstacle | undefined> {
    const address = "address" in settings ? parseIpv4(settings.address) : undefined;
    if (address === undefined) return undefined;
    const from = "from" in settings ? parseCidr4(settings.from ?? "") : undefined;
    return this.#ways.open(port, { address, ...(from === undefined ? {} : { from }) });
  }

  #changed(state: DslState | undefined): void {
    const { context, wall, seen } = this.#options;
    const modem = this.#modem;
    if (state === undefined || modem === undefined) {
      context.bus.publish(wanDsl, { kind: "none" });
    } else {
      const { driver } = modem.settings;
      const { abilities } = modem;
      context.bus.publish(wanDsl, dslView(state, { driver, abilities, wall }));
    }
    seen(modem === undefined ? undefined : state);
  }

  /** Who asks while the modem is asked gets the same answer. */
  #spectrumOf(modem: Modem): Promise<Result<LineSpectrum, ModemError>> {
    this.#spectrum ??= modem.spectrum().finally(() => {
      this.#spectrum = undefined;
    });
    return this.#spectrum;
  }

  async #asked<Answer, View>(
    ask: (modem: Modem) => Promise<Result<Answer, ModemError>>,
    view: (answer: Answer) => View,
  ): Promise<Reply<View>> {
    if (this.#modem === undefined) return { ok: false, fault: NO_MODEM };
    const answer = await ask(this.#modem);
    if (answer.ok) return { ok: true, data: view(answer.value) };
    const { code, text } = answer.error;
    // Another modem was chosen while this one was asked.
    const reason = code === "closed" ? "unreachable" : code;
    return { ok: false, fault: failureFault({ reason, text }) };
  }
}
