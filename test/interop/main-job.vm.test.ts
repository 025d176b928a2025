import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { whyNoMachine } from "../lab/vm/kernel.ts";
import { Box, type WanView } from "./box.ts";

/** The main job on another kernel than this machine's: Debian's, as it is on most boards and servers. */
describe.skipIf(whyNoMachine() !== undefined)("the main job on Debian's kernel", () => {
  let lab: Lab;
  let box: Box;

  beforeAll(async () => {
    lab = await Lab.up({ kernel: "vm" });
    box = new Box(lab);
    const isOnline = (wan: WanView) => wan.reach.kind === "online";
    await box.until<WanView>("wan/state", "the line is online", isOnline);
    await lab.lease("udhcpc", "lan1");
  });
  afterAll(() => lab.down());

  test("lan1 has an address of the pool, and us as router and resolver", async () => {
    const address = await lab.must("lan1", ["ip", "-4", "-br", "address", "show", "dev", "eth0"]);
    expect(address).toMatch(/192\.168\.1\.\d+\/24/);
    const route = await lab.must("lan1", ["ip", "route", "show", "default"]);
    expect(route).toContain("via 192.168.1.1");
    expect(await lab.must("lan1", ["cat", "/etc/resolv.conf"])).toContain("nameserver 192.168.1.1");
  });

  test("a name of the world resolves", async () => {
    const answer = await lab.must("lan1", ["dig", "+short", "+time=10", "web.internet.test"]);
    expect(answer.trim()).toBe("93.184.216.34");
  });

  test("a page comes through the NAT: the server sees the gateway's address", async () => {
    const url = "http://web.internet.test/";
    const page = await lab.must("lan1", ["curl", "-sS", "--max-time", "30", url]);
    const wan = await box.get<WanView>("wan/state");
    expect(page).toContain(wan?.session.address?.split("/")[0] ?? "no address");
    expect(page).not.toContain("192.168.1.");
  });
});
