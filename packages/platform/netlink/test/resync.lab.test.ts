import { setTimeout as sleep } from "node:timers/promises";
import { enterPrivateNetwork } from "@passerelle/native";
import { expect, it } from "vitest";
import { createLinuxNetlink } from "../src/linux.ts";
import type { NetlinkEvent } from "../src/port.ts";

it("says resync when the kernel had to throw events away, and goes on listening", async () => {
  enterPrivateNetwork();
  const made = createLinuxNetlink({ receiveBufferBytes: 4096 });
  if (!made.ok) throw new Error(made.error.text);
  const kernel = made.value;
  const events: NetlinkEvent[] = [];
  kernel.subscribe({ links: true }, (event) => events.push(event));
  // Nothing reads the event socket while these run: the answers come back within the calls.
  for (let i = 0; i < 300; i += 1) await kernel.setLink(1, { mtu: 2000 + i });
  await sleep(50);
  expect(events.filter((event) => event.kind === "resync").length).toBe(1);
  events.length = 0;
  await kernel.setLink(1, { mtu: 9000 });
  await sleep(50);
  expect(events.map((event) => (event.kind === "link" ? event.link.mtu : event.kind))).toEqual([
    9000,
  ]);
  kernel.close();
});
