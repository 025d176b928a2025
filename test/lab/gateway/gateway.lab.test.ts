import { existsSync, readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { run } from "../process.ts";

// How the lab runs a gateway, tried with a stand-in in the place of our daemons: what fails here is the lab's fault.

const STAND_IN = join(import.meta.dirname, "stand-in.ts");

describe("a gateway of processes", () => {
  let lab: Lab;
  beforeAll(async () => {
    process.env.LAB_GATEWAY_PROGRAM = STAND_IN;
    lab = await Lab.up({ operator: "orange" });
  });
  afterAll(async () => {
    delete process.env.LAB_GATEWAY_PROGRAM;
    await lab.down();
  });

  it("is ready when `up` is done", async () => {
    expect(await lab.lease("udhcpc", "lan1")).toMatchObject({ router: "192.168.1.1" });
    for (const name of ["config", "lan", "wan", "firewall", "broker"]) {
      expect((await lab.daemon(name)).starts).toBe(1);
      expect(lab.log(`${name}.log`)).toBeDefined();
    }
    const defaults = JSON.parse(readFileSync(join(lab.paths.config, "defaults.json"), "utf8"));
    expect(defaults.wan.interface).toBe("wan0");
  });

  it("has the board's broker, which lets the observer in", async () => {
    const path = join(lab.paths.gateway, "run", "bus", "observer.sock");
    const client = new MqttClient(() => connectSocket(path), { protocolVersion: 5 });
    await new Promise((resolve, reject) => {
      client.once("connect", resolve);
      client.once("error", reject);
    });
    await client.endAsync(true);
  });

  it("starts a killed daemon or broker again, with a new number", async () => {
    for (const [name, ...fault] of [
      ["wan", "daemon-kill", "wan"],
      ["lan", "daemon-kill", "lan", "TERM"],
      ["broker", "broker-kill"],
    ] as const) {
      const { pid: before } = await lab.daemon(name);
      await lab.fault(...(fault as readonly string[] as readonly [string, ...string[]]));
      const again = await lab.waitFor(
        `${name} again`,
        async () => {
          try {
            const now = await lab.daemon(name);
            return now.pid !== before && now;
          } catch {
            return false;
          }
        },
        3000,
      );
      expect(again.starts).toBe(2);
    }
    await expect(lab.fault("daemon-kill", "nobody")).rejects.toThrow(/it has: /);
  });

  it("is the same gateway after a power cut, with its disk and with new processes", async () => {
    const leases = join(lab.paths.gateway, "state", "stand-in.leases");
    const before = await lab.must("gw", ["cat", leases]);
    await lab.fault("power-cut", "0");
    expect(await lab.must("gw", ["cat", leases])).toBe(before);
    expect((await lab.daemon("lan")).starts).toBe(1);
    expect(await lab.lease("dhclient", "lan2")).toMatchObject({ router: "192.168.1.1" });
  });
});

describe("other ways", () => {
  it("runs all in one process", async () => {
    process.env.LAB_GATEWAY_PROGRAM = STAND_IN;
    const lab = await Lab.up({ allInOne: true });
    delete process.env.LAB_GATEWAY_PROGRAM;
    expect((await lab.daemon("all")).starts).toBe(1);
    await expect(lab.daemon("broker")).rejects.toThrow();
    await lab.down();
  });

  it("says what is missing and shows the last lines of the logs when the gateway does not get ready", async () => {
    const name = "test-broken";
    const outcome = await run(["bin/lab", "up", "--name", name], {
      cwd: join(import.meta.dirname, "../../.."),
      env: {
        ...process.env,
        LAB_GATEWAY_PROGRAM: STAND_IN,
        STAND_IN_BROKEN: "1",
        LAB_READY_MS: "1500",
      },
    });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("br-lan has no address, nothing listens on port 53");
    expect(outcome.stderr).toContain("the stand-in is broken as asked");
    await run(["bin/lab", "down", "--name", name], { cwd: join(import.meta.dirname, "../../..") });
    expect(existsSync(`/run/passerelle-lab/${name}`)).toBe(false);
  });
});
