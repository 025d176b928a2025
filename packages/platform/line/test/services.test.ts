import { createFakeProcesses } from "@passerelle/process";
import { type SnmpValues, snapshotOfSnmp } from "@passerelle/xdsl";
import { afterEach, describe, expect, it } from "vitest";
import { createLinuxLine, type LineDriver } from "../src/index.ts";
import { snmpValues } from "../src/snmp/values.ts";
import { fixture, golden } from "./support/fixtures.ts";
import { LOGIN } from "./support/modems.ts";
import { nobodysPort } from "./support/raw-server.ts";
import { type BulkRequest, integer, response, SnmpModem } from "./support/snmp-modem.ts";
import { answerTo, faultOf, SoapModem } from "./support/soap-modem.ts";
import { UbusModem } from "./support/ubus-modem.ts";

const processes = createFakeProcesses();
const platform = createLinuxLine({ processes });
const impatient = createLinuxLine({ processes, patienceMs: 300 });
const closings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

async function codeOf(driver: LineDriver): Promise<string | true> {
  const answer = await driver.snapshot();
  return answer.ok || answer.error.code;
}

describe("tr064", () => {
  async function open(login = LOGIN): Promise<[SoapModem, LineDriver]> {
    const modem = new SoapModem(LOGIN);
    const port = await modem.listen();
    const driver = platform.open({ driver: "tr064", address: "127.0.0.1", port, ...login });
    closings.push(() => modem.close());
    closings.push(() => driver.close());
    return [modem, driver];
  }

  it("logs in once for many questions, and again when the box forgets", async () => {
    const [modem, driver] = await open();
    await driver.snapshot();
    await driver.snapshot();
    expect(modem.unauthorized).toBe(1);
    modem.age();
    expect(await driver.snapshot()).toEqual({ ok: true, value: golden("tr064-fritzbox-vdsl") });
    expect(modem.unauthorized).toBe(2);
  });

  it("is refused with a wrong password, with a wrong name, and with what is no name", async () => {
    const [modem, driver] = await open({ ...LOGIN, password: "wrong" });
    expect(await codeOf(driver)).toBe("login_refused");
    // A box locks out who tries too often.
    expect(modem.unauthorized).toBe(2);
    expect(await codeOf((await open({ ...LOGIN, user: "nobody" }))[1])).toBe("login_refused");
    const [untouched, split] = await open({ ...LOGIN, user: "admin\r\nx: y" });
    expect(await codeOf(split)).toBe("login_refused");
    expect(untouched.unauthorized).toBe(0);
  });

  it("does without counters where the box has none", async () => {
    const [modem, driver] = await open();
    modem.instead = (action, answer) => {
      if (action === "GetInfo") answer.writeHead(200).end(answerTo(action));
      else answer.writeHead(500).end(faultOf(401, "Invalid Action"));
    };
    const line = await driver.snapshot();
    expect(line.ok && [line.value.state, line.value.near]).toEqual(["up", undefined]);
  });

  it.each([
    ["unsupported", 404, ""],
    ["unsupported", 500, faultOf(401, "Invalid Action")],
    ["login_refused", 403, ""],
    ["login_refused", 500, faultOf(606, "Action Not Authorized")],
    ["not_understood", 500, faultOf(501, "Action Failed")],
    ["not_understood", 500, "<html>"],
    ["not_understood", 302, ""],
    ["not_understood", 200, "<html></html>"],
    ["not_understood", 200, '<!DOCTYPE x [<!ENTITY a "b">]><x/>'],
  ])("%s: HTTP %i %s", async (code, status, body) => {
    const [modem, driver] = await open();
    modem.instead = (_, answer) => void answer.writeHead(status).end(body);
    expect(await codeOf(driver)).toBe(code);
  });
});

