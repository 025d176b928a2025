import { describe, expect, test } from "vitest";
import {
  type LineSection,
  lineErrors,
  lineForm,
  linePatch,
  readLineSection,
} from "../src/core/line-form.ts";
import {
  MODEM_DRIVERS,
  type ModemForm,
  type ModemSection,
  modemErrors,
  modemForm,
  modemPatch,
  readModem,
} from "../src/core/modem-form.ts";
import { en } from "../src/words/en.ts";
import { fr } from "../src/words/fr.ts";

/** As the API shows them: secrets are masked. */
const draytek = readModem({
  ...{ driver: "draytek", address: "192.168.2.1", user: "admin", password: "•••" },
});
const snmp = readModem({ driver: "snmp", address: "192.168.2.1", port: 1161, community: "•••" });
const replay = readModem({ driver: "replay", recording: "vdsl2", speed: 60 });

const typed = (section: ModemSection | undefined, change: Partial<ModemForm>): ModemForm => ({
  ...modemForm(section),
  ...change,
});

describe("the modem of the line", () => {
  test("what was not touched is not sent: above all not the masked secrets", () => {
    for (const section of [undefined, draytek, snmp, replay]) {
      expect(modemPatch(modemForm(section), section)).toBeUndefined();
      expect(modemErrors(modemForm(section), section)).toEqual([]);
    }
    expect(modemForm(draytek)).toMatchObject({ password: "", user: "admin", port: "" });
    expect(modemForm(snmp)).toMatchObject({ community: "", port: "1161" });
  });

  test.each<[string, ModemSection | undefined, Partial<ModemForm>, object | null]>([
    ["none takes it away", draytek, { driver: "none" }, null],
    [
      "a first one, with all that its driver needs",
      undefined,
      { driver: "tr064", address: " 192.168.178.1 ", user: "u", password: "p" },
      { driver: "tr064", address: "192.168.178.1", user: "u", password: "p" },
    ],
    ["another port", draytek, { port: "2323" }, { port: 2323 }],
    ["the usual port again", snmp, { port: "" }, { port: null }],
    ["a new password alone", draytek, { password: "n" }, { password: "n" }],
    [
      "a kind of the same login keeps the password",
      draytek,
      { driver: "broadcom" },
      { driver: "broadcom" },
    ],
    [
      "what the former kind had goes",
      draytek,
      { driver: "snmp", community: "public" },
      { driver: "snmp", user: null, password: null, community: "public" },
    ],
    [
      "the box's own address there has its bits",
      draytek,
      { from: "192.168.2.2" },
      { from: "192.168.2.2/24" },
    ],
    ["bits of one's own", draytek, { from: "192.168.2.2/30" }, { from: "192.168.2.2/30" }],
    [
      "the box's own modem has nothing but its name",
      snmp,
      { driver: "lantiq" },
      { driver: "lantiq", address: null, port: null, community: null },
    ],
    [
      "a demonstration",
      undefined,
      { driver: "replay" },
      { driver: "replay", recording: "adsl2plus", speed: 30 },
    ],
    [
      "another recording keeps its speed",
      replay,
      { recording: "adsl2plus" },
      { recording: "adsl2plus" },
    ],
    [
      "from a demonstration to a modem",
      replay,
      { driver: "snmp", address: "192.168.2.1", community: "x" },
      { driver: "snmp", address: "192.168.2.1", community: "x", recording: null, speed: null },
    ],
  ])("%s", (_, section, change, patch) => {
    expect(modemErrors(typed(section, change), section)).toEqual([]);
    expect(modemPatch(typed(section, change), section)).toEqual(patch);
  });

  test.each<[string, ModemSection | undefined, Partial<ModemForm>, string[]]>([
    [
      "a console without anything",
      undefined,
      { driver: "draytek" },
      ["modemAddress", "modemUser", "modemPassword"],
    ],
    ["SNMP without anything", undefined, { driver: "snmp" }, ["modemAddress", "modemCommunity"]],
    ["an address with a blank", draytek, { address: "192.168. 2.1" }, ["modemAddress"]],
    ["a name, which only the line could look up", draytek, { address: "m.lan" }, ["modemAddress"]],
    ["the modem's own address for the box", draytek, { from: "192.168.2.1" }, ["modemFrom"]],
    ["an address beside another modem", draytek, { from: "192.168.100.2" }, ["modemFrom"]],
    ["no address at all", draytek, { from: "192.168.2" }, ["modemFrom"]],
    ["a port that is none", draytek, { port: "70000" }, ["modemPort"]],
    ["an accent in the password", draytek, { password: "é" }, ["modemPassword"]],
    ["a login of another kind is no community", draytek, { driver: "snmp" }, ["modemCommunity"]],
    ["a password that was never stored", snmp, { driver: "tr064", user: "u" }, ["modemPassword"]],
  ])("%s is refused beside its field", (_, section, change, fields) => {
    expect(modemErrors(typed(section, change), section)).toEqual(fields);
    for (const field of fields) {
      for (const words of [en, fr]) expect(words).toHaveProperty([`line.bad.${field}`]);
    }
  });

  test("every kind has its name in both languages", () => {
    for (const driver of ["none", ...MODEM_DRIVERS]) {
      for (const words of [en, fr]) expect(words).toHaveProperty([`modem.driver.${driver}`]);
    }
  });

  test("a kind of another release, or none at all, is not touched", () => {
    for (const value of [undefined, null, "x", [], {}, { driver: "future", address: "x" }]) {
      expect(readModem(value)).toBeUndefined();
    }
    expect(modemPatch(modemForm(undefined), undefined)).toBeUndefined();
  });

  test("goes with the form of the line", () => {
    const section = readLineSection({
      ...{ profile: "generic-dhcp", mac: "own", link: "profile" },
      modem: { driver: "draytek", address: "192.168.2.1", user: "admin", password: "•••" },
    }) as LineSection;
    const form = lineForm(section);
    expect(linePatch(form, section)).toEqual({});
    const none = { ...form, modem: { ...form.modem, driver: "none" as const } };
    expect(linePatch(none, section)).toEqual({ modem: null });
    const wrong = { ...form, modem: { ...form.modem, port: "x" } };
    expect(lineErrors(wrong, section)).toEqual(["modemPort"]);
  });
});
