import { createFakeProcesses } from "@passerelle/process";
import { decodeDraytekStatus } from "@passerelle/xdsl";
import { afterEach, describe, expect, it } from "vitest";
import { createLinuxLine, type LineDriver, type LineError } from "../src/index.ts";
import { fixture, golden, said } from "./support/fixtures.ts";
import {
  broadcomModem,
  broadcomSnapshot,
  draytekModem,
  draytekSnapshot,
  LOGIN,
} from "./support/modems.ts";
import { REFUSALS, type TelnetModem } from "./support/telnet-modem.ts";

const platform = createLinuxLine({ processes: createFakeProcesses() });
const opened: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function open(
  kind: "draytek" | "broadcom",
  modem: TelnetModem,
  login: { readonly user: string; readonly password: string } = LOGIN,
): Promise<LineDriver> {
  const port = await modem.listen();
  opened.push(() => modem.close());
  const driver = platform.open({ driver: kind, address: "127.0.0.1", port, ...login });
  opened.push(() => driver.close());
  return driver;
}

async function failureOf(question: Promise<{ ok: true } | { ok: false; error: LineError }>) {
  const answer = await question;
  return answer.ok ? undefined : answer.error;
}

describe("login", () => {
  it("refuses every option of the modem, once", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem);
    await driver.snapshot();
    expect(modem.negotiated).toEqual(REFUSALS);
  });

  it.each([{ onWrong: undefined }, { onWrong: "hangs_up" as const }])(
    "knows a refusal: $onWrong",
    async (options) => {
      const modem = draytekModem(options.onWrong === undefined ? {} : { onWrong: options.onWrong });
      const driver = await open("draytek", modem, { ...LOGIN, password: "wrong" });
      const error = await failureOf(driver.snapshot());
      expect(error?.code).toBe("login_refused");
      expect(error?.text).not.toContain("wrong");
      expect(modem.logins).toBe(0);
    },
  );

  it("needs no name where none is asked for", async () => {
    const modem = broadcomModem({ prompt: "# ", nameCue: undefined });
    const driver = await open("broadcom", modem);
    expect(await driver.snapshot()).toEqual({ ok: true, value: broadcomSnapshot() });
  });

  it("says nothing that would be two lines", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem, { ...LOGIN, user: "admin\r\nreboot" });
    expect((await failureOf(driver.snapshot()))?.code).toBe("login_refused");
    expect(modem.negotiated).toEqual([]);
  });
});

describe("connection", () => {
  it("is kept for further questions", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem);
    await driver.snapshot();
    await driver.snapshot();
    expect(modem.logins).toBe(1);
  });

  it("is opened again where it was lost between two questions", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem);
    await driver.snapshot();
    await modem.hangUp();
    expect(await driver.snapshot()).toEqual({ ok: true, value: draytekSnapshot() });
    expect(modem.logins).toBe(2);
  });

  it("is opened again, once, where it is lost with a question on its way", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem);
    await driver.snapshot();
    let hangUps = 0;
    modem.instead = (_, socket) => {
      hangUps += 1;
      socket.destroy();
      return undefined;
    };
    expect((await failureOf(driver.snapshot()))?.code).toBe("unreachable");
    expect([hangUps, modem.logins]).toEqual([2, 2]);
    modem.instead = undefined;
    expect((await driver.snapshot()).ok).toBe(true);
  });

  it("is not the previous answer's when a prompt is late", async () => {
    const modem = draytekModem({ prompt: "DrayTek> \r\nDrayTek> " });
    const driver = await open("draytek", modem);
    expect(await driver.snapshot()).toEqual({ ok: true, value: draytekSnapshot() });
    expect(await driver.snapshot()).toEqual({ ok: true, value: draytekSnapshot() });
  });
});

describe("draytek", () => {
  it("is asked as an ADSL modem where it knows no VDSL, and then at once", async () => {
    const modem = draytekModem({
      answers: { "adsl status": said("draytek-status-adsl2plus.txt") },
    });
    const driver = await open("draytek", modem);
    const expected = { ok: true, value: golden("draytek-status-adsl2plus") };
    expect(await driver.snapshot()).toEqual(expected);
    expect(await driver.snapshot()).toEqual(expected);
    const once = ["adsl status", "adsl status more"];
    expect(modem.asked).toEqual(["vdsl status", ...once, ...once]);
  });

  it("has no more to say while it trains", async () => {
    const modem = draytekModem({ answers: { "vdsl status": said("draytek-status-training.txt") } });
    const driver = await open("draytek", modem);
    expect(await driver.snapshot()).toEqual(
      decodeDraytekStatus(fixture("draytek-status-training.txt")),
    );
    expect(modem.asked).toEqual(["vdsl status"]);
    expect((await failureOf(driver.spectrum()))?.code).toBe("not_understood");
  });

  it("trains anew by the word that it knows", async () => {
    const modem = draytekModem();
    const driver = await open("draytek", modem);
    expect(await driver.resync()).toEqual({ ok: true, value: undefined });
    expect(modem.asked).toEqual(["vdsl status", "vdsl reboot"]);
  });
});

describe("broadcom", () => {
  it("finds its program, and is not understood where there is none", async () => {
    const modem = broadcomModem();
    const driver = await open("broadcom", modem);
    await driver.snapshot();
    expect(modem.asked).toEqual(["xdslctl info --stats", "xdsl info --stats"]);
    const other = await open("broadcom", broadcomModem({ answers: {} }));
    const error = await failureOf(other.snapshot());
    expect(error).toEqual({
      code: "not_understood",
      text: "xdslctl info --stats: no_state at 0",
    });
  });

  it("takes the line up again even where it could not be taken down", async () => {
    const answers = {
      "xdsl info --stats": fixture("broadcom-stats-35b.txt"),
      "xdsl connection --up": "",
    };
    const modem = broadcomModem({ answers });
    const driver = await open("broadcom", modem);
    expect((await failureOf(driver.resync()))?.code).toBe("unsupported");
    expect(modem.asked.slice(-2)).toEqual(["xdsl connection --down", "xdsl connection --up"]);
  });
});
