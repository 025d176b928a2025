import type { Mac } from "@passerelle/net";
import { describe, it } from "vitest";
import { createFakePpp } from "../src/index.ts";
import { CONTRACT, type World } from "./contract.ts";

/** The same cases are for Linux, where its kernel has PPP. */
describe("sessions of the kernel in memory", () => {
  for (const { name, run } of CONTRACT) it(name, () => run(fakeWorld()));
});

function fakeWorld(): World {
  const platform = createFakePpp();
  const here = { name: "here", mac: "02:00:5e:00:53:01" as Mac };
  const there = { name: "there", mac: "02:00:5e:00:53:02" as Mac };
  platform.addCable(here, there);
  return {
    ...{ platform, here, there },
    until: async (what, isSo) => {
      platform.pump();
      if (!isSo()) throw new Error(`never: ${what}`);
    },
    hangUp: (sessionId) => platform.end({ interface: here.name, peer: there.mac, sessionId }),
    holds: true,
    has: (name) => platform.channels.some((channel) => channel.name === name),
  };
}
