import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  appliedState,
  configApply,
  configConfirm,
  configFactoryReset,
  configHistory,
  configPlan,
  configRead,
  configRollback,
  configShow,
} from "@passerelle/contract";
import { ManualClock, settle } from "@passerelle/service/testing";
import { openStore } from "@passerelle/store";
import { seconds } from "@passerelle/time";
import { afterEach, describe, expect, test } from "vitest";
import { canonicalJson } from "../src/core/json.ts";
import { MIGRATIONS } from "../src/edge/revision-store.ts";
import { DefaultsError } from "../src/service.ts";
import { homeSections, lanAuthor, lanSection, wanSection } from "./home.ts";
import { type Rig, type RigOptions, startRig } from "./rig.ts";

let rig: Rig;
const start = async (options?: RigOptions) => {
  rig = await startRig(options);
};
afterEach(async () => {
  await rig.stop();
  await rig.context.dispose();
});

const author = lanAuthor;
const moveTo = (address: string) => ({
  changes: [{ section: "lan" as const, patch: { address } }],
  author,
});
const rename = (domain: string) => ({
  changes: [{ section: "lan" as const, patch: { domain } }],
  author,
});

describe("a new box", () => {
  test("publishes revision 1 and serves each daemon its own section with its secrets", async () => {
    await start();
    expect(rig.state()).toMatchObject({ revision: 1, phase: { kind: "confirmed" } });
    const lan = rig.context.hub.client("lan");
    const read = await rig.call(configRead.lan, {}, lan);
    expect(read).toEqual({
      revision: 1,
      digest: rig.state().digests.lan,
      value: { address: "192.168.1.1", domain: "home", people: [] },
    });
    const wan = await rig.call(configRead.wan, {}, rig.context.hub.client("wan"));
    expect(wan.value).toMatchObject({ password: expect.stringMatching(/^\w{12,}$/) });
  });

  test("shows people everything but the secrets", async () => {
    await start();
    const shown = await rig.call(configShow, {});
    expect(shown.sections).toMatchObject({
      config: { device: { name: "Passerelle" } },
      wan: { profile: "ethernet", password: "•••" },
    });
  });

  test("takes the overrides of its board, and refuses wrong ones with exit 78", async () => {
    await start({ service: { defaultsOverride: { lan: { domain: "lab" } } } });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan.value).toMatchObject({ domain: "lab" });
    const wrong = startRig({ service: { defaultsOverride: { lan: { address: "nonsense" } } } });
    await expect(wrong).rejects.toThrow(DefaultsError);
    await expect(wrong).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining("/lan/address"),
    });
    const misspelt = startRig({ service: { defaultsOverride: { lann: {} } } });
    await expect(misspelt).rejects.toMatchObject({ message: expect.stringContaining("/lann") });
  });

  test("that runs already is not stopped by wrong overrides, nor reset to them", async () => {
    await start({ sections: [wanSection] });
    const service = { defaultsOverride: { lan: { address: "nonsense" } } };
    rig = await rig.restart({ sections: homeSections, service });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan.value).toMatchObject({ address: "192.168.1.1" });
    expect(await rig.code(configFactoryReset, { author })).toBe("defaults_invalid");
  });
});

describe("the digests on the bus", () => {
  test("are this box's own, and the same after a restart and after a factory reset", async () => {
    await start();
    const other = await startRig({ seed: 2 });
    const lan = (one: Rig) => one.call(configRead.lan, {}, one.context.hub.client("lan"));
    const [here, there] = [await lan(rig), await lan(other)];
    expect(here.value).toEqual(there.value);
    expect(here.digest).not.toBe(there.digest);
    await other.stop();
    await other.context.dispose();
    const text = canonicalJson(here.value);
    const guess = createHash("sha256").update(text).digest("hex");
    expect(Object.values(rig.state().digests)).not.toContain(guess);
    rig = await rig.restart({ seed: 3 });
    expect(rig.state().digests.lan).toBe(here.digest);
    await rig.call(configFactoryReset, { author });
    expect(rig.state().digests.lan).toBe(here.digest);
  });

  test("are keyed also on a box that comes from a release without key", async () => {
    await start();
    const { digests } = rig.state();
    await rig.stop();
    const { clock, stateDirectory } = rig.context;
    const store = openStore({
      path: join(stateDirectory, "config.db"),
      migrations: MIGRATIONS,
    });
    store.run("DROP TABLE digest_key");
    store.run("PRAGMA user_version = 1");
    store.close();
    rig = await startRig({ clock, stateDirectory, seed: 2 });
    expect(rig.state()).toMatchObject({ revision: 1, phase: { kind: "confirmed" } });
    expect(rig.state().digests.lan).not.toBe(digests.lan);
  });
});

