import { describe, expect, test } from "vitest";
import {
  decodeBroadcomBands,
  decodeBroadcomInfo,
  decodeBroadcomTones,
  decodeDraytekBins,
  decodeDraytekMore,
  decodeDraytekStatus,
  decodeEthtoolModule,
  decodeLantiqNotice,
  decodePipe,
  decodeUbusMetrics,
  decodeUbusStatistics,
  decodeWanDsl,
  snapshotOfPipe,
  snapshotOfSnmp,
  spectrumOfBroadcom,
  spectrumOfPipe,
  withDraytekMore,
} from "../src/index.ts";
import { fixture, pipeAnswers, value, walk } from "./fixture.ts";

describe("Lantiq", () => {
  test.each([
    [0, "disabled"],
    [1, "error"],
    [2, "no_signal"],
    [3, "no_signal"],
    [4, "handshake"],
    [5, "training"],
    [6, "showtime_no_tc"],
    [7, "up"],
    [8, "resync"],
    [9, "unknown"],
    [-1, "unknown"],
    [2.5, "unknown"],
  ])("state_num %d is %s", (number, state) => {
    const read = decodeUbusMetrics(JSON.stringify({ state_num: number, uptime: 5 }));
    expect(value(read).state).toBe(state);
    expect(value(read).uptime).toBe(state === "up" ? 5 : undefined);
  });

  test.each([
    ["0x0", "disabled"],
    ["0x1", "error"],
    ["0x10", "unknown"],
    ["0xff", "no_signal"],
    ["0x200", "no_signal"],
    ["0x300", "handshake"],
    ["0x380", "training"],
    ["0x700", "training"],
    ["0x800", "showtime_no_tc"],
    ["0x801", "up"],
    ["0xa00", "up"],
    ["0xd00", "resync"],
    ["0x7777", "unknown"],
  ])("nLineState %s is %s", (raw, state) => {
    const answers = pipeAnswers(`# lsg\nnReturn=0 nLineState=${raw}\n`);
    expect(value(snapshotOfPipe(answers)).state).toBe(state);
  });

  test("an answer without a state is no answer", () => {
    expect(decodeUbusMetrics("{}")).toEqual({ ok: false, error: { code: "no_state", at: 0 } });
    expect(decodeUbusMetrics("[]")).toMatchObject({ error: { code: "json_not_an_object" } });
    expect(decodeUbusMetrics('{"state_num":')).toMatchObject({ error: { code: "json" } });
    expect(snapshotOfPipe(new Map())).toMatchObject({ error: { code: "no_state" } });
    expect(decodeUbusStatistics("{}")).toMatchObject({ error: { code: "no_spectrum" } });
  });

  test("a field of another type than its own is absent, and not 0", () => {
    const read = value(
      decodeUbusMetrics(
        '{"state_num":7,"downstream":{"data_rate":"fast","snr":null,"latn":[1],"attndr":-1},"errors":{"near":{"es":1.5,"ses":-1}}}',
      ),
    );
    expect(read.down).toEqual({});
    expect(read.near).toBeUndefined();
  });

  test("a pipe that refuses, says nothing or breaks off", () => {
    expect(decodePipe("nReturn=-4\n")).toMatchObject({ error: { code: "pipe_refused" } });
    expect(decodePipe("sh: command not found")).toMatchObject({ error: { code: "no_return" } });
    expect(decodePipe('nReturn=0 nData="00 01')).toEqual({
      ok: false,
      error: { code: "pipe_truncated", at: 10 },
    });
    expect(decodePipe(`nReturn=0 ${"a=1 ".repeat(1)}${bs(2000)}`)).toMatchObject({
      error: { code: "pipe_too_many_fields" },
    });
  });

  test("all zeros are no measurement; a group size of 1 that cannot be is counted again", () => {
    const spectrum = spectrumOfPipe(pipeAnswers(fixture("lantiq-pipe.txt")));
    expect(spectrum.up.hlog).toBeUndefined();
    expect(spectrum.down.qln?.groupSize).toBe(2);
    expect(spectrum.down.hlog?.values.slice(9)).toEqual([null, -5.2, -5.8]);
  });

  test("the notify script's environment is an event", () => {
    expect(
      decodeLantiqNotice({
        DSL_NOTIFICATION_TYPE: "DSL_INTERFACE_STATUS",
        DSL_INTERFACE_STATUS: "UP",
        DSL_TC_LAYER_STATUS: "EFM",
        DSL_XTU_STATUS: "VDSL",
        DSL_DATARATE_DS_BC0: "100810000",
        DSL_DATARATE_US_BC0: "31999000",
        DSL_LINE_NUMBER: "-1",
        DSL_BONDING_STATUS: "INACTIVE",
        PATH: "/usr/bin",
      }),
    ).toEqual({
      ok: true,
      value: {
        type: "interface",
        state: "up",
        tc: "ptm",
        family: "vdsl",
        downRate: 100_810_000,
        upRate: 31_999_000,
        bonded: false,
      },
    });
    expect(decodeLantiqNotice({ DSL_NOTIFICATION_TYPE: "constructor" })).toMatchObject({
      error: { code: "notice_type" },
    });
    expect(
      value(
        decodeLantiqNotice({
          DSL_NOTIFICATION_TYPE: "DSL_INTERFACE_STATUS",
          DSL_INTERFACE_STATUS: "toString",
        }),
      ),
    ).toEqual({ type: "interface" });
  });
});

