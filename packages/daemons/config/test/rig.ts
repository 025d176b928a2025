import type { Bus, CountedBus } from "@passerelle/bus-client";
import { type AnySection, type CommandTopic, configState } from "@passerelle/contract";
import type { RunningService } from "@passerelle/service";
import {
  ManualClock,
  seededEntropy,
  settle,
  type TestContext,
  testContext,
} from "@passerelle/service/testing";
import type { ConfigConfig } from "../src/config.ts";
import { type ConfigServiceOptions, createConfigService } from "../src/service.ts";
import { homeSections } from "./home.ts";

/** The service on a bus in memory and a real file, with a clock that the test winds. */
export interface Rig {
  readonly context: TestContext<ConfigConfig>;
  readonly running: RunningService<ConfigConfig>;
  readonly web: CountedBus;
  call<Q, R>(command: CommandTopic<Q, R>, request: Q, bus?: Bus): Promise<R>;
  /** The code of the fault, or "ok". */
  code<Q, R>(command: CommandTopic<Q, R>, request: Q, bus?: Bus): Promise<string>;
  state(): Published;
  /** Stops, and starts again on the same files. */
  restart(options?: RigOptions): Promise<Rig>;
  stop(): Promise<void>;
}

type Published = typeof configState extends { readonly schema: infer S }
  ? S extends { readonly "~types"?: { readonly output: infer T } | undefined }
    ? T
    : never
  : never;

export interface RigOptions {
  readonly sections?: readonly AnySection[];
  readonly service?: ConfigServiceOptions;
  readonly clock?: ManualClock;
  readonly stateDirectory?: string;
  /** Of what the box draws at random. */
  readonly seed?: number;
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const context = testContext<ConfigConfig>({
    // A self-configured service reads its section itself.
    config: undefined as unknown as ConfigConfig,
    client: "config",
    entropy: seededEntropy(options.seed),
    clock: options.clock ?? new ManualClock({ now: 1000 }),
    ...(options.stateDirectory === undefined ? {} : { stateDirectory: options.stateDirectory }),
  });
  const service = createConfigService(options.sections ?? homeSections, options.service);
  const running = await service.start(context);
  const web = context.hub.client("web");
  await settle();
  const rig: Rig = {
    context,
    running,
    web,
    call: async (command, request, bus = web) => {
      const reply = await bus.request(command, request);
      if (!reply.ok) throw new Error(`${reply.fault.code} ${reply.fault.raw ?? ""}`);
      return reply.data;
    },
    code: async (command, request, bus = web) => {
      const reply = await bus.request(command, request);
      return reply.ok ? "ok" : reply.fault.code;
    },
    state: () => context.hub.retained().get(configState.name) as Published,
    stop: async () => {
      await running.stop();
      await context.bus.close();
    },
    restart: async (changed = {}) => {
      await rig.stop();
      return startRig({
        ...options,
        clock: context.clock,
        stateDirectory: context.stateDirectory,
        ...changed,
      });
    },
  };
  return rig;
}
