import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { ORANGE_LINE } from "../lab/operator/orange.ts";
import { EARLY } from "../lab/operator/orange6.ts";
import { ADDRESSES6, WAN_MAC } from "../lab/topology.ts";
import { Box, type WanView } from "./box.ts";

/** The operator that refuses a wrong byte (operators.md 3.1 to 3.3), and what the person is told. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "orange" });
  box = new Box(lab);
});
afterAll(() => lab.down());

const USER_CLASS =
  "2b46535644534c5f6c697665626f782e496e7465726e65742e736f66746174686f6d652e4c697665626f7836";

describe("the right login and password", () => {
  test("a lease and the Internet", async () => {
    const wan = await box.until<WanView>("wan/state", "online", (w) => w.reach.kind === "online");
    expect(wan.session.address).toMatch(/^81\.250\.0\.\d+\/24$/);
    expect(wan.cause).toBeUndefined();
    await lab.lease("udhcpc", "lan1");
    const page = await lab.must("lan1", [
      "curl",
      "-4",
      "-sS",
      "--max-time",
      "10",
      "http://web.internet.test/",
    ]);
    expect(page).toContain(wan.session.address?.split("/")[0] ?? "");
  });

  test("every DHCP byte on the wire is the operator's", async () => {
    const capture = await lab.capture("isp", "access", "udp port 67 or udp port 68");
    const before = heard().length;
    await box.call("wan/reconnect", {});
    const isDone = () =>
      heard()
        .slice(before)
        .some((entry) => entry.answer === "ack");
    await lab.waitFor("a new ACK in the operator's log", isDone, 10_000);
    await lab.waitFor(
      "the exchange in the capture",
      async () => (await capture.text()).length >= 4,
      5000,
    );
    await capture.stop();
    const seen = heard().filter((entry) => entry.mac === WAN_MAC);
    expect(seen.map((entry) => entry.verdict)).not.toContain("silence");
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const { options, flags } of seen.slice(-2)) {
      expect(options?.["60"]).toBe("736167656d");
      expect(options?.["61"]).toBe(`01${WAN_MAC.replaceAll(":", "")}`);
      expect(options?.["77"]).toBe(USER_CLASS);
      expect(options?.["90"]).toMatch(authenticationPattern());
      expect(options?.["55"]).toBe("0103060f1c333a3b5a77787d");
      expect((flags ?? 0) & 0x8000).toBe(0x8000);
    }
    const lines = (await capture.text("-x")).join("");
    expect(lines.replace(/\s|0x[0-9a-f]{4}:/g, "")).toContain(USER_CLASS.slice(0, 40));
  });

  function heard() {
    return lab.operatorLog();
  }

  /** RFC 3118 header of zeros, vendor 1368, User-Name, 16 octets of challenge, identifier and MD5. */
  function authenticationPattern(): RegExp {
    const login = Buffer.from(ORANGE_LINE.login, "ascii");
    const length = (login.length + 2).toString(16).padStart(2, "0");
    return new RegExp(
      `^0{22}1a0900000558010341${`01${length}`}${login.toString("hex")}3c12[0-9a-f]{32}0313[0-9a-f]{34}$`,
    );
  }
});

interface PrefixesView {
  readonly prefixes: readonly { readonly prefix: string }[];
  readonly reachable: boolean;
}

