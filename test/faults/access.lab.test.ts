import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Box, type WanView } from "../interop/box.ts";
import { settled } from "../interop/possessions.ts";
import { Lab } from "../lab/lab.ts";
import { ADDRESSES } from "../lab/topology.ts";

/**
 * What an Ethernet operator does to a line (wan.md 8.4): each ends in the state that is expected, and what `wan` has open
 * and set is the same before and after all of it.
 */
/** The many are for a night. */
const FLAPS = Number(process.env.FLAPS ?? 3);
const FLAPS_MS = 120_000 + FLAPS * 5000;
let lab: Lab;
let box: Box;
let before: Awaited<ReturnType<typeof settled>>;

beforeAll(async () => {
  lab = await Lab.up();
  box = new Box(lab);
  await lab.lease("udhcpc", "lan1");
  await online();
  before = await settled(lab);
});
afterAll(() => lab.down());

const untilWan = (what: string, wanted: (wan: WanView) => boolean): Promise<WanView> =>
  box.until<WanView>("wan/state", what, wanted, 60_000);
const online = (): Promise<WanView> => untilWan("online", ({ reach }) => reach.kind === "online");
const cause = (code: string): Promise<WanView> => untilWan(code, (wan) => wan.cause?.code === code);
const get = async (path: string): Promise<number | null> => {
  const words = ["curl", "-4", "-sS", "--max-time", "4", "-o", "/dev/null"];
  return (await lab.exec("lan1", [...words, `http://web.internet.test${path}`])).code;
};
const surf = () => get("/");
const untilSurfing = () =>
  lab.waitFor("a page", async () => (await surf()) === 0 || undefined, 90_000);
const change = async (patch: object): Promise<void> => {
  const changes = [{ section: "wan", patch }];
  const done = await box.call("config/apply", { changes, author: { name: "test", origin: "lan" } });
  expect(done).toMatchObject({ ok: true });
};

/** Whatever a test broke is whole again when it ends, also when it fails. */
const HEALING = [
  ...["one-way-loss", "mtu-black-hole", "renew-silent", "pool-empty", "resolver-lying"],
  ...["resolver-slow", "captive-portal"],
];
afterEach(async () => {
  for (const fault of HEALING) await lab.fault(fault, "off");
  await lab.fault("prefix-length", "56");
  await lab.fault("lease-time", "3600");
  await online();
});

describe("the cable and the router behind it", () => {
  test(
    "a cable that flaps: each time the line comes back, with the same address",
    async () => {
      const { session } = await online();
      await lab.fault("flap", "1", String(FLAPS));
      const after = await online();
      expect(after.session.address).toBe(session.address);
      await untilSurfing();
    },
    FLAPS_MS,
  );

  test("nothing that the operator sends arrives: it is said, and no lease is given up for it", async () => {
    const { session } = await online();
    await lab.fault("one-way-loss", "on");
    const wan = await untilWan("its name", ({ cause: now }) =>
      /^no_(internet|resolver)$/.test(now?.code ?? ""),
    );
    expect(wan.session.address).toBe(session.address);
    await lab.fault("one-way-loss", "off");
    await online();
    await untilSurfing();
  });

  test("another router with the old address: the home goes on without a word", async () => {
    await lab.fault("router-swap");
    await untilSurfing();
  });

  test("large packets vanish: small ones do not, and the line stays what it is", async () => {
    await lab.fault("mtu-black-hole", "on");
    expect(await surf()).toBe(0);
    expect(await get("/big?bytes=200000")).toBe(28);
    expect((await online()).cause).toBeUndefined();
    await lab.fault("mtu-black-hole", "off");
    expect(await get("/big?bytes=200000")).toBe(0);
  });
});

