import { downShared } from "../lab/qemu/shared.ts";

/** Before and after a run: no machine of another image, and none left behind. */
export async function setup(): Promise<() => Promise<void>> {
  await downShared();
  return downShared;
}
