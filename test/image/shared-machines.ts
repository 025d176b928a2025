import { downShared } from "../lab/qemu/shared.ts";

/** Before and after a run: its files share machines, and none is left behind. */
export async function setup(): Promise<() => Promise<void>> {
  await downShared();
  process.env.LAB_SHARED = `${process.pid}`;
  return downShared;
}