describe("DHCP", () => {
  test("silent at T1, there at T2: the lease is kept, and nobody notices", async () => {
    const { session } = await online();
    const from = Date.now();
    await lab.fault("renew-silent", "on");
    await lab.fault("lease-time", "24", "6", "10");
    await box.call("wan/reconnect", {});
    await online();
    await box.until<History>("wan/history", "asking everybody", ({ transitions }) =>
      transitions.some(({ to, at }) => to === "rebinding" && at > from),
    );
    const wan = await untilWan("bound", (now) => now.session.kind === "bound");
    expect(wan.session.address).toBe(session.address);
    expect(wan.reach.kind).toBe("online");
  });

  test("no address left: who has one keeps it to its end, who comes anew asks on until there is one", async () => {
    const { session } = await online();
    await lab.fault("pool-empty", "on");
    await box.call("wan/reconnect", {});
    const log = join(lab.paths.logs, "dhcp.log");
    const isRefused = () => readFileSync(log, "utf8").includes("no address available") || undefined;
    await lab.waitFor("the operator has none", async () => isRefused(), 10_000);
    expect((await online()).session.address).toBe(session.address);
    expect(await surf()).toBe(0);
    await change({ mac: "02:70:61:0c:0c:0c" });
    expect((await cause("no_answer")).session.kind).toBe("selecting");
    await lab.fault("pool-empty", "off");
    await online();
    await untilSurfing();
    await change({ mac: "own" });
  });
});

describe("prefixes of IPv6", () => {
  test.each(["60", "64"])("of /%s: the home has networks in it", async (bits) => {
    await lab.fault("prefix-length", bits);
    await box.call("wan/reconnect", {});
    interface View extends WanView {
      readonly ipv6: { readonly prefixes: readonly string[] };
    }
    const { ipv6 } = await box.until<View>(
      "wan/state",
      `a prefix of /${bits}`,
      (wan) => wan.ipv6.prefixes[0]?.endsWith(`/${bits}`) === true,
      60_000,
    );
    const network = ipv6.prefixes[0]?.replace(/(::)?\/\d+$/, "") ?? "none";
    await lab.waitFor(
      "an address of it at home",
      async () =>
        (await lab.must("lan1", ["ip", "-6", "-br", "address"])).includes(network) || undefined,
      30_000,
    );
  });
});

describe("names and pages", () => {
  test("a resolver that is a little slow is slow, and nothing else", async () => {
    await lab.fault("resolver-slow", "0.4");
    const words = ["dig", "+short", "+time=5", "+tries=1", "slow1.internet.test"];
    expect((await lab.exec("lan1", words)).code).toBe(0);
    await setTimeout(2000);
    expect((await online()).cause).toBeUndefined();
  });

  test("a resolver that answers when nobody waits any more is none", async () => {
    await lab.fault("resolver-slow", "6");
    await cause("no_resolver");
  });

  test("a resolver that lies is believed by names alone; a page asked for by address is not deceived", async () => {
    await lab.fault("resolver-lying", "on");
    await lab.waitFor(
      "the lie at home",
      async () => {
        const said = await lab.must("lan1", ["dig", "+short", `x${Date.now()}.internet.test`]);
        return said.trim() === ADDRESSES.resolver || undefined;
      },
      30_000,
    );
    const probe = { kind: "http", address: ADDRESSES.internet, port: 80, host: HOST, path: "/" };
    await change({ health: { probe } });
    expect((await online()).cause).toBeUndefined();
  });

  test("a portal before every page: the line is up, and the Internet is not there", async () => {
    await lab.fault("captive-portal", "on");
    const wan = await cause("no_internet");
    expect(wan.session.kind).toBe("bound");
    await lab.fault("captive-portal", "off");
    await online();
    await change({ health: { probe: null } });
  });
});

test("after all of it wan has open and set what it had before", async () => {
  await online();
  expect(await settled(lab, before)).toEqual(before);
});

interface History {
  readonly transitions: readonly { readonly to: string; readonly at: number }[];
}

const HOST = "web.internet.test";
