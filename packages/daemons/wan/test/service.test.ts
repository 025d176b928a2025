import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  lanState,
  type WanState,
  wanHistory,
  wanReconnect,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import { MESSAGE_TYPE, messageTypeOf } from "@passerelle/dhcpv4";
import {
  decodeEthernet,
  decodeUdpPacket,
  ETHERTYPE_IPV4,
  encodeEthernet,
  encodeUdpPacket,
} from "@passerelle/ether";
import { IPV4_BROADCAST, MAC_BROADCAST } from "@passerelle/net";
import { createFakeNetlink, vlanOf } from "@passerelle/netlink";
import { createFakeLine } from "@passerelle/platform-line";
import { createFakePpp } from "@passerelle/platform-ppp";
import { createFakeProcesses } from "@passerelle/process";
import { err } from "@passerelle/result";
import { settle, testContext } from "@passerelle/service/testing";
import { createFakeNetwork, type PacketSocket, udpPortFilter } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import { describe, expect, it, onTestFinished } from "vitest";
import type { WanConfig } from "../src/config.ts";
import { wanService } from "../src/service.ts";
import { decoded, ip, MAC, reply } from "./fixtures.ts";

const SERVER = ip("198.51.100.1");
const config: WanConfig = {
  interface: "wan",
  profile: "bouygues-fr",
  link: "untagged",
  mac: "own",
  health: { names: ["web.internet.test"] },
};

/** A neighbourhood in memory: kernel, wire, and a DHCP server that answers what it is told to. */
function neighbourhood(carrier = "wan", address = "198.51.100.10") {
  const netlink = createFakeNetlink();
  const card = netlink.addCard("wan", MAC);
  const network = createFakeNetwork({ delivery: "microtask" });
  const box = network.addHost("box");
  const wire = box.addInterface({ name: carrier, segment: "line", mac: MAC });
  const isp = network.addHost("isp");
  isp.addInterface({ name: "eth0", segment: "line", addresses: [SERVER] });
  const programs = createFakeProcesses();
  const server = { mode: "grant" as "grant" | "nak" | "silent", seen: [] as number[] };
  const opened = isp.sockets.openPacket({
    interface: "eth0",
    etherType: ETHERTYPE_IPV4,
    filter: udpPortFilter(67),
  });
  if (!opened.ok) throw new Error(opened.error.text);
  const socket: PacketSocket = opened.value;
  socket.onFrame((frame) => {
    const ethernet = decodeEthernet(frame.bytes);
    const packet = ethernet.ok ? decodeUdpPacket(ethernet.value.payload) : ethernet;
    if (!packet.ok) return;
    const request = decoded(packet.value.payload);
    const type = messageTypeOf(request) ?? 0;
    server.seen.push(type);
    if (server.mode === "silent") return;
    const answer =
      type === MESSAGE_TYPE.DHCPDISCOVER
        ? MESSAGE_TYPE.DHCPOFFER
        : server.mode === "nak"
          ? MESSAGE_TYPE.DHCPNAK
          : MESSAGE_TYPE.DHCPACK;
    const payload = reply(answer, { xid: request.xid, lease: 120, address });
    const udp = { source: SERVER, sourcePort: 67, destinationPort: 68, payload };
    socket.send(
      encodeEthernet({
        destination: MAC_BROADCAST,
        source: isp.interfaces[1]?.mac ?? MAC,
        etherType: ETHERTYPE_IPV4,
        payload: encodeUdpPacket({ ...udp, destination: IPV4_BROADCAST }),
      }),
    );
  });
  const processes = () => programs;
  const service = wanService({
    ...{ netlink: () => netlink, sockets: () => box.sockets, ppp: createFakePpp, processes },
    line: () => createFakeLine(),
  });
  return { netlink, card, wire, server, service, programs };
}

async function addressesOf(netlink: ReturnType<typeof createFakeNetlink>): Promise<string[]> {
  const listed = await netlink.addresses(4);
  return listed.ok ? listed.value.map((one) => String(one.address)) : [];
}

