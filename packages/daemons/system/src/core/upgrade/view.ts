import type { SystemUpgrade, UpgradeBundle } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { Bundle } from "@passerelle/slots/port";
import { type Instant, remaining, toWholeSeconds } from "@passerelle/time";
import { otherSlot } from "./refusal.ts";
import { type Lack, TRIAL_UNTIL, type UpgradeState } from "./state.ts";

/** What everybody may see; undefined until it is known whether there are slots. */
export function upgradeView(state: UpgradeState, now: Instant): SystemUpgrade | undefined {
  if (state.phase.kind === "starting") return undefined;
  const { release, slots, proof, memory } = state;
  const { board, builtAt } = release;
  const other = otherSlot(state);
  return {
    phase: phaseView(state, now),
    running: {
      version: release.version.slice(0, VERSION_MAX),
      ...(board === undefined ? {} : { board }),
      ...(builtAt === undefined ? {} : { builtAt }),
      ...(slots === undefined ? {} : { slot: slots.booted }),
    },
    ...(other === undefined
      ? {}
      : {
          other: {
            slot: other.name,
            bootable: other.isGood && other.isWhole !== false,
            ...(other.version === undefined
              ? {}
              : { version: other.version.slice(0, VERSION_MAX) }),
          },
        }),
    proven: proof.kind === "proven",
    missing: proof.kind === "watching" ? [...proof.missing] : [],
    ...(memory.last === undefined ? {} : { last: lastView(memory.last) }),
  };
}

function lastView(
  last: NonNullable<UpgradeState["memory"]["last"]>,
): NonNullable<SystemUpgrade["last"]> {
  const { missing, version, from, ...rest } = last;
  return {
    ...rest,
    version: version.slice(0, VERSION_MAX),
    from: from.slice(0, VERSION_MAX),
    ...(missing === undefined ? {} : { missing: [...missing] satisfies Lack[] }),
  };
}

function phaseView(state: UpgradeState, now: Instant): SystemUpgrade["phase"] {
  const { phase } = state;
  const version = (state.memory.pending?.version ?? state.release.version).slice(0, VERSION_MAX);
  switch (phase.kind) {
    case "starting":
    case "unsupported":
      return { kind: "unsupported" };
    case "idle":
    case "inspecting":
      return { kind: phase.kind };
    case "refused": {
      const { fault, bundle } = phase;
      const known = bundle === undefined ? {} : { bundle: bundleView(bundle) };
      return { kind: "refused", fault: plain(fault), ...known };
    }
    case "ready":
      return { kind: "ready", bundle: bundleView(phase.bundle) };
    case "installing":
      return { kind: "installing", bundle: bundleView(phase.bundle), percent: phase.percent };
    case "failed":
      return { kind: "failed", fault: plain(phase.fault), bundle: bundleView(phase.bundle) };
    case "installed":
    case "restarting":
      return { kind: phase.kind, version };
    case "trial":
      return { kind: "trial", version, secondsLeft: toWholeSeconds(remaining(now, TRIAL_UNTIL)) };
  }
}

function bundleView({ compatible, version, description, build }: Bundle): UpgradeBundle {
  return {
    board: compatible.slice(0, VERSION_MAX),
    version: version.slice(0, VERSION_MAX),
    ...(description === undefined ? {} : { notes: description.slice(0, NOTES_MAX) }),
    ...(build === undefined ? {} : { built: build.slice(0, VERSION_MAX) }),
  };
}

/** The bus has no read-only sentences. */
function plain({
  code,
  text,
  next,
  raw,
}: Fault): Extract<SystemUpgrade["phase"], { kind: "failed" }>["fault"] {
  return {
    code,
    text: { ...text },
    ...(next === undefined ? {} : { next: { ...next } }),
    ...(raw === undefined ? {} : { raw }),
  };
}

const VERSION_MAX = 64;
const NOTES_MAX = 255;
