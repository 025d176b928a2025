import { setTimeout as sleep } from "node:timers/promises";
import type { WanState } from "@passerelle/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WanConfig } from "../src/config.ts";
import { Neighbourhood } from "./lab/neighbourhood.ts";

const config: WanConfig = {
  interface: "wan",
  profile: "generic-dhcp",
  link: "untagged",
  mac: "own",
  hostname: "passerelle",
  health: { names: ["web.internet.test"] },
};
const RANGE = "198.51.100.50,198.51.100.59";

describe("the line on a real kernel against dnsmasq", () => {
  let home: Neighbourhood;
  beforeAll(async () => {
    home = new Neighbourhood("a");
    await home.serve(RANGE);
  });
  afterAll(() => home.dispose());

  it("is bound and online, with address, routes and resolvers", async () => {
    const daemon = home.start(config);
    await daemon.until("bound", ({ session }) => session.kind === "bound");
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    expect(home.addresses()).toHaveLength(1);
    expect(home.addresses()[0]).toMatch(/^198\.51\.100\.5\d\/24$/);
    expect(home.routes()).toEqual([
      "198.51.100.0/24 via - proto kernel",
      "203.0.113.0/24 via 198.51.100.1 proto 80",
      "default via 198.51.100.1 proto 80",
    ]);
    expect(daemon.state?.session).toMatchObject({
      server: "198.51.100.1",
      resolvers: ["198.51.100.1"],
    });
    expect(daemon.state?.cause).toBeUndefined();
    await daemon.kill("SIGTERM");
    expect(home.addresses()).toHaveLength(1);
  });

  it("is taken over after kill -9 without a moment without its address", async () => {
    const first = home.start(config);
    await first.until("online", ({ reach }) => reach.kind === "online");
    const [address] = home.addresses();
    const monitor = home.watch(home.gateway, ["ip", "monitor", "address"]);
    await first.kill("SIGKILL");
    const second = home.start(config);
    await second.until(
      "online",
      ({ session, reach }) => session.kind === "bound" && reach.kind === "online",
    );
    await monitor.stop();
    expect(home.addresses()).toEqual([address]);
    expect(monitor.lines.filter((line) => line.startsWith("Deleted"))).toEqual([]);
    expect(second.states.map(({ session }) => session.kind)).not.toContain("selecting");
    await second.kill("SIGKILL");
  });

  it("keeps the address where the server is silent at a restart", async () => {
    await home.silence();
    const daemon = home.start(config);
    await daemon.until(
      "searching while it holds",
      ({ session }) => session.kind === "rebinding",
      20_000,
    );
    expect(home.addresses()).toHaveLength(1);
    await home.serve(RANGE);
    await daemon.until("bound", ({ session }) => session.kind === "bound", 20_000);
    expect(home.addresses()).toHaveLength(1);
    await daemon.kill("SIGTERM");
  });

  it("clones a MAC, and is bound by the first question after the carrier: no back-off in between", async () => {
    const daemon = home.start({
      ...config,
      profile: "bouygues-fr",
      mac: "02:11:22:33:44:55",
    });
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    expect(daemon.state?.mac).toBe("02:11:22:33:44:55");
    // Also at the very first start, when the interface was down.
    expect(askedAgain(daemon.states)).toEqual([]);
    expect(home.addresses()).toHaveLength(1);
    home.carrier(false);
    await daemon.until("no carrier", ({ access }) => access.kind === "no_carrier");
    home.carrier(true);
    const asksForIt = ({ session }: WanState) => session.kind === "renewing";
    await daemon.until("asking for the lease it had", () => daemon.states.some(asksForIt));
    await daemon.until("bound", ({ session }) => session.kind === "bound");
    expect(askedAgain(daemon.states)).toEqual([]);
    await daemon.kill("SIGTERM");
  });

  it("says no_carrier, and is online again soon after the cable is back", async () => {
    const daemon = home.start(config);
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    home.carrier(false);
    await daemon.until("no carrier", ({ cause }) => cause?.code === "no_carrier");
    await sleep(300);
    home.carrier(true);
    await daemon.until("bound", ({ session }) => session.kind === "bound");
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    expect(home.addresses()).toHaveLength(1);
    expect(home.routes()).toContain("default via 198.51.100.1 proto 80");
    await daemon.kill("SIGTERM");
  });
});

