import { aliveState, configApply, type DaemonName } from "@passerelle/contract";
import { settle } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { afterEach, describe, expect, test } from "vitest";
import { lanAuthor } from "./home.ts";
import { type Rig, startRig } from "./rig.ts";

/** Processes that die in the window of a change of the LAN address. */
let rig: Rig;
afterEach(async () => {
  await rig.stop();
  await rig.context.dispose();
});

const say = async (daemon: DaemonName, status: "online" | "offline") => {
  rig.context.hub.client(daemon).publish(aliveState[daemon], { status });
  await settle();
};
const kill = async (daemon: DaemonName) => {
  rig.context.hub.kill(daemon);
  await settle();
};
const wait = (n: number) => rig.context.clock.advance(seconds(n));

async function startWindow(): Promise<void> {
  rig = await startRig();
  await say("lan", "online");
  await say("wan", "online");
  await wait(300);
  const patch = { address: "192.168.2.1" };
  await rig.call(configApply, { changes: [{ section: "lan", patch }], author: lanAuthor });
}

const stays = () =>
  expect(rig.state()).toMatchObject({ revision: 2, phase: { kind: "probation" } });
const isUndoneBy = (daemon: DaemonName) =>
  expect(rig.state()).toMatchObject({
    revision: 1,
    phase: { kind: "confirmed" },
    lastRollback: { from: 2, to: 1, fault: { code: "daemon_died", raw: daemon } },
  });

describe("a change is undone", () => {
  test("by a daemon that dies and is not back in ten seconds", async () => {
    await startWindow();
    await kill("lan");
    await wait(9.9);
    stays();
    await wait(0.1);
    isUndoneBy("lan");
  });

  test("by a daemon that dies three times", async () => {
    await startWindow();
    for (const deaths of [1, 2]) {
      await kill("lan");
      await wait(deaths);
      await say("lan", "online");
      stays();
    }
    await kill("lan");
    isUndoneBy("lan");
  });
});

describe("a change is kept", () => {
  test("where another daemon, killed, is back at once", async () => {
    await startWindow();
    await kill("wan");
    await wait(2);
    await say("wan", "online");
    await wait(60);
    stays();
  });

  test("where a daemon was gone before it, or never there", async () => {
    rig = await startRig();
    await say("wan", "online");
    await kill("wan");
    const patch = { address: "192.168.2.1" };
    await rig.call(configApply, { changes: [{ section: "lan", patch }], author: lanAuthor });
    await say("lan", "offline");
    await wait(60);
    stays();
  });

  test("where the broker goes and comes back", async () => {
    await startWindow();
    for (let times = 0; times < 4; times += 1) {
      rig.context.hub.stop();
      await wait(1);
      rig.context.hub.start();
      await wait(1);
    }
    await wait(20);
    stays();
  });
});
