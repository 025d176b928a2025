import type { DecodeError, Result } from "@passerelle/result";
import { cutAtEveryByte } from "@passerelle/testkit";
import { describe, expect, test } from "vitest";
import {
  decodeBroadcomBands,
  decodeBroadcomInfo,
  decodeBroadcomTones,
  decodeCiscoControllers,
  decodeDraytekBins,
  decodeDraytekMore,
  decodeDraytekStatus,
  decodeEthtoolModule,
  decodeUbusMetrics,
  decodeUbusStatistics,
  decodeWanDsl,
  snapshotOfPipe,
  snapshotOfSnmp,
  spectrumOfPipe,
} from "../src/index.ts";
import { fixture, pipeAnswers, walk } from "./fixture.ts";

type Decode = (text: string) => Result<unknown, DecodeError>;

const pipe: Decode = (text) => snapshotOfPipe(pipeAnswers(text));
const snmp: Decode = (text) => snapshotOfSnmp(walk(text));
const pipeSpectrum: Decode = (text) => ({ ok: true, value: spectrumOfPipe(pipeAnswers(text)) });

/** What modems said, and who reads it. Where each is from stands in fixtures/README.md. */
const FIXTURES: readonly (readonly [string, Decode, string?])[] = [
  ["broadcom-bits.txt", decodeBroadcomTones],
  ["broadcom-hlog.txt", decodeBroadcomTones],
  ["broadcom-pbparams.txt", decodeBroadcomBands],
  ["broadcom-qln.txt", decodeBroadcomTones],
  ["broadcom-snr.txt", decodeBroadcomTones],
  ["broadcom-stats-35b.txt", decodeBroadcomInfo],
  ["broadcom-stats-adsl2plus.txt", decodeBroadcomInfo],
  ["broadcom-stats-idle.txt", decodeBroadcomInfo],
  ["cisco-bdcm-vdsl2.txt", decodeCiscoControllers],
  ["cisco-meta-sfp-vdsl2.txt", decodeCiscoControllers],
  ["cisco-retk-adsl2plus.txt", decodeCiscoControllers],
  ["draytek-more.txt", decodeDraytekMore],
  ["draytek-showbins.txt", decodeDraytekBins],
  ["draytek-status-adsl2plus.txt", decodeDraytekStatus],
  ["draytek-status-training.txt", decodeDraytekStatus],
  ["draytek-status-vdsl2.txt", decodeDraytekStatus],
  ["ethtool-module.txt", decodeEthtoolModule],
  ["lantiq-pipe.txt", pipe],
  ["lantiq-pipe.txt", pipeSpectrum, "lantiq-pipe-spectrum"],
  ["lantiq-pipe-adsl2plus.txt", pipe],
  ["snmp-rfc2662.snmprec", snmp],
  ["snmp-rfc5650.snmprec", snmp],
  ["snmp-vigor165.snmprec", snmp],
  ["tr064-fritzbox-vdsl.xml", (text) => decodeWanDsl(text)],
  ["ubus-metrics-silent.txt", decodeUbusMetrics],
  ["ubus-metrics-vdsl2.txt", decodeUbusMetrics],
  ["ubus-statistics.txt", decodeUbusStatistics],
];

const ROWS: readonly (readonly [name: string, decode: Decode, read: string])[] = FIXTURES.map(
  ([name, decode, read]) => [name, decode, read ?? name.replace(/\.\w+$/, "")],
);

describe.each(ROWS)("%s", (name, decode, read) => {
  const text = fixture(name);

  test("says what it says", async () => {
    const decoded = decode(text);
    expect(decoded.ok).toBe(true);
    await expect(`${JSON.stringify(decoded, undefined, 1)}\n`).toMatchFileSnapshot(
      `golden/read/${read}.json`,
    );
  });

  test("is a value of JSON, so that it can be recorded and sent", () => {
    const decoded = decode(text);
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(decoded);
  });

  test("never throws when cut", () => {
    const cut = (bytes: Uint8Array): Result<unknown, DecodeError> =>
      decode(new TextDecoder().decode(bytes));
    expect(cutAtEveryByte(new TextEncoder().encode(text), cut).threw).toEqual([]);
  });

  test("never throws when a line is missing", () => {
    const lines = text.split("\n");
    for (const [index] of lines.entries()) decode(lines.toSpliced(index, 1).join("\n"));
  });
});
