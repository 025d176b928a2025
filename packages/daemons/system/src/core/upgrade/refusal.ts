import type { Fault } from "@passerelle/result";
import type { Bundle, Slot, SlotsErrorCode } from "@passerelle/slots/port";
import { upgradeFault } from "./faults.ts";
import type { UpgradeState } from "./state.ts";
import { isNewer } from "./version.ts";

/** Why a person can't have that now; undefined where they can. */
export function refusalOf(
  state: UpgradeState,
  wish: "inspect" | "install" | "rollback" | "forget",
  /** A change of the configuration waits to be confirmed. */
  onProbation: boolean,
): Fault | undefined {
  const { kind } = state.phase;
  if (kind === "unsupported") return upgradeFault("upgrade_unsupported");
  if (kind === "starting") return upgradeFault("upgrade_not_ready");
  if (kind === "inspecting" || kind === "installing" || kind === "restarting") {
    return upgradeFault("upgrade_running");
  }
  if (kind === "trial") return upgradeFault("upgrade_on_trial");
  if (kind === "installed") return upgradeFault("upgrade_waits");
  if (wish === "install" && kind !== "ready") return upgradeFault("upgrade_nothing_ready");
  if (wish === "install" || wish === "rollback") {
    if (onProbation) return upgradeFault("upgrade_probation");
  }
  const other = otherSlot(state);
  const isUsable = other?.isGood === true && other.isWhole !== false;
  return wish === "rollback" && !isUsable ? upgradeFault("upgrade_no_other") : undefined;
}

export function otherSlot({ slots }: UpgradeState): Slot | undefined {
  return slots?.slots.find(({ isBooted }) => !isBooted);
}

/** Why this bundle is not for this box; undefined where it is. */
export function refusedBundle(state: UpgradeState, bundle: Bundle): Fault | undefined {
  const { board, version } = state.release;
  if (board !== undefined && bundle.compatible !== boardName(board)) {
    return upgradeFault("upgrade_wrong_board", bundle.compatible);
  }
  const newer = isNewer(bundle.version, version);
  if (newer === undefined) return upgradeFault("upgrade_unknown_version", bundle.version);
  return newer ? undefined : upgradeFault("upgrade_not_newer", bundle.version);
}

/** As the image builder calls the boards in bundles. */
function boardName(board: string): string {
  return board.startsWith("passerelle-") ? board : `passerelle-${board}`;
}

export function faultOfSlots(code: SlotsErrorCode, raw: string): Fault {
  return upgradeFault(FAULT_OF[code], raw);
}

const FAULT_OF = {
  absent: "upgrade_engine_away",
  busy: "upgrade_engine_busy",
  denied: "upgrade_engine_away",
  wrong_signature: "upgrade_wrong_signature",
  damaged: "upgrade_damaged",
  wrong_board: "upgrade_wrong_board",
  older: "upgrade_not_newer",
  no_room: "upgrade_no_room",
  failed: "upgrade_failed",
  unreadable: "upgrade_engine_away",
} as const satisfies Readonly<Record<SlotsErrorCode, Parameters<typeof upgradeFault>[0]>>;