describe("a change", () => {
  test("that disturbs nobody is in force at once, and survives a restart", async () => {
    await start();
    const applied = await rig.call(configApply, { ...rename("maison"), note: "in French" });
    expect(applied).toMatchObject({ revision: 2, plan: { needsConfirmation: false } });
    expect(applied.probation).toBeUndefined();
    rig = await rig.restart();
    expect(rig.state()).toMatchObject({ revision: 2, phase: { kind: "confirmed" } });
    const { revisions } = await rig.call(configHistory, {});
    expect(revisions).toMatchObject([
      {
        revision: 2,
        parent: 1,
        note: "in French",
        phase: "confirmed",
        author,
        differences: [{ section: "lan", path: "/domain", before: "home", after: "maison" }],
      },
      { revision: 1, author: { name: "factory", origin: "box" } },
    ]);
  });

  test("that could cut its author off is undone after 90 s without the token", async () => {
    await start();
    const applied = await rig.call(configApply, moveTo("192.168.2.1"));
    expect(applied.probation?.seconds).toBe(90);
    expect(applied.probation?.token).toMatch(/^[0-9a-f]{40}$/);
    expect(rig.state()).toMatchObject({ revision: 2, phase: { kind: "probation", previous: 1 } });
    await rig.context.clock.advance(seconds(89));
    expect(rig.state().revision).toBe(2);
    await rig.context.clock.advance(seconds(1));
    expect(rig.state()).toMatchObject({
      revision: 1,
      phase: { kind: "confirmed" },
      lastRollback: { from: 2, to: 1, fault: { code: "not_confirmed" } },
    });
    const { revisions } = await rig.call(configHistory, {});
    expect(revisions.map((r) => r.phase)).toEqual(["rolled_back", "confirmed"]);
  });

  test("is kept by the token from the LAN, and by nothing else", async () => {
    await start();
    const token = (await rig.call(configApply, moveTo("192.168.2.1"))).probation?.token ?? "";
    const box = { name: "script", origin: "box" } as const;
    expect(await rig.code(configConfirm, { token, author: box })).toBe("wrong_origin");
    expect(await rig.code(configConfirm, { token: `${token}0`, author })).toBe("wrong_token");
    expect(await rig.code(configConfirm, { token: "", author })).toBe("wrong_token");
    expect(await rig.code(configApply, rename("other"))).toBe("probation_running");
    expect(await rig.code(configConfirm, { token, author })).toBe("ok");
    expect(rig.state()).toMatchObject({ revision: 2, phase: { kind: "confirmed" } });
    expect(await rig.code(configConfirm, { token, author })).toBe("no_probation");
    await rig.context.clock.advance(seconds(1000));
    expect(rig.state().revision).toBe(2);
  });

  test("whose token is guessed at is refused for ten seconds, and is still kept by the right one", async () => {
    await start();
    const token = (await rig.call(configApply, moveTo("192.168.2.1"))).probation?.token ?? "";
    for (let n = 0; n < 5; n += 1) {
      expect(await rig.code(configConfirm, { token: `${n}`, author })).toBe("wrong_token");
    }
    expect(await rig.code(configConfirm, { token, author })).toBe("too_many_attempts");
    await rig.context.clock.advance(seconds(10));
    expect(await rig.code(configConfirm, { token, author })).toBe("ok");
  });

  test("that a daemon refuses is undone at once, with the daemon's reason", async () => {
    await start();
    await rig.call(configApply, moveTo("192.168.2.1"));
    const { digests } = rig.state();
    const fault = { code: "bridge_missing", text: { fr: "Pas de pont.", en: "No bridge." } };
    const lan = rig.context.hub.client("lan");
    lan.publish(appliedState.lan, {
      revision: 2,
      digest: digests.lan ?? "",
      result: { kind: "refused", fault },
    });
    await settle();
    expect(rig.state()).toMatchObject({ revision: 1, lastRollback: { from: 2, fault } });
  });

  test("keeps its window over a restart, by the monotonic clock, whatever the calendar does", async () => {
    await start();
    await rig.call(configApply, moveTo("192.168.2.1"));
    await rig.context.clock.advance(seconds(50));
    rig.context.clock.setWall(0);
    rig = await rig.restart();
    expect(rig.state().phase).toMatchObject({ kind: "probation", remainingMs: 40_000 });
    rig.context.clock.setWall(4_000_000_000_000);
    await rig.context.clock.advance(seconds(39));
    expect(rig.state().phase.kind).toBe("probation");
    await rig.context.clock.advance(seconds(1));
    expect(rig.state()).toMatchObject({ revision: 1, phase: { kind: "confirmed" } });
  });

  test("is undone by a reboot in its window", async () => {
    await start();
    await rig.call(configApply, moveTo("192.168.2.1"));
    rig = await rig.restart({ clock: new ManualClock({ now: 0, bootId: "another boot" }) });
    expect(rig.state()).toMatchObject({
      revision: 1,
      phase: { kind: "confirmed" },
      lastRollback: { from: 2, to: 1, fault: { code: "interrupted_by_reboot" } },
    });
    rig = await rig.restart();
    expect(rig.state()).toMatchObject({ revision: 1, lastRollback: { from: 2 } });
  });

  test("is refused where it was based on another revision, is impossible, or changes nothing", async () => {
    await start();
    await rig.call(configApply, rename("maison"));
    expect(await rig.code(configApply, { ...rename("x"), basedOn: 1 })).toBe("stale_revision");
    expect(await rig.code(configApply, moveTo("10.0.0.1"))).toBe("config_invalid");
    expect(await rig.code(configApply, rename("forbidden"))).toBe("config_invalid");
    expect((await rig.call(configApply, rename("maison"))).revision).toBe(2);
  });

  test("is planned without being made", async () => {
    await start();
    const { changes } = moveTo("192.168.2.1");
    expect(await rig.call(configPlan, { changes })).toMatchObject({
      differences: [{ section: "lan", path: "/address" }],
      impacts: [{ section: "lan", severity: "may_cut_you_off" }],
      problems: [],
      needsConfirmation: true,
    });
    expect(rig.state().revision).toBe(1);
  });
});

