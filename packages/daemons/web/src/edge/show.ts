import { webState } from "@passerelle/contract";
import type { Fault } from "@passerelle/result";
import type { ServiceContext } from "@passerelle/service";
import type { WallTime } from "@passerelle/time";

/** What people may know of the door. */
export interface Shown {
  readonly addresses: string[];
  readonly httpPort: number;
  readonly names: string[];
  readonly fingerprint: string | undefined;
  readonly firstRunDone: boolean;
  readonly faults: readonly Fault[];
  /** How many addresses should listen. */
  readonly wanted: number;
}
export type Show = (shown: Shown) => void;

/** Publishes what changed, with the time since which it is so, and logs each change of kind. */
export function createShow({
  bus,
  clock,
  log,
}: Pick<ServiceContext<unknown>, "bus" | "clock" | "log">): Show {
  let before: { readonly kind: string; readonly since: WallTime } | undefined;
  return ({ faults, fingerprint, wanted, ...shown }) => {
    const kind = kindOf(faults, shown.addresses.length, wanted);
    if (before?.kind !== kind) {
      before = { kind, since: clock.wall() };
      log.info("web_state", { kind, faults: faults.map(({ code }) => code) });
    }
    bus.publish(webState, {
      ...shown,
      kind,
      since: before.since,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      faults: faults.map(({ code, text, next, raw }) => ({
        code,
        text: { ...text },
        ...(next === undefined ? {} : { next: { ...next } }),
        ...(raw === undefined ? {} : { raw }),
      })),
    });
  };
}

function kindOf(
  faults: readonly Fault[],
  open: number,
  wanted: number,
): "starting" | "serving" | "degraded" {
  if (faults.length > 0) return "degraded";
  return wanted > 0 && open >= wanted ? "serving" : "starting";
}
