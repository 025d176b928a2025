import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { sleep } from "../process.ts";
import { WAN_MAC } from "../topology.ts";
import { ORANGE_LINE } from "./orange.ts";

// busybox's udhcpc, which is not ours, plays the box: it is served when its octets are right, and only then.

const ascii = (text: string) => Buffer.from(text, "latin1").toString("hex");
const byte = (value: number) => value.toString(16).padStart(2, "0");

function authentication(password: string): string {
  const salt = "0123456789abcdef";
  const digest = createHash("md5").update(`0${password}${salt}`, "latin1").digest("hex");
  const login = ORANGE_LINE.login;
  return `${"00".repeat(11)}1a090000055801034101${byte(login.length + 2)}${ascii(login)}3c12${ascii(salt)}031330${digest}`;
}

const PARAMETERS = [1, 3, 6, 15, 28, 51, 58, 59, 90, 119, 125];

describe("the operator orange", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ gateway: "none", operator: "orange" });
    await lab.must("gw", ["ip", "link", "set", "wan0", "up"]);
  });
  afterAll(() => lab.down());

  function box(change: { readonly password?: string; readonly without?: number } = {}): string[] {
    const options: Readonly<Record<number, string>> = {
      77: `${byte(ORANGE_LINE.userClass.length)}${ascii(ORANGE_LINE.userClass)}`,
      90: authentication(change.password ?? ORANGE_LINE.password),
    };
    return [
      ...["udhcpc", "-i", "wan0", "-B", "-t", "3", "-T", "1", "-V", ORANGE_LINE.vendorClass, "-o"],
      ...PARAMETERS.flatMap((code) => ["-O", String(code)]),
      ...Object.entries(options)
        .filter(([code]) => Number(code) !== change.without)
        .flatMap(([code, value]) => ["-x", `0x${byte(Number(code))}:${value}`]),
    ];
  }
  const once = (change: Parameters<typeof box>[0] = {}) =>
    lab.exec("gw", [...box(change), "-n", "-q"], { timeoutMs: 20_000 });

  it("does not answer an ordinary client, and notes why", async () => {
    const outcome = await lab.exec("gw", [
      "udhcpc",
      "-i",
      "wan0",
      "-n",
      "-q",
      "-t",
      "2",
      "-T",
      "1",
    ]);
    expect(outcome.code).not.toBe(0);
    expect(lab.operatorLog().at(-1)).toMatchObject({
      type: "discover",
      verdict: "silence",
      reason: "flags_are_0000",
      answer: "none",
    });
    expect((await once({ without: 0x4d })).code).not.toBe(0);
    expect(lab.operatorLog().at(-1)?.reason).toBe("option_77_missing");
  });

  it("serves the box and gives it the Internet", async () => {
    const outcome = await once();
    expect(outcome.stderr).toContain("lease of 81.250.0.100 obtained from 81.253.149.20");
    expect(
      await lab.must("gw", ["curl", "-4", "-s", "-m", "5", "http://web.internet.test/address"]),
    ).toBe("81.250.0.100\n");
    expect(lab.operatorLeases()).toMatchObject([{ mac: WAN_MAC, address: "81.250.0.100" }]);
  });

  it("parks a wrong password, where nothing answers", async () => {
    const outcome = await once({ password: "wrong" });
    expect(outcome.stderr).toContain("lease of 172.19.10.100");
    expect(lab.operatorLog().at(-1)).toMatchObject({ verdict: "parked", reason: "wrong_password" });
    const curl = ["curl", "-s", "-m", "1", "http://93.184.216.34/"];
    expect((await lab.exec("gw", curl)).code).not.toBe(0);
    const dig = ["dig", "+tries=1", "+time=1", "@81.253.149.10", "web.internet.test"];
    expect((await lab.exec("gw", dig)).code).toBe(9);
    await lab.fault("park", "on");
    expect((await once()).stderr).toContain("lease of 172.19.");
    await lab.fault("park", "off");
    expect((await once()).stderr).toContain("lease of 81.250.0.");
  });

  it("renews by unicast with the same options, and refuses once when told", async () => {
    await lab.fault("lease-time", "300", "100", "200");
    const child = lab.spawn("gw", box());
    const answers = (answer: string) =>
      lab.operatorLog().filter((entry) => entry.answer === answer).length;
    const acknowledged = answers("ack");
    await lab.waitFor("a lease", () => answers("ack") > acknowledged, 15_000);
    // busybox waits for half of at least two minutes, whatever T1 says; its signal asks for a renewal now.
    await sleep(300);
    const renew = () => lab.must("gw", ["pkill", "-USR1", "-x", "udhcpc"]);
    await renew();
    const renewals = () =>
      lab.operatorLog().filter((entry) => entry.unicast && entry.type === "request");
    await lab.waitFor("a renewal", () => renewals().length > 0, 15_000);
    expect(renewals()[0]).toMatchObject({
      verdict: "granted",
      answer: "ack",
      from: "81.250.0.100",
      ciaddr: "81.250.0.100",
    });
    await lab.fault("session-kill");
    await sleep(300);
    await renew();
    await lab.waitFor("a NAK", () => answers("nak") > 0, 15_000);
    child.kill("SIGKILL");
    await lab.fault("lease-time", "3600");
  });

  it("offers an address that a neighbour has", async () => {
    await lab.fault("duplicate-address");
    // Another line, so that a new lease is made.
    await lab.must("gw", ["ip", "link", "set", "wan0", "address", "02:70:61:00:00:77"]);
    const outcome = await once();
    expect(outcome.stderr).toContain("81.250.0.66");
    await lab.must("gw", ["ip", "link", "set", "wan0", "address", WAN_MAC]);
  });
});
