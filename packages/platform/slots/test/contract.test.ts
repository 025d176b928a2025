import { beforeEach } from "vitest";
import { createFakeSlots } from "../src/fake.ts";
import { contract, type World } from "./contract.ts";

let world: World;

contract(() => world);
beforeEach(() => {
  const slots = createFakeSlots();
  const good = {
    compatible: "passerelle-test",
    version: "0.2.0",
    description: "Notes",
    build: "2026-11-25",
  };
  slots.bundles.set("good", good);
  slots.bundles.set("foreign", { ...good, compatible: "other" });
  slots.bundles.set("wrong-key", { ...good, wrong: "wrong_signature" });
  slots.bundles.set("cut", { ...good, wrong: "damaged" });
  world = { slots, bundle: (name) => name, pause: async () => {}, describes: true };
});