describe("Broadcom", () => {
  test("bearer 0 counts, and of the blocks that since the link came up", () => {
    const info = value(decodeBroadcomInfo(fixture("broadcom-stats-35b.txt")));
    expect(info.down.currRate).toBe(35_400_000);
    expect(info.down.interleaveDepth).toBe(16);
    expect(info.near?.crcErrors).toBe(31);
    expect(info.uptime).toBe(175_147);
  });

  test("a tone belongs to the direction whose band it is in; the ends of the scales are no measurement", () => {
    const bands = value(decodeBroadcomBands(fixture("broadcom-pbparams.txt")));
    const spectrum = spectrumOfBroadcom(bands, {
      bits: value(decodeBroadcomTones(fixture("broadcom-bits.txt"))),
      qln: [-160, -160, ...Array.from({ length: 62 }, () => -130)],
    });
    expect(spectrum.up.bits?.values.slice(5, 9)).toEqual([null, null, 8, 8]);
    expect(spectrum.down.bits?.values.slice(31, 35)).toEqual([null, null, 11, 11]);
    expect(spectrum.up.qln?.values.slice(6, 8)).toEqual([null, -130]);
    expect(spectrum.down.hlog).toBeUndefined();
    expect(spectrumOfBroadcom({ down: [], up: [] }, { bits: [1] })).toEqual({ down: {}, up: {} });
  });

  test("what is no answer of the tool", () => {
    expect(decodeBroadcomInfo("login:")).toMatchObject({ error: { code: "no_state" } });
    expect(decodeBroadcomTones("login:")).toMatchObject({ error: { code: "no_tones" } });
    expect(decodeBroadcomBands("login:")).toMatchObject({ error: { code: "no_band_plan" } });
  });
});

describe("DrayTek", () => {
  test("the powers of VDSL2 are turned round, those of ADSL are not", () => {
    const vdsl2 = value(decodeDraytekStatus(fixture("draytek-status-vdsl2.txt")));
    expect([vdsl2.down.power, vdsl2.up.power]).toEqual([13.9, 4.8]);
    const adsl = value(decodeDraytekStatus(fixture("draytek-status-adsl2plus.txt")));
    expect([adsl.down.power, adsl.up.power]).toEqual([19.4, -1.3]);
    expect(adsl.quality).toEqual({});
  });

  test("zeros before showtime are not measured", () => {
    const training = value(decodeDraytekStatus(fixture("draytek-status-training.txt")));
    expect(training).toMatchObject({ state: "training", down: {}, up: {} });
  });

  test("the second command fills what the first does not say", () => {
    const status = value(decodeDraytekStatus(fixture("draytek-status-vdsl2.txt")));
    const both = withDraytekMore(status, value(decodeDraytekMore(fixture("draytek-more.txt"))));
    expect(both.down).toMatchObject({ currRate: 60_125_000, actInp: 4.6, interleaveDelay: 0.008 });
    expect(both.near).toMatchObject({ crcErrors: 117, unavailableSecs: 121 });
    expect(both.quality["down.actInp"]).toBe("suspect");
    const down = value(decodeDraytekStatus(fixture("draytek-status-training.txt")));
    expect(withDraytekMore(down, value(decodeDraytekMore(fixture("draytek-more.txt"))))).toBe(down);
  });

  test("SNR that is squeezed into the first 512 tones is left out", () => {
    const rows = Array.from(
      { length: 1024 },
      (_, tone) => `${tone} ${tone < 512 ? "30.0" : "0.0"} 0 ${tone < 1000 ? 8 : 0}`,
    );
    const bins = value(
      decodeDraytekBins(`${rows.join(" * ")} `.replace(/((?:[^*]*\*){4})/g, "$1\n")),
    );
    expect(bins.bits?.values[999]).toBe(8);
    expect(bins.snr).toBeUndefined();
  });

  test("what is no answer of the modem", () => {
    expect(decodeDraytekStatus('Invalid command "adsl"')).toMatchObject({
      error: { code: "no_state" },
    });
    expect(decodeDraytekMore("Account:")).toMatchObject({ error: { code: "no_table" } });
    expect(decodeDraytekBins("Account:")).toMatchObject({ error: { code: "no_tones" } });
  });
});

