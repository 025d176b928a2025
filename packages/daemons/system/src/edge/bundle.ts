import { release } from "node:os";
import type { Bus } from "@passerelle/bus-client";
import { type AnyTopic, allTopics, configShow, type StateTopic } from "@passerelle/contract";
import type { Clock } from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { Redactor } from "../core/redact.ts";
import { readText } from "./files.ts";

export const BUNDLE_BYTES_MAX = 900 * 1024;
/** What a reply of the bus may have; the document is a text inside of it, and its quotation marks grow. */
const REPLY_BYTES_MAX = 1_000_000;
/** A retained state comes with its subscription. */
const COLLECT_WAIT = milliseconds(700);

export interface BundleOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly version: string;
  /** The newest lines of the event log. */
  readonly log: () => readonly unknown[];
  /** What the rings hold, in figures. */
  readonly rings: () => unknown;
  readonly dump: () => unknown;
  /** Facts of the hardware that only a library knows how to find. */
  readonly hardware: () => Promise<unknown>;
}

/** Everything a stranger needs to help, as one JSON text without a secret and without a name of the house. */
export async function makeBundle(options: BundleOptions): Promise<string> {
  const { bus, clock } = options;
  const [states, configuration, hardware] = await Promise.all([
    collectStates(bus, clock),
    configurationOf(bus),
    options.hardware().catch((error: unknown) => ({ unreadable: String(error).slice(0, 200) })),
  ]);
  const redactor = new Redactor();
  // Names are learnt of everything before any of it is written.
  redactor.learn(states);
  redactor.learn(configuration);
  const lines = options.log();
  redactor.learn(lines);
  const parts: Record<string, unknown> = {
    madeAt: clock.wall(),
    version: options.version,
    node: process.version,
    kernel: release(),
    uptimeMs: clock.now(),
    proc: procFacts(),
    hardware,
    service: options.dump(),
    rings: options.rings(),
    configuration,
    log: lines,
    states,
  };
  const clean = redactor.redact(parts);
  return fitted(clean);
}

/** States that everybody may read; what only some may is theirs. */
async function collectStates(bus: Bus, clock: Clock): Promise<Record<string, unknown>> {
  const states: Record<string, unknown> = {};
  const open = allTopics.filter(isPublicState).map((topic) =>
    bus.subscribe(topic, (value) => {
      states[topic.name] = value;
    }),
  );
  await new Promise<void>((resolve) => clock.later(COLLECT_WAIT, resolve));
  for (const subscription of open) subscription.close();
  return states;
}

function isPublicState(topic: AnyTopic): topic is StateTopic<unknown> {
  return topic.kind === "state" && topic.readers === undefined;
}

/** As a person sees it: `config` masks every secret of every section. */
async function configurationOf(bus: Bus): Promise<unknown> {
  const shown = await bus.request(configShow, {}, { timeout: seconds(3) });
  return shown.ok ? shown.data : { unreadable: shown.fault.code };
}

/** Short texts of the kernel that name nobody. */
function procFacts(): Record<string, string> {
  const names = ["loadavg", "meminfo", "stat", "vmstat", "version", "cpuinfo", "interrupts"];
  return Object.fromEntries(
    names.map((name) => [name, (readText(`/proc/${name}`) ?? "").slice(0, PROC_MAX)]),
  );
}

const PROC_MAX = 8192;

/** Leaves out the largest states, then the oldest lines, until it fits; says what is missing. */
function fitted(document: unknown): string {
  if (typeof document !== "object" || document === null) return "{}";
  const parts: Record<string, unknown> = { ...document };
  const omitted: string[] = [];
  for (;;) {
    const text = JSON.stringify({ ...parts, omitted });
    if (sizeOf(text) <= BUNDLE_BYTES_MAX && sizeOf(JSON.stringify(text)) <= REPLY_BYTES_MAX) {
      return text;
    }
    const largest = largestOf(parts);
    if (largest === undefined) return JSON.stringify({ omitted: ["everything: too large"] });
    omitted.push(largest.name);
    largest.remove();
  }
}

function largestOf(
  parts: Record<string, unknown>,
): { readonly name: string; remove(): void } | undefined {
  const states = parts.states;
  const candidates = [
    ...Object.keys(parts)
      .filter((name) => name !== "states")
      .map((name) => ({ name, holder: parts })),
    ...(isRecord(states) ? Object.keys(states).map((name) => ({ name, holder: states })) : []),
  ].map(({ name, holder }) => ({ name, holder, size: sizeOf(JSON.stringify(holder[name]) ?? "") }));
  const [largest] = candidates.toSorted((a, b) => b.size - a.size);
  if (largest === undefined) return undefined;
  return { name: largest.name, remove: () => delete largest.holder[largest.name] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
