import { createFakeProcesses } from "@passerelle/process";
import {
  type LineSnapshot,
  type LineSpectrum,
  STORY_VDSL2_17A,
  simulateLine,
} from "@passerelle/xdsl";
import { describe, vi } from "vitest";
import { createFakeLine, createLinuxLine } from "../src/index.ts";
import { contract, type World } from "./contract.ts";
import { fixture, golden } from "./support/fixtures.ts";
import {
  broadcomModem,
  broadcomSnapshot,
  broadcomSpectrum,
  draytekModem,
  draytekSnapshot,
  draytekSpectrum,
  LOGIN,
} from "./support/modems.ts";
import { SnmpModem } from "./support/snmp-modem.ts";
import { SoapModem } from "./support/soap-modem.ts";
import type { TelnetModem } from "./support/telnet-modem.ts";
import { UbusModem } from "./support/ubus-modem.ts";

const line = createLinuxLine({ processes: createFakeProcesses() });
const address = "127.0.0.1";

describe("fake", () => contract(fakeWorld));
describe("replay", () => contract(replayWorld, false));
describe("draytek", () =>
  contract(() => consoleWorld("draytek", draytekModem(), draytekSnapshot(), draytekSpectrum())));
describe("broadcom", () =>
  contract(() =>
    consoleWorld("broadcom", broadcomModem(), broadcomSnapshot(), broadcomSpectrum()),
  ));
describe("tr064", () => contract(tr064World));
describe.each(["snmp-rfc5650", "snmp-rfc2662", "snmp-vigor165"])("%s", (name) =>
  contract(() => snmpWorld(name)),
);
describe("lantiq", () => contract(lantiqWorld));

async function fakeWorld(): Promise<World> {
  const snapshot = golden("ubus-metrics-vdsl2") as LineSnapshot;
  const spectrum = golden("ubus-statistics") as LineSpectrum;
  const fake = createFakeLine({
    snapshot: { ok: true, value: snapshot },
    spectrum: { ok: true, value: spectrum },
    resync: { ok: true, value: undefined },
  });
  const driver = fake.open({ driver: "lantiq" });
  const { asked } = driver;
  return {
    ...{ driver, snapshot, spectrum },
    modem: {
      wasAsked: () => asked.snapshot + asked.spectrum + asked.resync > 0,
      busiest: () => driver.busiest,
      mute: () => driver.hold(),
    },
    close: async () => {},
  };
}

/** A minute after its beginning, where time stands. */
async function replayWorld(): Promise<World> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const driver = line.open({ driver: "replay", recording: "vdsl2", speed: 10 });
  driver.onState(() => {});
  await Promise.resolve();
  vi.advanceTimersByTime(6000);
  const past = simulateLine(STORY_VDSL2_17A).entries.filter(({ at }) => at <= 60);
  return {
    driver,
    snapshot: past.findLast((entry) => entry.kind === "snapshot")?.snapshot,
    spectrum: past.findLast((entry) => entry.kind === "spectrum")?.spectrum,
    close: async () => void vi.useRealTimers(),
  };
}

async function consoleWorld(
  kind: "draytek" | "broadcom",
  modem: TelnetModem,
  snapshot: LineSnapshot,
  spectrum: LineSpectrum,
): Promise<World> {
  const port = await modem.listen();
  return {
    driver: line.open({ driver: kind, address, port, ...LOGIN }),
    ...{ snapshot, spectrum },
    modem: {
      wasAsked: () => modem.asked.length > 0,
      busiest: () => modem.busiest,
      mute: () => modem.mute(),
    },
    close: () => modem.close(),
  };
}

async function tr064World(): Promise<World> {
  const modem = new SoapModem(LOGIN);
  const port = await modem.listen();
  return {
    driver: line.open({ driver: "tr064", address, port, ...LOGIN }),
    snapshot: golden("tr064-fritzbox-vdsl"),
    modem: {
      wasAsked: () => modem.asked.length > 0,
      busiest: () => modem.busiest,
      mute: () => modem.mute(),
    },
    close: () => modem.close(),
  };
}

async function snmpWorld(name: string): Promise<World> {
  const modem = new SnmpModem("home", fixture(`${name}.snmprec`));
  const port = await modem.listen();
  return {
    driver: line.open({ driver: "snmp", address, port, community: "home" }),
    snapshot: golden(name),
    modem: {
      wasAsked: () => modem.asked > 0,
      busiest: () => modem.busiest,
      mute: () => modem.mute(),
    },
    close: () => modem.close(),
  };
}

async function lantiqWorld(): Promise<World> {
  const modem = new UbusModem();
  modem.installFixtures();
  return {
    driver: createLinuxLine({ processes: modem.processes }).open({ driver: "lantiq" }),
    snapshot: golden("ubus-metrics-vdsl2"),
    spectrum: golden("ubus-statistics"),
    modem: {
      wasAsked: () => modem.asked > 0,
      busiest: () => modem.busiest,
      mute: () => modem.mute(),
    },
    close: () => modem.close(),
  };
}
