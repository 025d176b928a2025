import { mergePatch } from "@passerelle/json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxChanges, boxErrors, boxForm } from "../src/core/box-form.ts";
import {
  type NetworkForm,
  networkErrors,
  networkForms,
  networkPatch,
  withAddress,
} from "../src/core/home-network.ts";
import { MASK, patchBetween, sameJson, shortJson } from "../src/core/json-value.ts";
import { namesErrors, namesForm, namesPatch } from "../src/core/names-form.ts";
import { changesBetween, readBackupFile } from "../src/core/sections.ts";

const lan = {
  networks: [
    {
      ...{ name: "lan", zone: "lan", ports: ["eth1"], address: "192.168.1.1/24" },
      dhcp: {
        ...{ enabled: true, first: "192.168.1.50", last: "192.168.1.250", leaseSeconds: 86_400 },
        probe: true,
      },
    },
    {
      ...{ name: "guest", zone: "guest", ports: [], address: "192.168.179.1/24" },
      dhcp: {
        enabled: true,
        first: "192.168.179.50",
        last: "192.168.179.250",
        leaseSeconds: 14_400,
      },
    },
  ],
  reservations: [
    { address: "192.168.1.53", mac: "02:00:00:00:00:03" },
    { address: "192.168.179.60", mac: "02:00:00:00:00:04" },
  ],
  dns: {
    ...{ domain: "home.arpa", upstreams: "line", cacheEntries: 10_000 },
    blocklists: { enabled: true, names: ["ads.example.com"], files: ["a.txt"], allow: [] },
    rebinding: { enabled: true, exceptions: [] },
  },
};

function home(): NetworkForm {
  const [form] = networkForms(lan);
  if (form === undefined) throw new Error("the fixture has a network");
  return form;
}

describe("a home that moves to other addresses", () => {
  test("the pool and kept addresses go along; everything else stays", () => {
    const form = withAddress(home(), { address: "10.0.0.1" }, home());
    expect(form).toMatchObject({ first: "10.0.0.50", last: "10.0.0.250" });
    const patch = networkPatch(form, lan);
    expect(patch).toMatchObject({
      networks: [
        { name: "lan", ports: ["eth1"], address: "10.0.0.1/24", dhcp: { probe: true } },
        { name: "guest", address: "192.168.179.1/24" },
      ],
      reservations: [{ address: "10.0.0.53" }, { address: "192.168.179.60" }],
    });
  });

  test("without a move nothing is said of kept addresses", () => {
    expect(networkPatch({ ...home(), leaseSeconds: "3600" }, lan)).not.toHaveProperty(
      "reservations",
    );
  });

  test("half an address leaves the pool where it is", () => {
    expect(withAddress(home(), { address: "10.0." }, home())).toMatchObject({
      first: "192.168.1.50",
    });
  });

  test("a network that is too small for the pool leaves it to the person", () => {
    const form = withAddress(home(), { address: "10.0.0.1", prefixLength: "28" }, home());
    expect(form.last).toBe("192.168.1.250");
    expect(networkErrors(form)).toContain("last");
  });

  test.each<[string, Partial<NetworkForm>, readonly string[]]>([
    ["as it is", {}, []],
    ["an address of the Internet", { address: "8.8.8.8" }, ["address"]],
    ["the first address of a network", { address: "192.168.1.0" }, ["address"]],
    ["the last one", { address: "192.168.1.255" }, ["address"]],
    ["no address", { address: "<b>" }, ["address"]],
    ["a pool elsewhere", { first: "192.168.2.50" }, ["first"]],
    ["a pool upside down", { last: "192.168.1.49" }, ["last"]],
    ["a pool that nobody needs", { dhcp: false, first: "" }, []],
  ])("%s", (_, change, wrong) => {
    expect(networkErrors({ ...home(), ...change })).toEqual(wrong);
  });
});

