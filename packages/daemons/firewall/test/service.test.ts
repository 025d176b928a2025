import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firewallState, lanState, wanState } from "@passerelle/contract";
import { createFakeNft, type FakeNft } from "@passerelle/nft";
import type { RunningService } from "@passerelle/service";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FirewallConfig } from "../src/config.ts";
import { FORWARDING, TRACKING } from "../src/core/settings.ts";
import { startFirewall } from "../src/service.ts";
import { configOf } from "./facts.ts";
import { LAN_DOCUMENT, WAN_DOCUMENT } from "./lab/gateway.ts";

let context: TestContext<FirewallConfig>;
let nft: FakeNft;
let root: string;
let running: RunningService<FirewallConfig>;

beforeEach(async () => {
  context = testContext({ config: configOf(), client: "firewall" });
  nft = createFakeNft();
  root = join(context.stateDirectory, "sys");
  for (const { path } of [...TRACKING, ...FORWARDING]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "7\n");
  }
  running = await startFirewall(context, { nft, settingsRoot: root });
});
afterEach(async () => {
  await running.stop();
  await context.dispose();
});

const published = () =>
  context.hub.retained().get(firewallState.name) as
    | { kind: string; digest?: string; fault?: { code: string } }
    | undefined;
const setting = (path: string) => readFileSync(join(root, path), "utf8").trim();

function introduce(): Promise<void> {
  context.hub.client("lan").publish(lanState, LAN_DOCUMENT as never);
  context.hub.client("wan").publish(wanState, WAN_DOCUMENT as never);
  return eventually(() => published()?.digest !== undefined && nft.transactions.length > 1);
}

async function eventually(happened: () => boolean): Promise<void> {
  // Files are real here: their answers come when the machine has them.
  for (let turn = 0; turn < 400 && !happened(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(happened()).toBe(true);
}

describe("the service", () => {
  test("base rules first, without the bus; the home's once both sides are known", async () => {
    expect(nft.transactions).toHaveLength(1);
    expect(nft.transactions[0]).toContain('iifname "br-*"');
    expect(setting("net/ipv4/ip_forward")).toBe("7");
    await introduce();
    expect(nft.transactions.at(-1)).toContain('oifname "wan0" meta nfproto ipv4 masquerade');
    expect(published()?.kind).toBe("protecting");
    await eventually(() => setting("net/ipv4/ip_forward") === "1");
    expect(setting("net/netfilter/nf_conntrack_udp_timeout")).toBe("120");
  });
  test("the same news again is no transaction", async () => {
    await introduce();
    const before = nft.transactions.length;
    context.hub.client("lan").publish(lanState, { ...LAN_DOCUMENT, since: 1 } as never);
    await settle();
    expect(nft.transactions).toHaveLength(before);
  });
  test("a refused change is answered, and the old configuration stays", async () => {
    await introduce();
    nft.failNext("refused");
    const before = nft.transactions.at(-1);
    const done = await running.reconfigure(configOf({ answerPing: false }));
    expect(done).toMatchObject({ ok: false, error: { code: "ruleset_refused" } });
    expect(published()).toMatchObject({ kind: "failed", fault: { code: "ruleset_refused" } });
    await context.clock.advance(seconds(3));
    await eventually(() => published()?.kind === "protecting");
    expect(nft.transactions.at(-1)).toBe(before);
  });
  test("a foreign deletion is repaired within 30 s and logged", async () => {
    await introduce();
    await nft.apply("delete table inet passerelle");
    await context.clock.advance(seconds(30));
    await eventually(() => nft.transactions.at(-1)?.includes("masquerade") ?? false);
    expect(context.log.lines.map((line) => line.message)).toContain("ruleset_changed_by_another");
  });
  test("after stop nothing waits and nothing is undone", async () => {
    await introduce();
    const before = nft.transactions.length;
    await running.stop();
    expect(nft.transactions).toHaveLength(before);
    expect(context.clock.pending).toBe(0);
  });
});
