import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firewallState, lanState, wanState } from "@passerelle/contract";
import { createFakeNft, type FakeNft } from "@passerelle/nft";
import type { RunningService } from "@passerelle/service";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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
  nft = createFakeNft();
  await start();
});
async function start(): Promise<void> {
  context = testContext({ config: configOf(), client: "firewall" });
  root = join(context.stateDirectory, "sys");
  for (const { path } of [...TRACKING, ...FORWARDING]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "7\n");
  }
  running = await startFirewall(context, { nft, settingsRoot: root });
}
afterEach(async () => {
  await running.stop();
  await context.dispose();
});

const published = () =>
  context.hub.retained().get(firewallState.name) as
    | { kind: string; digest?: string; fault?: { code: string } }
    | undefined;
/** Those that decide what passes; the priority of ARP is set by others. */
const transactions = () => nft.transactions.filter((text) => text.startsWith("table inet"));
const ofArp = () => nft.transactions.filter((text) => text.startsWith("table arp"));
const setting = (path: string) => readFileSync(join(root, path), "utf8").trim();

function introduce(): Promise<void> {
  context.hub.client("lan").publish(lanState, LAN_DOCUMENT as never);
  context.hub.client("wan").publish(wanState, WAN_DOCUMENT as never);
  return eventually(() => published()?.digest !== undefined && transactions().length > 1);
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
    expect(transactions()).toHaveLength(1);
    expect(transactions()[0]).toContain('iifname "br-*"');
    expect(setting("net/ipv4/ip_forward")).toBe("7");
    await introduce();
    expect(transactions().at(-1)).toContain('oifname "wan0" meta nfproto ipv4 masquerade');
    expect(published()?.kind).toBe("protecting");
    await eventually(() => setting("net/ipv4/ip_forward") === "1");
    expect(setting("net/netfilter/nf_conntrack_udp_timeout")).toBe("120");
  });
  test("an address of before is at home while it is kept, and a stranger's afterwards", async () => {
    await introduce();
    const [lan, ...others] = LAN_DOCUMENT.networks;
    const before = `iifname "${lan?.bridge}" ip saddr 192.168.1.0/24 accept`;
    expect(transactions().at(-1)).toContain(before);
    const moved = { ...lan, address: "192.168.77.1/24" };
    const tell = async (network: object, isAtHome: boolean): Promise<void> => {
      const document = { ...LAN_DOCUMENT, networks: [network, ...others] };
      context.hub.client("lan").publish(lanState, document as never);
      await eventually(() => {
        const text = transactions().at(-1) ?? "";
        return text.includes("192.168.77.0/24 accept") && text.includes(before) === isAtHome;
      });
    };
    await tell({ ...moved, former: [{ address: "192.168.1.1/24", until: 0 }] }, true);
    await tell(moved, false);
  });
  test("the same news again is no transaction", async () => {
    await introduce();
    const before = transactions().length;
    context.hub.client("lan").publish(lanState, { ...LAN_DOCUMENT, since: 1 } as never);
    await settle();
    expect(transactions()).toHaveLength(before);
  });
  test("a refused change is answered, and the old configuration stays", async () => {
    await introduce();
    nft.failNext("refused");
    const before = transactions().at(-1);
    const done = await running.reconfigure(configOf({ answerPing: false }));
    expect(done).toMatchObject({ ok: false, error: { code: "ruleset_refused" } });
    expect(published()).toMatchObject({ kind: "failed", fault: { code: "ruleset_refused" } });
    await context.clock.advance(seconds(3));
    await eventually(() => published()?.kind === "protecting");
    expect(transactions().at(-1)).toBe(before);
  });
  const repairs = () =>
    context.log.lines.filter((line) => line.message === "ruleset_changed_by_another").length;
  test("a foreign deletion is repaired at once and logged", async () => {
    await introduce();
    const before = transactions().length;
    await context.clock.advance(seconds(5));
    nft.interfere("delete table inet passerelle");
    await settle();
    await context.clock.advance(milliseconds(50));
    await eventually(() => transactions().length > before);
    expect(transactions().at(-1)).toContain("masquerade");
    expect(repairs()).toBe(1);
  });
  test("ARP to the line has the priority of control traffic, and that is looked after, too", async () => {
    expect(ofArp()).toHaveLength(1);
    expect(ofArp()[0]).toContain('oifname != "br-*" meta priority set 0:7');
    await introduce();
    expect(ofArp().at(-1)).toContain('oifname "wan0" meta priority set 0:7');
    const before = ofArp().length;
    await context.clock.advance(seconds(5));
    nft.interfere("delete table arp passerelle");
    await settle();
    await context.clock.advance(milliseconds(50));
    await eventually(() => ofArp().length > before);
    expect(repairs()).toBe(1);
  });
  test("a kernel that has no table of ARP is as safe: said in the log, and nothing else", async () => {
    const apply = nft.apply.bind(nft);
    nft.apply = async (text) =>
      text.startsWith("table arp")
        ? { ok: false, error: { code: "refused", text: "fake" } }
        : apply(text);
    await introduce();
    expect(published()?.kind).toBe("protecting");
    expect(context.log.lines.map((line) => line.message)).toContain("ruleset_of_arp_refused");
    await context.clock.advance(seconds(60));
    expect(repairs()).toBe(0);
  });
  test("our own transactions make us look at nothing again", async () => {
    await introduce();
    const listing = vi.spyOn(nft, "listTable");
    expect(await running.reconfigure(configOf({ answerPing: false }))).toEqual({
      ok: true,
      value: undefined,
    });
    const readBack = listing.mock.calls.length;
    expect(readBack).toBe(1);
    await context.clock.advance(seconds(5));
    expect(listing.mock.calls.length).toBe(readBack);
  });
  test("what another does while we read back is looked at after it", async () => {
    await introduce();
    const list = nft.listTable.bind(nft);
    vi.spyOn(nft, "listTable").mockImplementationOnce(async (...name) => {
      const seen = await list(...name);
      nft.interfere("delete table inet passerelle");
      await settle();
      return seen;
    });
    expect((await running.reconfigure(configOf({ answerPing: false }))).ok).toBe(true);
    expect(repairs()).toBe(0);
    await context.clock.advance(milliseconds(500));
    await eventually(() => repairs() === 1);
  });
  test("where the kernel doesn't tell, the regular look still repairs", async () => {
    await running.stop();
    await context.dispose();
    nft = createFakeNft();
    nft.watch = () => ({ ok: false, error: { code: "EPERM", text: "fake" } });
    await start();
    expect(context.log.lines.map((line) => line.message)).toContain("ruleset_unwatched");
    await introduce();
    nft.interfere("delete table inet passerelle");
    await context.clock.advance(seconds(29));
    expect(repairs()).toBe(0);
    await context.clock.advance(seconds(1));
    await eventually(() => repairs() === 1);
  });
  test("after stop nothing waits and nothing is undone", async () => {
    await introduce();
    const before = transactions().length;
    await running.stop();
    expect(transactions()).toHaveLength(before);
    expect(context.clock.pending).toBe(0);
  });
});