describe("IPv6 of the same line (operators.md 3.4)", () => {
  const FIRST = "2a01:cb08:1000:100::/56";
  const OTHER = "2a01:cb0c:2000:100::/56";
  const ready = (prefix: string): Promise<PrefixesView> =>
    box.until<PrefixesView>(
      "wan/prefixes",
      `${prefix} and a router`,
      (view) => view.reachable && view.prefixes.map((one) => one.prefix).join() === prefix,
      60_000,
    );
  /** Of this exchange, once its Reply is written down. */
  const replied = async (from: number) => {
    const since = () => lab.operatorLog6().slice(from);
    const isDone = () => since().some(({ answer }) => answer === "reply");
    await lab.waitFor("a Reply in the operator's log", isDone, 30_000);
    return since();
  };

  test("a /56, the router that advertises nothing else, and no address", async () => {
    await ready(FIRST);
    const route = await lab.must("gw", ["ip", "-6", "route", "show", "default"]);
    expect(route).toContain(`default via ${ADDRESSES6.orangeRouter} dev wan0`);
    const unreachable = ["ip", "-6", "route", "show", "type", "unreachable"];
    expect(await lab.must("gw", unreachable)).toContain(FIRST);
    const address = await lab.must("gw", ["ip", "-6", "-o", "address", "show", "dev", "wan0"]);
    expect(address).not.toContain("scope global");
    expect(await lab.must("isp", ["ip", "-6", "route", "show", FIRST])).toContain("via fe80::");
  });

  test("every octet is the operator's, and what DHCPv4 said is said again", async () => {
    const seen = lab.operatorLog6().filter(({ mac }) => mac === WAN_MAC);
    expect(seen.map(({ verdict }) => verdict)).not.toContain("parked");
    // Those of DHCPv4 may come a moment later, and are waited for.
    const faults = seen.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    expect(faults.filter((one) => one !== EARLY && one !== "no_dhcpv4_of_this_mac")).toEqual([]);
    const last = seen.at(-1)?.options;
    expect(last?.["11"]).toBe(lab.operatorLog().at(-1)?.options?.["90"]);
    expect(Object.keys(last ?? {}).sort()).toEqual(
      ["1", "11", "15", "16", "17", "2", "25", "6", "8"].sort(),
    );
  });

  test("a new start has a new challenge in both families", async () => {
    const before = lab.operatorLog6().at(-1)?.options?.["11"];
    const from = lab.operatorLog6().length;
    await box.call("wan/reconnect", {});
    const heard = await replied(from);
    expect(heard.map(({ verdict }) => verdict)).not.toContain("parked");
    const now = heard.at(-1)?.options?.["11"];
    expect(now).not.toBe(before);
    expect(now).toBe(lab.operatorLog().at(-1)?.options?.["90"]);
  });

  test("another prefix after a reconnect", async () => {
    await lab.fault("prefix-change");
    await box.call("wan/reconnect", {});
    await ready(OTHER);
    const from = lab.operatorLog6().length;
    await lab.fault("prefix-change");
    await lab.fault("carrier-loss", "0.5");
    const first = (await replied(from)).find(({ answer }) => answer === "reply");
    expect(first).toMatchObject({ type: "rebind", over: ["2a01:cb0c:2000:100:0:0:0:0/56"] });
    await ready(FIRST);
    const unreachable = ["ip", "-6", "route", "show", "type", "unreachable"];
    expect(await lab.must("gw", unreachable)).not.toContain(OTHER);
  });

  test("a router that is silent about itself is used all the same", async () => {
    await lab.fault("ra-stop", "on");
    const isLow = async () =>
      /via fe80::ba0:bab dev wan0.* metric 2048/.test(
        await lab.must("gw", ["ip", "-6", "route", "show", "default"]),
      );
    await lab.waitFor("the route of the profile", isLow, 10_000);
    await lab.fault("ra-stop", "off");
    await lab.waitFor("the route of the router", async () => !(await isLow()), 10_000);
    await ready(FIRST);
  });
});

describe("a wrong password", () => {
  test("parked, and the state on the bus says so in one sentence", async () => {
    const outcome = await box.call<{ readonly revision: number }>("config/apply", {
      changes: [{ section: "wan", patch: { credentials: { password: "not-this-one" } } }],
      author: { name: "test", origin: "lan" },
    });
    expect(outcome).toMatchObject({ ok: true });
    const parked = await box.until<WanView>(
      "wan/state",
      "parked",
      (w) => w.cause?.code === "refused_parked",
      60_000,
    );
    expect(parked.cause?.text.fr).toMatch(/^[A-ZÀ-Ý][^.]*\.$/);
    expect(parked.cause?.text.en).toMatch(/^[A-Z][^.]*\.$/);
    expect(lab.operatorLog().at(-1)?.verdict).toBe("parked");
    await box.until<PrefixesView>("wan/prefixes", "no prefix", (v) => v.prefixes.length === 0);
    const refused = () => lab.operatorLog6().at(-1)?.refusal === "no_prefix";
    await lab.waitFor("a refusal of DHCPv6", refused, 20_000);
  });

  test("right again: online again", async () => {
    await box.call("config/apply", {
      changes: [{ section: "wan", patch: { credentials: { password: ORANGE_LINE.password } } }],
      author: { name: "test", origin: "lan" },
    });
    await box.until<WanView>("wan/state", "online", (w) => w.reach.kind === "online", 60_000);
    const isBack = (view: PrefixesView) => view.reachable && view.prefixes.length === 1;
    await box.until<PrefixesView>("wan/prefixes", "a prefix", isBack, 60_000);
  });
});