describe("rolling back", () => {
  test("ends a probation at once", async () => {
    await start();
    await rig.call(configApply, moveTo("192.168.2.1"));
    expect(await rig.call(configRollback, { author })).toEqual({ revision: 1 });
    expect(rig.state()).toMatchObject({
      revision: 1,
      lastRollback: { fault: { code: "rolled_back" } },
    });
    expect(await rig.code(configRollback, { author })).toBe("no_probation");
  });

  test("to an older revision makes a new one, on probation where it could cut off", async () => {
    await start();
    await rig.call(configApply, rename("maison"));
    expect(await rig.call(configRollback, { to: 1, author })).toEqual({ revision: 3 });
    const { token } = (await rig.call(configApply, moveTo("192.168.2.1"))).probation ?? {};
    await rig.call(configConfirm, { token: token ?? "", author });
    const back = await rig.call(configRollback, { to: 1, author });
    expect(back).toMatchObject({ revision: 5, probation: { seconds: 90 } });
    expect(await rig.code(configRollback, { to: 99, author })).toBe("unknown_revision");
    const { revisions } = await rig.call(configHistory, { limit: 1 });
    expect(revisions).toMatchObject([{ revision: 5, parent: 4, note: "revision 1 again" }]);
  });
});

describe("another release", () => {
  test("migrates what was stored, as a revision of its own", async () => {
    const old = {
      ...lanSection,
      version: 1,
      defaults: () => ({ address: "192.168.1.1", suffix: "old", people: [] }),
    };
    const anything = {
      ...old,
      schema: {
        ...lanSection.schema,
        "~run": (d: { value: unknown }) => ({ typed: true, value: d.value }),
      },
    };
    await start({ sections: [anything as unknown as typeof lanSection, wanSection] });
    rig = await rig.restart({ sections: homeSections });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan).toMatchObject({ revision: 2, value: { domain: "old" } });
    const { revisions } = await rig.call(configHistory, {});
    expect(revisions[0]).toMatchObject({
      author: { name: "upgrade" },
      note: "lan: version 1 to 2",
    });
  });

  test("gives a new daemon its defaults, and keeps the section of one that is gone", async () => {
    await start({ sections: [wanSection] });
    rig = await rig.restart({ sections: homeSections });
    await rig.call(configApply, rename("kept"));
    rig = await rig.restart({ sections: [wanSection] });
    expect(rig.state().revision).toBe(3);
    rig = await rig.restart({ sections: homeSections });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan).toMatchObject({ revision: 3, value: { domain: "kept" } });
  });

  test("that knows only an older shape takes the newest revision that has it", async () => {
    await start();
    await rig.call(configApply, rename("before-upgrade"));
    const newer = {
      ...lanSection,
      version: 3,
      migrations: { ...lanSection.migrations, 2: (o: unknown) => o },
    };
    rig = await rig.restart({ sections: [newer, wanSection] });
    expect(rig.state().revision).toBe(3);
    rig = await rig.restart({ sections: homeSections });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan).toMatchObject({ revision: 4, value: { domain: "before-upgrade" } });
  });
});