describe("TR-064", () => {
  const body = (fields: string): string => `<a><b>${fields}</b></a>`;

  test("power has an offset of 500, and both answers are one snapshot", () => {
    const info = body(
      "<NewEnable>1</NewEnable><NewStatus>Up</NewStatus><NewDownstreamPower>498</NewDownstreamPower>",
    );
    const read = value(decodeWanDsl(info, body("<NewCRCErrors>7</NewCRCErrors>")));
    expect(read.down).toEqual({ power: -0.2 });
    expect(read.near).toEqual({ crcErrors: 7 });
    expect(read.quality).toEqual({ "down.power": "suspect", "up.power": "suspect" });
  });

  test("a line that is not up has no rates, and one that is switched off no signal", () => {
    const fields =
      "<NewStatus>NoSignal</NewStatus><NewDownstreamCurrRate>0</NewDownstreamCurrRate>";
    expect(value(decodeWanDsl(body(fields)))).toMatchObject({ state: "no_signal", down: {} });
    const off = body(`<NewEnable>0</NewEnable>${fields}`);
    expect(value(decodeWanDsl(off)).state).toBe("disabled");
    expect(decodeWanDsl(body("<x>1</x>"))).toMatchObject({ error: { code: "no_state" } });
  });
});

describe("SNMP", () => {
  test("the Vigor 165 fills its tables by direction and in whole decibels", () => {
    const read = value(snapshotOfSnmp(walk(fixture("snmp-vigor165.snmprec"))));
    expect(read.down).toMatchObject({ noiseMargin: 5, lineAttenuation: 13 });
    expect(read.quality["down.noiseMargin"]).toBe("suspect");
  });

  test("an agent that keeps to RFC 2662 says what a unit receives", () => {
    const read = value(snapshotOfSnmp(walk(fixture("snmp-rfc2662.snmprec"))));
    expect(read.down).toMatchObject({ noiseMargin: 6.2, lineAttenuation: 38.1, power: 19.4 });
    expect(read.near?.erroredSecs).toBe(19);
    expect(read.quality["down.noiseMargin"]).toBeUndefined();
  });

  test("no line, or a line of which nothing is said", () => {
    expect(snapshotOfSnmp(new Map())).toMatchObject({ error: { code: "no_dsl_interface" } });
    expect(snapshotOfSnmp(new Map([["1.3.6.1.2.1.2.2.1.3.4", 251]]))).toMatchObject({
      error: { code: "no_dsl_values" },
    });
  });

  test("a line that is not up shows no rates of yesterday", () => {
    const values = new Map(walk(fixture("snmp-rfc5650.snmprec"))).set("1.3.6.1.2.1.2.2.1.8.3", 2);
    expect(value(snapshotOfSnmp(values))).toMatchObject({ state: "no_signal", down: {}, up: {} });
  });
});

test("an answer that no modem gives is not looked through", () => {
  const long = " ".repeat(512 * 1024 + 1);
  for (const decode of [decodeBroadcomInfo, decodeDraytekStatus, decodeDraytekBins]) {
    expect(decode(long)).toEqual({ ok: false, error: { code: "text_too_long", at: 524_288 } });
  }
  const json = `{"state_num":7,"x":"${"x".repeat(4 * 1024 * 1024)}"}`;
  expect(decodeUbusMetrics(json)).toMatchObject({ error: { code: "text_too_long" } });
});

test("no light has no decibels", () => {
  const dark = fixture("ethtool-module.txt").replace(
    "0.0079 mW / -21.02 dBm",
    "0.0000 mW / -inf dBm",
  );
  expect(value(decodeEthtoolModule(dark)).rxPower).toBeUndefined();
  expect(decodeEthtoolModule("netlink error: Operation not supported")).toMatchObject({
    error: { code: "sfp_no_diagnostics" },
  });
});

function bs(count: number): string {
  return Array.from({ length: count }, (_, index) => `b${index}=1`).join(" ");
}