describe("snmp", () => {
  async function open(
    community = "home",
    on = platform,
    rows = fixture("snmp-rfc5650.snmprec"),
  ): Promise<[SnmpModem, LineDriver]> {
    const modem = new SnmpModem("home", rows);
    const port = await modem.listen();
    const driver = on.open({ driver: "snmp", address: "127.0.0.1", port, community });
    closings.push(() => modem.close());
    closings.push(() => driver.close());
    return [modem, driver];
  }

  it("is unreachable where nobody listens, or nobody knows the community", async () => {
    const port = await nobodysPort();
    const driver = impatient.open({
      driver: "snmp",
      address: "127.0.0.1",
      port,
      community: "home",
    });
    closings.push(() => driver.close());
    expect(await codeOf(driver)).toBe("unreachable");
    expect(await codeOf((await open("public", impatient))[1])).toBe("unreachable");
  });

  it("is unreachable where it stops in the middle", async () => {
    const [modem, driver] = await open("home", impatient);
    const calls: string[] = [];
    modem.instead = ({ oid }) => void calls.push(oid);
    expect(await codeOf(driver)).toBe("unreachable");
    // Once, and its repetition.
    expect(calls).toEqual(["1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.1"]);
  });

  it("is not understood where no interface is of DSL", async () => {
    expect(await codeOf((await open("home", platform, "1.3.6.1.2.1.2.2.1.3.1|2|6"))[1])).toBe(
      "not_understood",
    );
  });

  const rowsOf = (...oids: string[]): Parameters<typeof response>[1] =>
    oids.map((oid) => [oid, 2, integer(1)] as const);

  it.each<[string, (request: BulkRequest, turn: number) => Uint8Array]>([
    ["rows that go back", (request) => response(request, rowsOf(request.oid))],
    [
      "rows without end",
      (request, turn) => {
        const from = Array.from(
          { length: 40 },
          (_, at) => `1.3.6.1.2.1.1.1.0.${turn * 40 + at + 1}`,
        );
        return response(request, rowsOf(...from));
      },
    ],
    [
      "large rows without end",
      (request, turn) =>
        response(request, [[`1.3.6.1.2.1.1.1.0.${turn + 1}`, 4, new Uint8Array(60_000)]]),
    ],
    ["no BER", () => Buffer.from("garbage")],
    ["nothing", () => new Uint8Array(0)],
    ["a sequence of itself", () => new Uint8Array(2000).fill(0x30)],
    ["half an answer", (request) => response(request, rowsOf("1.3.6.1.2.1.1.1.0")).slice(0, 40)],
    // net-snmp throws at this one.
    ["a report, which version 2c has none of", (request) => response(request, [], 0xa8)],
    ["version 3", () => Uint8Array.of(0x30, 5, 2, 1, 3, 0x30, 0)],
  ])("is not understood with %s", async (_, answer) => {
    const [modem, driver] = await open();
    let turn = 0;
    modem.instead = (request) => answer(request, turn++);
    expect(await codeOf(driver)).toBe("not_understood");
    modem.instead = undefined;
    expect(await codeOf(driver)).toBe(true);
  });

  it("does not hear others", async () => {
    const [modem, driver] = await open("home", impatient);
    const other = new SnmpModem("home", "");
    await other.listen();
    closings.push(() => other.close());
    modem.instead = (request) => {
      other.sayTo(modem.peer, response(request, rowsOf("1.3.6.1.2.1.1.1.0")));
      return undefined;
    };
    expect(await codeOf(driver)).toBe("unreachable");
  });

  it("reads counters of 64 bits, and leaves out what is no number any more", () => {
    const values: SnmpValues = snmpValues([
      { oid: "1.1", type: 0x46, value: Buffer.from([1, 0, 0, 0, 0]) },
      { oid: "1.2", type: 0x46, value: Buffer.from([255, 0, 0, 0, 0, 0, 0, 0]) },
      { oid: "1.3", type: 0x80, value: null },
      { oid: "1.3.6.1.2.1.1.1.0", type: 4, value: Buffer.from("modem") },
      { oid: "1.4", type: 4, value: Buffer.from([1]) },
    ]);
    expect([...values]).toEqual([
      ["1.1", 2 ** 32],
      ["1.3.6.1.2.1.1.1.0", "modem"],
      ["1.4", Uint8Array.of(1)],
    ]);
    expect(snapshotOfSnmp(values).ok).toBe(false);
  });
});

describe("lantiq", () => {
  function open(metrics: string): LineDriver {
    const modem = new UbusModem();
    modem.install({ metrics, statistics: "exit 3" });
    closings.push(() => modem.close());
    return createLinuxLine({ processes: modem.processes }).open({ driver: "lantiq" });
  }

  it.each([
    ["unreachable", "echo Command failed: Not found >&2; exit 4"],
    ["unreachable", "kill -9 $$"],
    ["login_refused", "exit 6"],
    ["not_understood", "yes '{'"],
    ["not_understood", "echo garbage"],
    ["not_understood", 'echo "{}"'],
    ["not_understood", 'printf \'{"state_num": 7, "down\''],
  ])("%s: %s", async (code, script) => {
    expect(await codeOf(open(script))).toBe(code);
  });

  it("is unreachable where it takes too long", async () => {
    const modem = new UbusModem();
    modem.install({ metrics: "exec sleep 60" });
    closings.push(() => modem.close());
    const line = createLinuxLine({ processes: modem.processes, patienceMs: 300 });
    expect(await codeOf(line.open({ driver: "lantiq" }))).toBe("unreachable");
  });

  it("is unsupported where a release has no such method", async () => {
    const answer = await open("exit 0").spectrum();
    expect(answer.ok || answer.error.code).toBe("unsupported");
  });

  it("is unreachable where there is no such program", async () => {
    expect(await codeOf(platform.open({ driver: "lantiq" }))).toBe("unreachable");
  });
});
