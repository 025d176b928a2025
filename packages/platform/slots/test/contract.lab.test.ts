import { afterEach, beforeEach } from "vitest";
import { contract } from "./contract.ts";
import { type RaucWorld, startRauc } from "./rauc-world.ts";

// A real RAUC: it mounts bundles through loop devices, so it needs root and belongs to the lab.
let world: RaucWorld;
beforeEach(async () => {
  world = await startRauc();
});
afterEach(() => world.stop());

contract(() => world);
