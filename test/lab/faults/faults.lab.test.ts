import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { sleep } from "../process.ts";
import { WAN_MAC, WEB_ADDRESS } from "../topology.ts";

describe("faults of the access", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
  });
  afterAll(() => lab.down());
  const request = () =>
    lab.exec("gw", ["udhcpc", "-i", "wan0", "-n", "-q", "-t", "3", "-T", "1"], {
      timeoutMs: 15_000,
    });
  const carrier = async (host: "gw" | "lan1", device: string) =>
    (await lab.exec(host, ["cat", `/sys/class/net/${device}/carrier`])).stdout.trim();

  it("an Ethernet operator serves any client, and stays silent when told", async () => {
    expect((await request()).stderr).toMatch(/lease of 81\.250\.0\.1[0-4]\d obtained/);
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.250\.0\.1/);
    expect(lab.operatorLeases()).toMatchObject([{ mac: WAN_MAC }]);
    await lab.fault("operator-silent", "on");
    expect((await request()).code).not.toBe(0);
    await lab.fault("operator-silent", "off");
    expect((await request()).code).toBe(0);
  });

  it("an Ethernet operator moves the line when its session is killed, its router or its network changes", async () => {
    await lab.fault("session-kill");
    expect((await request()).stderr).toMatch(/lease of 81\.250\.0\.1[5-9]\d obtained/);
    await lab.fault("gateway-change");
    await request();
    expect(await lab.must("gw", ["ip", "route"])).toContain("default via 81.250.0.254");
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.250/);
    await lab.fault("renumber");
    await request();
    expect(await lab.must("gw", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toMatch(/^81\.251\.0/);
    await lab.fault("lease-time", "120");
    expect((await request()).stderr).toContain("lease time 120");
  });

  it("carrier loss is seen by the gateway, for as long as asked", async () => {
    expect(await carrier("gw", "wan0")).toBe("1");
    await lab.fault("carrier-loss", "on");
    expect(await carrier("gw", "wan0")).toBe("0");
    await lab.fault("carrier-loss", "off");
    expect(await carrier("gw", "wan0")).toBe("1");
    const began = performance.now();
    const over = lab.fault("carrier-loss", "0.5");
    await sleep(250);
    expect(await carrier("gw", "wan0")).toBe("0");
    await over;
    expect(performance.now() - began).toBeGreaterThan(480);
    expect(await carrier("gw", "wan0")).toBe("1");
  });

  it("a full disk refuses one more octet, and an emptied one takes it", async () => {
    const file = join(lab.paths.gateway, "state", "probe");
    const write = () => lab.exec("gw", ["dd", "if=/dev/zero", `of=${file}`, "bs=8k", "count=1"]);
    expect((await write()).code).toBe(0);
    await lab.must("gw", ["rm", file]);
    await lab.fault("disk-full", "on");
    expect((await write()).stderr).toContain("No space left");
    await lab.fault("disk-full", "off");
    expect((await write()).code).toBe(0);
  });

  it("a power cut loses all but the disk and the cables, and the home sees it dark", async () => {
    const kept = join(lab.paths.gateway, "state", "kept");
    await lab.must("gw", ["sh", "-c", 'echo precious >"$0"; echo x >/tmp/lost', kept]);
    await lab.must("gw", ["ip", "link", "set", "lan0", "up"]);
    await lab.must("gw", ["nft", "add", "table", "inet", "rules"]);
    const program = lab.spawn("gw", ["sleep", "1000"]);
    const ended = new Promise((resolve) => program.once("exit", resolve));
    expect(await carrier("lan1", "eth0")).toBe("1");
    const over = lab.fault("power-cut", "1");
    await ended;
    await lab.waitFor("darkness", async () => (await carrier("lan1", "eth0")) === "0", 2000);
    await over;
    expect(await lab.must("gw", ["cat", kept])).toBe("precious\n");
    expect((await lab.exec("gw", ["cat", "/tmp/lost"])).code).not.toBe(0);
    expect(await lab.must("gw", ["nft", "list", "ruleset"])).toBe("");
    expect(await lab.must("gw", ["ip", "-4", "-br", "address"])).not.toContain("wan0");
    await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
    await lab.must("gw", ["ip", "link", "set", "lan0", "up"]);
    expect(await carrier("lan1", "eth0")).toBe("1");
    expect((await request()).code).toBe(0);
    expect((await lab.must("gw", ["ip", "link", "show", "wan0"])).includes(WAN_MAC)).toBe(true);
  });
});
