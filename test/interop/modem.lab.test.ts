import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { Box } from "./box.ts";

/**
 * A modem before the gateway, in a network of its own on the cable of the line. The operator's router stands at the same
 * end of that cable here: what takes the default route arrives at the very same machine, and is heard.
 */
const MODEM = { address: "192.168.100.1", user: "admin", password: "of the modem" };
let lab: Lab;
let box: Box;
let modem: ChildProcess;
let heard = "";

interface Dsl {
  readonly kind: string;
  readonly state?: string;
  readonly fault?: { readonly code: string };
}

beforeAll(async () => {
  lab = await Lab.up();
  box = new Box(lab);
  await lab.must("isp", ["ip", "address", "add", `${MODEM.address}/24`, "dev", "access"]);
  const program = join(import.meta.dirname, "modem-program.ts");
  modem = lab.spawn("isp", [process.execPath, program, MODEM.address, MODEM.password]);
  modem.stdout?.on("data", (text: Buffer) => {
    heard += text.toString("utf8");
  });
  await lab.waitFor("the modem", async () => heard.includes("listening") || undefined, 10_000);
});
afterAll(async () => {
  modem?.kill();
  await lab?.down();
});

const watch = async (settings: object | null): Promise<void> => {
  const done = await box.call("config/apply", {
    changes: [{ section: "wan", patch: { modem: settings } }],
    author: { name: "test", origin: "lan" },
  });
  expect(done).toMatchObject({ ok: true });
};
const untilFault = (code: string) =>
  box.until<Dsl>("wan/dsl", code, ({ fault }) => fault?.code === code, 30_000);
/** Of the port. */
const addresses = async (): Promise<string> => {
  const { port = "" } = (await box.get<{ readonly port: string }>("wan/state")) ?? {};
  return lab.must("gw", ["ip", "-4", "-o", "address", "show", "dev", port]);
};

test("that only the default route leads to is not asked: not one packet leaves for it", async () => {
  const capture = await lab.capture("isp", "access", `host ${MODEM.address}`);
  await watch({ driver: "draytek", ...MODEM });
  await untilFault("dsl_not_at_home");
  // It would have been heard, had anything been sent.
  await lab.must("gw", ["ping", "-c", "1", "-W", "2", MODEM.address]);
  await lab.waitFor(
    "the ping in the capture",
    async () => (await capture.text()).some((line) => line.includes("ICMP")) || undefined,
    5000,
  );
  expect((await capture.text()).filter((line) => !/ICMP|ARP/.test(line))).toEqual([]);
  expect(heard).not.toContain("login");
});

test("is asked from an address of ours in its network, and the line stays as it is", async () => {
  const before = await box.get<{ session: { address: string } }>("wan/state");
  await watch({ from: "192.168.100.2/24" });
  await box.until<Dsl>("wan/dsl", "the line is up", ({ state }) => state === "up", 30_000);
  expect(await addresses()).toContain("192.168.100.2/24");
  expect(heard).toContain("login");
  const after = await box.get<{ session: { address: string } }>("wan/state");
  expect(after?.session.address).toBe(before?.session.address);
});

test("is asked again after wan was killed, and after its interface was down", async () => {
  const logins = () => heard.split("login").length;
  const before = logins();
  await lab.fault("daemon-kill", "wan");
  await lab.waitFor("another login", async () => logins() > before || undefined, 30_000);
  await lab.fault("carrier-loss", "1");
  await box.until<Dsl>("wan/dsl", "the line is up", ({ state }) => state === "up", 30_000);
  expect((await addresses()).match(/192\.168\.100\.2\/24/g)).toHaveLength(1);
});

test("with the home's own network is not put on the line: the home goes on", async () => {
  await watch({ address: "192.168.1.254", from: "192.168.1.253/24" });
  await untilFault("dsl_network_taken");
  expect(await addresses()).not.toMatch(/192\.168\.(1|100)\./);
  await lab.lease("udhcpc", "lan1");
});

test("that nobody asks any more leaves no address behind", async () => {
  await watch({ address: MODEM.address, from: "192.168.100.2/24" });
  await box.until<Dsl>("wan/dsl", "the line is up", ({ state }) => state === "up", 30_000);
  await watch(null);
  await lab.waitFor(
    "the address is gone",
    async () => !(await addresses()).includes("192.168.100.") || undefined,
    10_000,
  );
});