describe("how names are looked up", () => {
  const form = namesForm(lan);

  test("nothing touched changes nothing", () => {
    expect(mergePatch(lan, namesPatch(form))).toEqual(lan);
  });

  test("servers as lines, and back", () => {
    const upstreams =
      "9.9.9.9\ntls 9.9.9.9 dns.quad9.net\nhttps 2620:fe::fe dns.quad9.net /dns-query";
    const mine = { ...form, own: true, upstreams };
    expect(namesErrors(mine)).toEqual([]);
    const patch = namesPatch(mine);
    expect(patch).toMatchObject({
      dns: {
        upstreams: [
          { address: "9.9.9.9", protocol: "udp" },
          { address: "9.9.9.9", protocol: "tls", serverName: "dns.quad9.net" },
          { address: "2620:fe::fe", protocol: "https", path: "/dns-query" },
        ],
      },
    });
    expect(namesForm(mergePatch(lan, patch)).upstreams).toBe(upstreams);
  });

  test.each([
    ["upstreams", { own: true, upstreams: "" }],
    ["upstreams", { own: true, upstreams: "dns.quad9.net" }],
    ["domain", { domain: "home arpa" }],
    ["blocked", { blocked: "http://ads.example.com/" }],
    ["allowed", { allowed: "a..b" }],
  ] as const)("%s is refused: %j", (field, change) => {
    expect(namesErrors({ ...form, ...change })).toEqual([field]);
  });
});

describe("settings of the box", () => {
  const sections = {
    config: { device: { name: "Passerelle" } },
    web: { https: "offered" },
    system: {
      timezone: "Europe/Paris",
      ntp: { enabled: true, servers: ["pool.ntp.org"], serveLan: true },
      notifications: { newDevice: true, internet: true, configuration: true, health: false },
    },
  };

  test("only what differs is sent, to the section it belongs to", () => {
    const form = boxForm(sections);
    expect(boxChanges(form, sections)).toEqual([]);
    expect(
      boxChanges(
        { ...form, name: " Chez nous ", language: "fr", askTime: false, notices: ["health"] },
        sections,
      ),
    ).toEqual([
      { section: "config", patch: { device: { name: "Chez nous" } } },
      { section: "web", patch: { language: "fr" } },
      {
        section: "system",
        patch: {
          ntp: { enabled: false },
          notifications: { newDevice: false, internet: false, configuration: false, health: true },
        },
      },
    ]);
  });

  test("a clock that asks needs somebody to ask", () => {
    const form = boxForm(sections);
    expect(boxErrors({ ...form, timeServers: "" })).toEqual(["timeServers"]);
    expect(boxErrors({ ...form, timeServers: "", askTime: false })).toEqual([]);
    expect(boxErrors({ ...form, name: " " })).toEqual(["name"]);
  });
});

describe("differences of two configurations", () => {
  // A patch can't set null, and a configuration has none.
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.integer(),
      fc.string({ maxLength: 5 }).filter((text) => text !== MASK),
      fc.boolean(),
      fc.array(fc.integer(), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { noNullPrototype: true }),
    ),
  })).value;
  const section = fc.dictionary(fc.constantFrom("a", "b", "c"), json, { noNullPrototype: true });

  test("the patch between two leads from one to the other", () => {
    fc.assert(
      fc.property(section, section, (before, after) => {
        const patch = patchBetween(before, after);
        if (patch === undefined) return sameJson(before, after);
        return sameJson(mergePatch(before, patch), after);
      }),
    );
  });

  test("a secret that a backup leaves out stays", () => {
    expect(patchBetween({ login: "a", password: MASK }, { login: "a" })).toBeUndefined();
    expect(patchBetween({ login: "a", password: MASK }, { login: "b" })).toEqual({ login: "b" });
  });

  test("sections that a backup does not have are left alone", () => {
    expect(changesBetween({ wan: { a: 1 }, lan: { b: 1 } }, { wan: { a: 2 } })).toEqual([
      { section: "wan", patch: { a: 2 } },
    ]);
  });

  test("long values are cut where they are shown", () => {
    expect(shortJson("x".repeat(500))).toHaveLength(120);
    expect(shortJson(undefined)).toBe("–");
    expect(shortJson("a\u202Eb")).toBe("a\\u{202e}b");
  });
});

describe("a file that is to be restored", () => {
  test("says whether it holds secrets", () => {
    const backup = { format: "passerelle-config", version: 1, sections: { wan: {} } };
    expect(readBackupFile(JSON.stringify(backup))).toEqual({
      sections: { wan: {} },
      hasSecrets: false,
    });
    expect(readBackupFile(JSON.stringify({ ...backup, secrets: {} }))?.hasSecrets).toBe(true);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"format":"other","sections":{}}',
    '{"format":"passerelle-config"}',
  ])("%j is none", (text) => {
    expect(readBackupFile(text)).toBeUndefined();
  });
});
