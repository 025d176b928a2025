import { configApply, configExport, configImport, configRead } from "@passerelle/contract";
import { afterEach, describe, expect, test } from "vitest";
import { lanAuthor } from "./home.ts";
import { type Rig, startRig } from "./rig.ts";

let rig: Rig;
const start = async () => {
  rig = await startRig();
};
afterEach(async () => {
  await rig.stop();
  await rig.context.dispose();
});

const author = lanAuthor;

describe("backup", () => {
  const document = async (passphrase?: string) =>
    (await rig.call(configExport, passphrase === undefined ? {} : { passphrase })).document;

  test("without passphrase has no secret; imported again, it changes nothing", async () => {
    await start();
    await rig.call(configApply, {
      changes: [{ section: "lan", patch: { people: [{ id: "a", password: "hidden" }] } }],
      author,
    });
    const exported = await document();
    expect(exported).not.toContain("hidden");
    expect(exported).not.toContain("assword");
    expect(await rig.call(configImport, { document: exported, author })).toMatchObject({
      revision: 2,
      plan: { differences: [] },
    });
  });

  test("with passphrase carries the secrets to another box, on probation", async () => {
    await start();
    const people = [{ id: "a", password: "hidden" }];
    await rig.call(configApply, { changes: [{ section: "lan", patch: { people } }], author });
    const exported = await document("correct horse");
    expect(exported).not.toContain("hidden");
    const other = await startRig();
    expect(await other.code(configImport, { document: exported, author })).toBe(
      "passphrase_needed",
    );
    const wrong = { document: exported, passphrase: "wrong horse", author };
    expect(await other.code(configImport, wrong)).toBe("wrong_passphrase");
    const done = await other.call(configImport, {
      document: exported,
      passphrase: "correct horse",
      author,
    });
    expect(done.probation?.seconds).toBe(90);
    expect(JSON.stringify(done.plan)).not.toContain("hidden");
    const lan = await other.call(configRead.lan, {}, other.context.hub.client("lan"));
    expect(lan.value).toMatchObject({ people });
    await other.stop();
    await other.context.dispose();
  });

  test.each([
    ["not JSON", "{", "import_not_json", undefined],
    ["another format", '{"format":"x"}', "import_wrong_format", "/format"],
    [
      "a newer format",
      '{"format":"passerelle-config","version":2,"sections":{},"versions":{}}',
      "import_too_new",
      "/version",
    ],
    [
      "an unknown section",
      '{"format":"passerelle-config","version":1,"sections":{"spy":{}},"versions":{"spy":1}}',
      "unknown_section",
      "/sections/spy",
    ],
    [
      "a newer section",
      '{"format":"passerelle-config","version":1,"sections":{"lan":{}},"versions":{"lan":9}}',
      "import_too_new",
      "/versions/lan",
    ],
    [
      "a wrong value",
      '{"format":"passerelle-config","version":1,"sections":{"lan":{"address":1,"domain":"x","people":[]}},"versions":{"lan":2}}',
      "config_invalid",
      "/lan/address",
    ],
    ["too deep", `${"[".repeat(50)}${"]".repeat(50)}`, "import_wrong_format", "too_deep"],
    [
      "a trap",
      '{"format":"passerelle-config","version":1,"sections":{"lan":{"__proto__":{"a":1}}},"versions":{"lan":2}}',
      "import_wrong_format",
      "/sections/lan/__proto__",
    ],
  ])("%s is refused with a code and a place", async (_, text, code, place) => {
    await start();
    const reply = await rig.web.request(configImport, { document: text, author });
    expect(reply).toMatchObject({ ok: false, fault: { code } });
    if (place !== undefined && !reply.ok) expect(reply.fault.raw).toContain(place);
    expect(rig.state().revision).toBe(1);
  });

  test("of an older version goes through the migrations", async () => {
    await start();
    const old = {
      format: "passerelle-config",
      version: 1,
      sections: { lan: { address: "192.168.1.1", suffix: "old", people: [] } },
      versions: { lan: 1 },
    };
    const done = await rig.call(configImport, { document: JSON.stringify(old), author });
    expect(done.plan.differences).toMatchObject([{ path: "/domain", after: "old" }]);
    expect(done.probation).toBeDefined();
  });
});
