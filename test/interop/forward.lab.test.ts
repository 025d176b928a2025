import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_MACHINE, Lab } from "../lab/lab.ts";
import { ADDRESSES, homeMac } from "../lab/topology.ts";
import { Box, type WanView } from "./box.ts";

/** Openings that a person asks for: seen from the WAN with the caller's own address, from inside by the same address. */
let lab: Lab;
let box: Box;
let wanAddress = "";

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  const wan = await box.until<WanView>("wan/state", "online", (w) => w.reach.kind === "online");
  wanAddress = wan.session.address?.split("/")[0] ?? "";
  await lab.lease("udhcpc", "lan1");
  await lab.lease("udhcpc", "lan2");
  // A web server of the world on lan2; its log says who came.
  await lab.must("lan2", ["mkdir", "-p", "/tmp/www"]);
  await lab.exec("lan2", ["tee", "/tmp/www/index.html"], { input: "this is lan2\n" });
  await lab.serve("lan2", "httpd", ["busybox", "httpd", "-f", "-vv", "-p", "80", "-h", "/tmp/www"]);
  await lab.waitFor(
    "the server on lan2",
    async () => (await lab.exec("lan2", ["curl", "-s", "http://127.0.0.1/"])).code === 0,
    5000,
  );
});
afterAll(() => lab.down());

async function configure(patch: Readonly<Record<string, unknown>>): Promise<void> {
  const outcome = await box.call("config/apply", {
    changes: [{ section: "firewall", patch }],
    author: { name: "test", origin: "lan" },
  });
  expect(outcome).toMatchObject({ ok: true });
}

const visit = (host: "lan1" | "attacker-wan" | "guest", port: number) =>
  lab.exec(host, ["curl", "-sS", "--max-time", "3", `http://${wanAddress}:${port}/`]);
const opening = {
  id: "web",
  enabled: true,
  protocol: "tcp",
  port: 8080,
  to: "192.168.1.20",
  toPort: 80,
};

describe("a port forward", () => {
  test("before it is asked for, nobody answers", async () => {
    expect((await visit("attacker-wan", 8080)).code).not.toBe(0);
  });

  test("from the WAN it reaches the device, which sees who came", async () => {
    await configure({ forwards: [opening] });
    await lab.waitFor(
      "the opening",
      async () => (await visit("attacker-wan", 8080)).code === 0,
      10_000,
    );
    expect((await visit("attacker-wan", 8080)).stdout).toBe("this is lan2\n");
    expect(lab.log("httpd.log")).toContain(ADDRESSES.attackerWan);
  });

  test("from inside by the WAN's address: hairpin", async () => {
    expect((await visit("lan1", 8080)).stdout).toBe("this is lan2\n");
  });

  test("only for the source it was given to", async () => {
    await configure({ forwards: [{ ...opening, source: "93.184.216.0/24" }] });
    await lab.waitFor(
      "it to close for others",
      async () => (await visit("attacker-wan", 8080)).code !== 0,
      10_000,
    );
    const internet = await lab.exec("internet", [
      "curl",
      "-sS",
      "--max-time",
      "3",
      `http://${wanAddress}:8080/`,
    ]);
    expect(internet.stdout).toBe("this is lan2\n");
  });

  test("taken away, it is gone", async () => {
    await configure({ forwards: [] });
    await lab.waitFor(
      "it to close",
      async () => (await visit("attacker-wan", 8080)).code !== 0,
      10_000,
    );
  });
});

test("a DMZ host gets what nothing else takes, and the router keeps its own", async () => {
  await configure({ dmz: "192.168.1.20" });
  await lab.waitFor("the DMZ", async () => (await visit("attacker-wan", 80)).code === 0, 10_000);
  await configure({ dmz: null });
  await lab.waitFor(
    "it to close",
    async () => (await visit("attacker-wan", 80)).code !== 0,
    10_000,
  );
});

test("a blocked device loses the Internet, running connections too, and gets it back", async () => {
  const surf = async () =>
    (await lab.exec("lan1", ["curl", "-4", "-sS", "--max-time", "3", "http://web.internet.test/"]))
      .code;
  // Long enough that the block comes while it runs, also where a configuration takes seconds.
  const sent = IS_MACHINE ? 150 : 40;
  const words = ["-i", "0.2", "-c", `${sent}`, "-W", "1", ADDRESSES.internet];
  const ping = lab.exec("lan1", ["ping", ...words], { timeoutMs: 60_000 });
  expect(await surf()).toBe(0);
  await configure({ blocked: [homeMac("lan1")] });
  await lab.waitFor("the block", async () => (await surf()) !== 0, 10_000);
  const received = /(\d+) received/.exec((await ping).stdout)?.[1];
  expect(Number(received)).toBeLessThan(sent - 2);
  await configure({ blocked: [] });
  await lab.waitFor("the Internet", async () => (await surf()) === 0, 10_000);
});
