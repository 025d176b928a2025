import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { native } from "@passerelle/native";
import type { Mac } from "@passerelle/net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heldFiles } from "../src/linux-holder.ts";

// What the holder says to whoever asks, on any kernel; that it holds is seen where there is PPP (test/interop/pppoe).

const PROGRAM = join(
  import.meta.dirname,
  "../../../../build/native",
  process.arch,
  "passerelle-ppp-holder",
);
const SESSION = {
  ...{ interface: "not-there", peer: "02:00:5e:00:53:02" as Mac, sessionId: 7, name: "ppp-here" },
};

describe("the holder of sessions", () => {
  const place = mkdtempSync(join(tmpdir(), "passerelle-holder-"));
  const socket = join(place, "holder.sock");
  let program: ChildProcess;
  beforeAll(async () => {
    program = spawn(PROGRAM, [socket], { stdio: "inherit" });
    for (let looks = 0; looks < 200 && !existsSync(socket); looks += 1) await sleep(10);
  });
  afterAll(() => {
    program.kill();
    rmSync(place, { recursive: true });
  });
  const ask = (octets: Uint8Array): number => {
    const asked = native().open(1, 5, 0);
    const address = new TextEncoder().encode(`\u0001\u0000${socket}\u0000`);
    try {
      native().connect(asked, address);
      native().send(asked, octets, undefined);
      const answer = new Uint8Array(4);
      expect(native().receiveFiles(asked, answer, 1000)).toEqual([]);
      return new DataView(answer.buffer).getInt32(0, true);
    } finally {
      native().close(asked);
    }
  };
  const request = (verb: number, lower: string, name: string, length = 48): Uint8Array => {
    const octets = new Uint8Array(length);
    octets[0] = verb;
    octets.set(new TextEncoder().encode(lower), 16);
    octets.set(new TextEncoder().encode(name), 32);
    return octets;
  };
  const EINVAL = 22;

  it("lets its own user in, and nobody else", () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it("has nothing to give before it was asked to open, and drops what is not there", () => {
    const files = heldFiles(socket);
    expect(files.take("ppp-here")).toMatchObject({ ok: false, error: { code: "ENOENT" } });
    expect(() => files.drop("ppp-here")).not.toThrow();
  });

  it("says the kernel's refusal, and keeps nothing of it", () => {
    const files = heldFiles(socket);
    for (let turn = 0; turn < 20; turn += 1) {
      const opened = files.open(SESSION);
      // Without PPP, or without such an interface.
      expect(["EAFNOSUPPORT", "ENODEV"]).toContain(opened.ok ? "" : opened.error.code);
    }
    expect(files.take("ppp-here")).toMatchObject({ ok: false, error: { code: "ENOENT" } });
  });

  it.each([
    ["one octet", request(1, "", "").subarray(0, 1)],
    ["too short", request(1, "eth0", "ppp", 48).subarray(0, 47)],
    ["too long", request(1, "eth0", "ppp", 49)],
    ["no such verb", request(9, "eth0", "ppp")],
    ["a session without a name", request(2, "", "")],
    ["a name without an end", request(2, "", "0123456789abcdef")],
    ["an interface without an end", request(1, "0123456789abcdef", "ppp")],
    ["no interface", request(1, "", "ppp")],
  ])("refuses a request that is none: %s", (_, octets) => {
    expect(ask(octets)).toBe(EINVAL);
    expect(program.exitCode).toBeNull();
  });

  it("is missed in words where it is not there, or another kind of socket is", async () => {
    const away = heldFiles(join(place, "away.sock")).take("ppp-here");
    expect(away).toMatchObject({ ok: false, error: { code: "ENOENT" } });
    const stream = createServer().listen(join(place, "other.sock"));
    await new Promise((resolve) => stream.once("listening", resolve));
    const other = heldFiles(join(place, "other.sock")).take("ppp-here");
    expect(other).toMatchObject({ ok: false, error: { code: "EPROTOTYPE" } });
    stream.close();
  });
});
