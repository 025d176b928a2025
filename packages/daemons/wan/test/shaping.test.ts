import { createFakeNetlink } from "@passerelle/netlink";
import { createFakeProcesses, type FakeProgram } from "@passerelle/process";
import { recordingLogger, settle } from "@passerelle/service/testing";
import { describe, expect, it } from "vitest";
import {
  clearingCommands,
  followingModem,
  framingOf,
  MAKE_TURN,
  SHAPERS,
  type Shaping,
  type ShapingSettings,
  shapingCommands,
} from "../src/core/shaping.ts";
import { Shaper } from "../src/edge/shaper.ts";
import { MAC } from "./fixtures.ts";

const FRAMING = framingOf({ vlan: true, pppoe: true });
const SETTINGS = { download: 18_000, upload: 900, framing: FRAMING };

it.each(SHAPERS)("the commands of %s", async (kind) => {
  const lines = [MAKE_TURN, ...shapingCommands(kind, SETTINGS, "ppp-wan")].map((words) =>
    words.join(" "),
  );
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`golden/shaping-${kind}.txt`);
});

it.each(["atm", "ptm"] as const)("the commands of a line with %s", async (tc) => {
  const settings = followingModem(
    { down: 21_400_000, up: 1_100_000, tc },
    { vlan: false, pppoe: true },
  );
  const lines = SHAPERS.flatMap((kind) => shapingCommands(kind, settings, "ppp-wan"));
  const text = lines.map((words) => words.join(" ")).join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot(`golden/shaping-${tc}.txt`);
});

it("the octets that a line adds are those of all that it is in", () => {
  expect(framingOf({ vlan: false, pppoe: false }).overhead).toBe(38);
  expect(FRAMING).toEqual({ kind: "ethernet", overhead: 50 });
  // As sch_cake's own words "pppoe-llcsnap", "pppoe-ptm" and "ether-vlan" have it.
  expect(framingOf({ vlan: false, pppoe: true }, "atm").overhead).toBe(40);
  expect(framingOf({ vlan: true, pppoe: true }, "ptm").overhead).toBe(34);
});

describe("the queues of the line", () => {
  function world(tc: FakeProgram, settings: ShapingSettings | "none" | "later" = SETTINGS) {
    const netlink = createFakeNetlink();
    const processes = createFakeProcesses();
    let hasTurn = false;
    processes.install("ip", ({ argv }) => {
      if (argv[2] !== "add") return { code: 0 };
      if (hasTurn) return { code: 2, stderr: "RTNETLINK answers: File exists" };
      hasTurn = true;
      netlink.addCard("ifb-wan", MAC);
      return { code: 0 };
    });
    processes.install("tc", tc);
    const told: Shaping[] = [];
    const shaper = new Shaper({
      ...{ netlink, processes, interface: "wan", log: recordingLogger() },
      ...(settings === "none" ? {} : { settings }),
      told: (one) => told.push(one),
    });
    const said = () => processes.calls.map(({ argv }) => argv.join(" "));
    return { netlink, shaper, told, said };
  }
  const without =
    (...words: readonly string[]): FakeProgram =>
    ({ argv }) =>
      words.some((word) => argv.includes(word))
        ? { code: 2, stderr: "Error: Specified qdisc kind is unknown." }
        : { code: 0 };
  const until = async (isSo: () => boolean) => {
    for (let turn = 0; turn < 50 && !isSo(); turn += 1) await settle();
  };

  it.each([
    [[], "cake"],
    [["cake"], "htb_fq_codel"],
    [["cake", "fq_codel"], "htb"],
    [["cake", "htb"], "refused"],
  ] as const)("without %j are %s", async (missing, kind) => {
    const { netlink, shaper, told } = world(without(...missing));
    netlink.addCard("wan", MAC);
    await shaper.start();
    await until(() => told.length > 0);
    expect(told).toEqual([{ kind, download: 18_000, upload: 900 }]);
    await shaper.stop();
  });

  it("follow the modem: nothing before it speaks, its rate then, and not each hundredth of it", async () => {
    const { netlink, shaper, told, said } = world(without(), "later");
    netlink.addCard("wan", MAC);
    await shaper.start();
    await settle();
    expect(said()).toEqual([]);
    const rates = (down: number) =>
      followingModem({ down, up: 1_000_000, tc: "ptm" }, { vlan: false, pppoe: false });
    shaper.shape(rates(50_000_000));
    await until(() => told.length === 1);
    shaper.shape(rates(50_200_000));
    shaper.shape(rates(38_000_000));
    await until(() => told.length === 2);
    expect(told.map(({ download }) => download)).toEqual([47_500, 36_100]);
    await shaper.stop();
    const before = said().length;
    shaper.shape(rates(10_000_000));
    await settle();
    expect(said()).toHaveLength(before);
  });

  it("are made anew for an interface that came anew, and not for one that only changed", async () => {
    const { netlink, shaper, told } = world(without());
    const first = netlink.addCard("wan", MAC);
    await shaper.start();
    await until(() => told.length === 1);
    await netlink.setLink(first, { up: true });
    netlink.setCarrier(first, false);
    await settle();
    expect(told).toHaveLength(1);
    netlink.pullCard(first);
    netlink.addCard("wan", MAC);
    await until(() => told.length === 2);
    expect(told).toHaveLength(2);
    await shaper.stop();
  });

  it("wait for an interface that is not there yet", async () => {
    const { netlink, shaper, told, said } = world(without());
    await shaper.start();
    await settle();
    expect(said()).toEqual([]);
    netlink.addCard("wan", MAC);
    await until(() => told.length > 0);
    expect(told).toHaveLength(1);
    await shaper.stop();
  });

  it("of an earlier life go where the line is not bounded any more; where there are none nothing is done", async () => {
    const clean = world(without(), "none");
    clean.netlink.addCard("wan", MAC);
    await clean.shaper.start();
    await clean.shaper.stop();
    expect(clean.said()).toEqual([]);
    const left = world(without(), "none");
    left.netlink.addCard("wan", MAC);
    left.netlink.addCard("ifb-wan", MAC);
    await left.shaper.start();
    await left.shaper.stop();
    expect(left.said()).toEqual(clearingCommands("wan").map((words) => words.join(" ")));
  });
});