describe("damage and forgetting", () => {
  test("a damaged file is put aside and the safety copy takes over, said on the bus", async () => {
    await start();
    await rig.call(configApply, rename("precious"));
    await rig.stop();
    writeFileSync(join(rig.context.stateDirectory, "config.db"), "damaged ".repeat(1000));
    const { clock, stateDirectory } = rig.context;
    rig = await startRig({ clock, stateDirectory });
    expect(rig.state()).toMatchObject({ lastRollback: { fault: { code: "config_lost" } } });
    const lan = await rig.call(configRead.lan, {}, rig.context.hub.client("lan"));
    expect(lan.value).toMatchObject({ domain: "precious" });
  });

  test("a factory reset leaves nothing of the old secrets on the disk, and makes a new password", async () => {
    await start();
    const people = [{ id: "a", password: "to be forgotten" }];
    await rig.call(configApply, { changes: [{ section: "lan", patch: { people } }], author });
    const wan = rig.context.hub.client("wan");
    const before = (await rig.call(configRead.wan, {}, wan)).value;
    expect(await rig.call(configFactoryReset, { author })).toEqual({ revision: 3 });
    expect((await rig.call(configRead.wan, {}, wan)).value).not.toEqual(before);
    expect((await rig.call(configHistory, {})).revisions.map((r) => r.revision)).toEqual([3]);
    const folder = rig.context.stateDirectory;
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes("to be forgotten")).toBe(false);
    }
  });

  test("dumps and logs hold no secret", async () => {
    await start();
    const people = [{ id: "a", password: "not for logs" }];
    const { token } =
      (
        await rig.call(configApply, {
          changes: [{ section: "lan", patch: { people, address: "192.168.2.1" } }],
          author,
        })
      ).probation ?? {};
    const told = JSON.stringify([
      rig.running.dump(),
      rig.context.log.lines,
      rig.context.reports(),
      [...rig.context.hub.retained()],
      await rig.call(configHistory, {}),
    ]);
    expect(told).not.toContain("not for logs");
    expect(told).not.toContain(token);
  });
});
