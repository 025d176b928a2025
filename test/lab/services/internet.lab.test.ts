import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { WEB_ADDRESS } from "../topology.ts";

describe("the small Internet", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none" });
    await lab.must("attacker-wan", [
      ...["sh", "-c", "echo nameserver 81.253.149.10 > /etc/resolv.conf"],
    ]);
  });
  afterAll(() => lab.down());
  const dig = (...words: readonly string[]) => lab.must("attacker-wan", ["dig", ...words]);

  it("serves pages by name and says whom it saw", async () => {
    const page = await lab.must("attacker-wan", ["curl", "-4", "-si", "http://web.internet.test/"]);
    expect(page).toContain("You are 81.250.0.66.");
    expect(page.toLowerCase()).toContain("x-client-address: 81.250.0.66");
    const argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{size_download}"];
    const url = "http://web.internet.test/big?bytes=5000001";
    expect(await lab.must("attacker-wan", [...argv, url])).toBe("5000001");
  });

  it("answers names as the tests need them", async () => {
    expect(await dig("+short", "chain1.internet.test")).toContain("93.184.216.34");
    expect(await dig("+short", "rebind.internet.test")).toBe("192.168.1.1\n");
    expect(await dig("+noall", "+comments", "+authority", "nowhere.internet.test")).toMatch(
      /NXDOMAIN.*SOA/s,
    );
    expect(await dig("+noall", "+comments", "nowhere.example.com")).toContain("NXDOMAIN");
    expect(
      await dig("+notcp", "+ignore", "+noall", "+comments", "TXT", "big.internet.test"),
    ).toMatch(/flags:[^;]* tc/);
    expect((await dig("+short", "TXT", "big.internet.test")).length).toBeGreaterThan(4800);
    expect(await dig("+short", "TXT", "a.wild.internet.test")).toContain("wildcard");
  });

  it("has a resolver that can die", async () => {
    await lab.fault("resolver-dead", "on");
    const dead = await lab.exec("attacker-wan", [
      "dig",
      "+tries=1",
      "+time=1",
      "web.internet.test",
    ]);
    expect(dead.code).toBe(9);
    await lab.fault("resolver-dead", "off");
    expect(await dig("+short", "web.internet.test")).toBe("93.184.216.34\n");
  });

  it("can be cut off behind the operator", async () => {
    await lab.fault("internet-dead", "on");
    const dead = await lab.exec("attacker-wan", ["curl", "-s", "-m", "1", WEB_ADDRESS]);
    expect(dead.code).not.toBe(0);
    await lab.fault("internet-dead", "off");
    expect(await lab.must("attacker-wan", ["curl", "-s", "-m", "5", WEB_ADDRESS])).toContain("81.");
  });

  it("records packets", async () => {
    const capture = await lab.capture("isp", "access", "icmp");
    await lab.must("attacker-wan", ["ping", "-c", "2", "-i", "0.2", "81.250.0.1"]);
    await lab.waitFor("packets", async () => (await capture.text()).length >= 4, 3000);
    await capture.stop();
    expect((await capture.text())[0]).toContain("81.250.0.66 > 81.250.0.1: ICMP echo request");
  });
});