async function linkCalled(name: string, netlink: ReturnType<typeof createFakeNetlink>) {
  const links = await netlink.links();
  const link = links.ok ? links.value.find((one) => one.name === name) : undefined;
  if (link === undefined) throw new Error(`no link ${name}`);
  return link;
}

function started(
  home = neighbourhood(),
  given: Partial<Parameters<typeof testContext<WanConfig>>[0]> = {},
) {
  const context = testContext<WanConfig>({ config, ...given, client: "wan" });
  onTestFinished(() => context.dispose());
  let state: WanState | undefined;
  context.hub.client("web").subscribe(wanState, (value) => {
    state = value;
  });
  return { home, context, state: () => state, start: () => home.service.start(context) };
}

async function quiet(context: { clock: { advance(by: never): Promise<void> } }): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await settle();
  await context.clock.advance(0 as never);
  for (let turn = 0; turn < 8; turn += 1) await settle();
}

describe("the wan service", () => {
  it("raises the interface, gets a lease, sets address and route, stores it, publishes it", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    expect(state()?.session).toMatchObject({ kind: "bound", address: "198.51.100.10/24" });
    expect(state()?.access.kind).toBe("up");
    expect(await addressesOf(home.netlink)).toEqual([String(ip("198.51.100.10"))]);
    const routes = await home.netlink.routes({ family: 4 });
    expect(routes.ok && routes.value.some((one) => one.gateway === SERVER)).toBe(true);
    const file = join(context.stateDirectory, "lease.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain("password");
    await running.stop();
    expect(await addressesOf(home.netlink)).toEqual([String(ip("198.51.100.10"))]);
    expect(home.server.seen).toEqual([MESSAGE_TYPE.DHCPDISCOVER, MESSAGE_TYPE.DHCPREQUEST]);
  });

  it.each([
    ["198.51.100.10", undefined],
    ["100.64.9.9", "operator"],
    ["192.168.0.7", "router"],
  ])("says of the address %s who shares it: %s", async (address, who) => {
    const { context, state, start } = started(neighbourhood("wan", address));
    const running = await start();
    await quiet(context);
    expect(state()?.session.kind).toBe("bound");
    expect(state()?.sharedAddress).toBe(who);
    await running.stop();
  });

  it("takes a running line over without a DISCOVER, and keeps it where nobody answers", async () => {
    const home = neighbourhood();
    const first = started(home);
    await (await first.start()).stop.call(undefined).catch(() => undefined);
    const again = started(home, { stateDirectory: first.context.stateDirectory });
    const before = await home.service.start(again.context);
    await quiet(again.context);
    await before.stop();
    home.server.seen.length = 0;
    home.server.mode = "silent";
    const second = started(home, { stateDirectory: first.context.stateDirectory });
    const running = await second.start();
    await quiet(second.context);
    expect(home.server.seen).toEqual([MESSAGE_TYPE.DHCPREQUEST]);
    expect(second.state()?.session.kind).toBe("renewing");
    await second.context.clock.advance(seconds(20));
    await quiet(second.context);
    expect(second.state()?.session.kind).toBe("rebinding");
    expect(await addressesOf(home.netlink)).toHaveLength(1);
    await running.stop();
  });

  it("makes the VLAN of the profile, runs the session on it, and leaves nothing to another line", async () => {
    const home = neighbourhood("wan.100");
    const { context, state, start } = started(home, { config: { ...config, link: "profile" } });
    const running = await start();
    await quiet(context);
    expect(state()).toMatchObject({
      ...{ interface: "wan.100", port: "wan", link: { kind: "up", vlan: 100 } },
      session: { kind: "bound", address: "198.51.100.10/24" },
    });
    const vlan = vlanOf(await linkCalled("wan.100", home.netlink));
    // This operator wants no priority bits at all.
    expect(vlan).toMatchObject({ id: 100, egress: [] });
    expect(await addressesOf(home.netlink)).toEqual([String(ip("198.51.100.10"))]);

    // Somebody takes it away: it is made again, and its address with it.
    await home.netlink.deleteLink((await linkCalled("wan.100", home.netlink)).index);
    await quiet(context);
    expect(state()).toMatchObject({ link: { kind: "up" }, session: { kind: "bound" } });
    expect(await addressesOf(home.netlink)).toHaveLength(1);

    expect((await running.reconfigure(config)).ok).toBe(true);
    await quiet(context);
    await expect(linkCalled("wan.100", home.netlink)).rejects.toThrow();
    expect(await addressesOf(home.netlink)).toEqual([]);
    await running.stop();
  });

  it("tells a person whose system has no VLANs, and looks again", async () => {
    const home = neighbourhood("wan.100");
    const make = home.netlink.createVlan.bind(home.netlink);
    home.netlink.createVlan = async () => err({ code: "EOPNOTSUPP", text: "Unknown device type" });
    const { context, state, start } = started(home, { config: { ...config, link: "profile" } });
    const running = await start();
    await quiet(context);
    expect(state()?.cause?.code).toBe("vlan_refused");
    home.netlink.createVlan = make;
    await context.clock.advance(seconds(5));
    await quiet(context);
    expect(state()?.session.kind).toBe("bound");
    await running.stop();
  });

  it("removes the address at a NAK and at the end of a lease", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    home.server.mode = "nak";
    await context.clock.advance(seconds(106));
    await quiet(context);
    expect(await addressesOf(home.netlink)).toEqual([]);
    expect(state()?.cause?.code).toBe("refused_nak");
    expect(existsSync(join(context.stateDirectory, "lease.json"))).toBe(false);
    await running.stop();
  });

  it("says no_carrier and no_interface, and comes back", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    home.netlink.setCarrier(home.card, false);
    await quiet(context);
    expect(state()?.cause?.code).toBe("no_carrier");
    const asked = context.hub.client("web").request(wanReconnect, {});
    await quiet(context);
    expect(await asked).toMatchObject({ ok: false, fault: { code: "no_carrier" } });
    home.netlink.setCarrier(home.card, true);
    await quiet(context);
    expect(state()?.session.kind).toBe("bound");
    // Renamed: to us it is gone, as a USB adapter that was pulled.
    await home.netlink.setLink(home.card, { name: "other" });
    await quiet(context);
    expect(state()?.cause?.code).toBe("no_interface");
    await running.stop();
  });

  it("touches neither addresses nor routes of others on its interface", async () => {
    const home = neighbourhood();
    const theirs = { address: ip("192.168.100.2"), prefixLength: 24 };
    await home.netlink.setLink(home.card, { up: true });
    await home.netlink.addAddress({ interfaceIndex: home.card, ...theirs });
    await home.netlink.addRoute({
      family: 4,
      destination: { address: ip("192.168.101.0"), prefixLength: 24 },
      gateway: ip("192.168.100.1"),
      interfaceIndex: home.card,
      protocol: 4,
    });
    const { context, start } = started(home);
    const running = await start();
    await quiet(context);
    home.server.mode = "nak";
    await context.clock.advance(seconds(106));
    await quiet(context);
    expect(await addressesOf(home.netlink)).toEqual([String(theirs.address)]);
    const routes = await home.netlink.routes({ family: 4 });
    expect(routes.ok && routes.value.some((one) => one.protocol === 4)).toBe(true);
    await running.stop();
  });

  it("is another client with another identity: no lease and no address go over", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    home.server.seen.length = 0;
    const credentials = { login: "fti/abcdefg", password: "secret" };
    await running.reconfigure({ ...config, profile: "orange-fr", credentials });
    await quiet(context);
    expect(home.server.seen).toEqual([MESSAGE_TYPE.DHCPDISCOVER, MESSAGE_TYPE.DHCPREQUEST]);
    expect(state()?.profile).toBe("orange-fr");
    expect(JSON.stringify(context.log.lines)).not.toContain("secret");
    expect(JSON.stringify(context.reports())).not.toContain("secret");
    await running.stop();
    // The same after a restart with the former configuration: the file is of another line.
    home.server.seen.length = 0;
    const again = started(home, { stateDirectory: context.stateDirectory });
    const second = await again.start();
    await quiet(again.context);
    expect(home.server.seen).toEqual([MESSAGE_TYPE.DHCPDISCOVER, MESSAGE_TYPE.DHCPREQUEST]);
    expect(await addressesOf(home.netlink)).toHaveLength(1);
    await second.stop();
  });

  it("times by the monotonic clock: a calendar that jumps moves no lease", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    for (const wall of [0, 1_800_000_000_000 + 10 * 365 * 86_400_000, 1_700_000_000_000]) {
      context.clock.setWall(wall);
      await context.clock.advance(seconds(5));
      await quiet(context);
      expect(state()?.session.kind).toBe("bound");
      expect(await addressesOf(home.netlink)).toHaveLength(1);
    }
    // T1 of 60 s, less the fuzz.
    home.server.mode = "silent";
    await context.clock.advance(seconds(46));
    await quiet(context);
    expect(state()?.session).toMatchObject({ kind: "renewing" });
    await running.stop();
  });

  it("says so when the home moves onto the addresses of the line", async () => {
    const { context, state, start } = started();
    const running = await start();
    await quiet(context);
    context.hub.client("lan").publish(lanState, {
      kind: "serving",
      since: 0,
      networks: [
        { name: "lan", zone: "lan", bridge: "br-lan", ports: [], address: "198.51.100.200/25" },
      ],
      dns: { domain: "lan", upstreams: [], blockedNames: 0 },
      faults: [],
    });
    await quiet(context);
    expect(state()?.cause?.code).toBe("wan_lan_overlap");
    expect(state()?.session.kind).toBe("bound");
    await running.stop();
  });

  it("leaks nothing when the cable flaps a hundred times", async () => {
    const { home, context, state, start } = started();
    const running = await start();
    await quiet(context);
    const routes = async (): Promise<number> => {
      const listed = await home.netlink.routes({ family: 4 });
      return listed.ok ? listed.value.length : -1;
    };
    const [before, timers] = [await routes(), context.clock.pending];
    for (let turn = 0; turn < 100; turn += 1) {
      home.netlink.setCarrier(home.card, false);
      await settle();
      await context.clock.advance(seconds(0.1));
      home.netlink.setCarrier(home.card, true);
      await settle();
      await context.clock.advance(seconds(0.1));
    }
    await context.clock.advance(seconds(3));
    await quiet(context);
    expect(state()?.session.kind).toBe("bound");
    expect(await addressesOf(home.netlink)).toHaveLength(1);
    expect(await routes()).toBe(before);
    expect(context.clock.pending).toBeLessThanOrEqual(timers + 1);
    // One REQUEST a flap, no storm.
    expect(home.server.seen.length).toBeLessThanOrEqual(103);
    await running.stop();
  });

  it("answers reconnect, refuses a bad configuration, keeps the history", async () => {
    const { home, context, start } = started();
    const running = await start();
    await quiet(context);
    home.server.seen.length = 0;
    const asked = context.hub.client("web").request(wanReconnect, {});
    await quiet(context);
    expect(await asked).toEqual({ ok: true, data: {} });
    await quiet(context);
    expect(home.server.seen).toEqual([MESSAGE_TYPE.DHCPDISCOVER, MESSAGE_TYPE.DHCPREQUEST]);
    const refused = await running.reconfigure({ ...config, profile: "nobody" });
    expect(refused).toMatchObject({ ok: false, error: { code: "wan_config_refused" } });
    const accepted = await running.reconfigure({ ...config, health: { names: ["other.test"] } });
    expect(accepted.ok).toBe(true);
    expect(await addressesOf(home.netlink)).toHaveLength(1);
    let entries = 0;
    let resolvers: string[] = [];
    context.hub.client("web").subscribe(wanHistory, ({ transitions }) => {
      entries = transitions.length;
    });
    context.hub.client("lan").subscribe(wanResolvers, (value) => {
      resolvers = value.resolvers;
    });
    await quiet(context);
    expect(entries).toBeGreaterThan(3);
    expect(resolvers).toEqual(["203.0.113.53"]);
    expect(JSON.stringify(running.dump())).not.toContain("challenge");
    await running.stop();
  });
});
