import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { openForward } from "./forward.ts";

// The machine's browser comes in through here: tried with a LAN and a page that are not ours.

const PAGE = join(import.meta.dirname, "../services/web.ts");

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.up({ gateway: "none" });
  await lab.must("gw", ["ip", "link", "set", "lan6", "up"]);
  await lab.serve("gw", "page", [process.execPath, PAGE]);
});
afterAll(() => lab.down());

/** A gateway with this LAN; the one before is gone. */
async function serveLan(prefix: string): Promise<void> {
  await lab.exec("gw", ["pkill", "-KILL", "dnsmasq"]);
  await lab.must("gw", ["ip", "address", "flush", "dev", "lan6"]);
  await lab.must("gw", ["ip", "address", "add", `${prefix}.1/24`, "dev", "lan6"]);
  await lab.serve("gw", "judge", [
    ...["dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--keep-in-foreground"],
    ...[
      "--interface=lan6",
      "--bind-interfaces",
      "--no-resolv",
      "--no-ping",
      "--dhcp-authoritative",
    ],
    ...[`--dhcp-range=${prefix}.100,${prefix}.150,600`, "--dhcp-leasefile=/tmp/judge.leases"],
  ]);
}

it("carries a page to the machine, moves with the LAN, and ends with the lab", async () => {
  await serveLan("192.168.1");
  const { http } = await openForward(lab.name);
  const asker = async () => {
    const signal = AbortSignal.timeout(9000);
    const answer = await fetch(`${http}address`, { headers: { connection: "close" }, signal });
    return answer.text();
  };
  expect(await asker()).toMatch(/^192\.168\.1\.\d+\n$/);

  await serveLan("192.168.77");
  const moved = async () => (await asker().catch(() => "")).startsWith("192.168.77.");
  await lab.waitFor("the page at the new address", moved, 40_000);

  await lab.down();
  await expect(asker()).rejects.toThrow(/fetch failed/);
});