/** The states of a search in which more than one question was out. */
function askedAgain(states: readonly WanState[]): readonly WanState[] {
  return states.filter(({ session }) => session.kind === "selecting" && session.attempts > 1);
}

describe("Orange's options as Kea reads them", () => {
  let home: Neighbourhood;
  beforeAll(() => {
    home = new Neighbourhood("c");
  });
  afterAll(() => home.dispose());
  const credentials = { login: "fti/xxxxxxx", password: "xxxxxxx" };
  const orange: WanConfig = { ...config, profile: "orange-fr", credentials };
  const header = `0x${"00".repeat(11)}1a0900000558010341010d`;
  const test = [
    "option[60].hex == 'sagem'",
    "option[77].hex == 0x2b46535644534c5f6c697665626f782e496e7465726e65742e736f66746174686f6d652e4c697665626f7836",
    `substring(option[90].hex, 0, 22) == ${header}`,
    "substring(option[90].hex, 22, 11) == 'fti/xxxxxxx'",
    "substring(option[90].hex, 33, 2) == 0x3c12 and substring(option[90].hex, 51, 2) == 0x0313",
    "option[61].exists and not option[12].exists and not option[57].exists",
  ].join(" and ");

  it("are granted a lease, and not when the login is another", async () => {
    await home.serveKea(test);
    const right = home.start(orange);
    await right.until("bound", ({ session }) => session.kind === "bound");
    expect(home.addresses()).toHaveLength(1);
    await right.kill("SIGTERM");
    const wrong = home.start({ ...orange, credentials: { ...credentials, login: "fti/yyyyyyy" } });
    await wrong.until("no answer", ({ cause }) => cause?.code === "no_answer", 25_000);
    // Another client: the address of the first one went away with it.
    expect(home.addresses()).toEqual([]);
    await wrong.kill("SIGTERM");
  });
});

describe("renewal", () => {
  let home: Neighbourhood;
  beforeAll(async () => {
    home = new Neighbourhood("b");
    await home.serve(RANGE, [3, 8]);
  });
  afterAll(() => home.dispose());

  it("renews by unicast with CS6, and starts again where the operator says NAK", async () => {
    const daemon = home.start(config);
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    const [before] = home.addresses();
    const tcpdump = home.watch(home.operator, [
      ...["tcpdump", "-l", "-n", "-v", "-i", "line", "udp", "dst", "port", "67"],
    ]);
    // The operator may answer faster than anybody looks: what was is in the log.
    const wentOver = (to: string) => (): boolean =>
      daemon.log.some(
        (line) => line.includes(`"to":"${to}"`) && line.includes('"layer":"session"'),
      );
    await daemon.until("renewing", wentOver("renewing"));
    await daemon.until("renewed", ({ session }) => session.kind === "bound");
    expect(home.addresses()).toEqual([before]);
    await sleep(300);
    await tcpdump.stop();
    const seen = tcpdump.lines.join("\n");
    expect(seen).toMatch(/tos 0xc0/);
    expect(seen).toContain(`${before?.split("/")[0]}.68 > 198.51.100.1.67`);

    await home.serve("198.51.100.70,198.51.100.79", [60, 105]);
    await daemon.until(
      "another address",
      () => home.addresses()[0]?.startsWith("198.51.100.7") === true,
    );
    expect(home.addresses()).toHaveLength(1);
    await daemon.until("online", ({ reach }) => reach.kind === "online");
    expect(daemon.log.join("\n")).toContain("refused_nak");
    await daemon.kill("SIGTERM");
  });
});
