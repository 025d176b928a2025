import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type WanState, wanReconnect, wanState } from "@passerelle/contract";
import { encodeEthernet } from "@passerelle/ether";
import { createFakeNetlink } from "@passerelle/netlink";
import { createFakeLine } from "@passerelle/platform-line";
import {
  createFakePpp,
  ETHERTYPE_PPPOE_DISCOVERY,
  type PppChannel,
} from "@passerelle/platform-ppp";
import { decodePppoe, PPPOE_CODE, type PppInput } from "@passerelle/ppp";
import { Operator } from "@passerelle/ppp/testing";
import { createFakeProcesses } from "@passerelle/process";
import { settle, testContext } from "@passerelle/service/testing";
import { createFakeNetwork } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import { expect, it, onTestFinished } from "vitest";
import type { WanConfig } from "../../src/config.ts";
import { PPP_NAME } from "../../src/edge/ppp-session.ts";
import { wanService } from "../../src/service.ts";
import { ip, MAC, mac } from "../fixtures.ts";

const AC = mac("00:00:5e:00:53:01");
const config: WanConfig = {
  ...{ interface: "wan", profile: "generic-pppoe", link: "untagged", mac: "own" },
  credentials: { login: "line@isp.test", password: "secret" },
  health: { names: ["web.internet.test"] },
};

/** A neighbourhood in memory: kernel, cable, and a concentrator on it that opens sessions in its own kernel. */
class Neighbourhood {
  readonly netlink = createFakeNetlink();
  readonly card = this.netlink.addCard("wan", MAC);
  readonly ppp = createFakePpp({
    made: (name) => this.netlink.addCard(name, MAC),
    gone: (index) => this.netlink.pullCard(index),
  });
  readonly codes: number[] = [];
  readonly #network = createFakeNetwork({ delivery: "microtask" });
  readonly #box = this.#network.addHost("box");
  readonly #isp = this.#network.addHost("isp");
  readonly #operator = new Operator({ auth: "chap", passwordGood: true, ipv4: true, ipv6: true });
  #channel: PppChannel | undefined;
  readonly service = wanService({
    ...{
      netlink: () => this.netlink,
      sockets: () => this.#box.sockets,
      ppp: () => this.ppp,
      processes: createFakeProcesses,
      line: () => createFakeLine(),
    },
  });

  constructor() {
    this.#box.addInterface({ name: "wan", segment: "line", mac: MAC });
    this.#isp.addInterface({ name: "eth0", segment: "line", mac: AC });
    this.ppp.addCable({ name: "wan", mac: MAC }, { name: "eth0", mac: AC });
    const opened = this.#isp.sockets.openPacket({
      ...{ interface: "eth0", etherType: ETHERTYPE_PPPOE_DISCOVERY },
    });
    if (!opened.ok) throw new Error(opened.error.text);
    opened.value.onFrame(({ bytes }) => {
      const payload = bytes.slice(14);
      this.codes.push(payload[1] ?? 0);
      for (const answer of this.#operator.discovery(payload)) {
        if (answer.kind !== "discovery_frame") continue;
        this.#open(answer.payload);
        const frame = { destination: MAC, source: AC, etherType: ETHERTYPE_PPPOE_DISCOVERY };
        opened.value.send(encodeEthernet({ ...frame, payload: answer.payload }));
      }
    });
  }

  /** The concentrator says what it has to say, and the cables carry it. */
  pump(): void {
    for (const said of this.#operator.speak()) this.#say(said);
    this.ppp.pump();
  }

  #open(payload: Uint8Array): void {
    const pads = decodePppoe(payload);
    if (!pads.ok || pads.value.code !== PPPOE_CODE.PADS) return;
    this.#channel?.close();
    const { sessionId } = pads.value;
    const opened = this.ppp.open({
      interface: "eth0",
      peer: MAC,
      sessionId,
      name: `s${sessionId}`,
    });
    if (!opened.ok) return;
    this.#channel = opened.value;
    opened.value.onPacket((protocol, bytes) => {
      for (const answer of this.#operator.packet(protocol, bytes.slice())) this.#say(answer);
    });
  }

  #say(said: PppInput): void {
    if (said.kind === "packet") this.#channel?.send(said.protocol, said.payload);
  }
}

function started(home = new Neighbourhood(), before?: ReturnType<typeof testContext<WanConfig>>) {
  const context = testContext<WanConfig>({
    ...{ config, client: "wan" },
    // Another life in the same boot.
    ...(before === undefined ? {} : { stateDirectory: before.stateDirectory, clock: before.clock }),
  });
  onTestFinished(() => context.dispose());
  let state: WanState | undefined;
  const person = context.hub.client("web");
  person.subscribe(wanState, (value) => {
    state = value;
  });
  const wait = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 100) {
      await context.clock.advance(milliseconds(100));
      for (let turn = 0; turn < 4; turn += 1) {
        home.pump();
        await settle();
      }
    }
  };
  return { home, context, person, state: () => state, wait };
}

async function networkOf({ netlink }: Neighbourhood) {
  const links = await netlink.links();
  const addresses = await netlink.addresses();
  const routes = await netlink.routes({ family: 4 });
  if (!links.ok || !addresses.ok || !routes.ok) throw new Error("the fake kernel does not answer");
  const index = links.value.find((one) => one.name === PPP_NAME)?.index;
  return {
    isThere: index !== undefined,
    addresses: addresses.value
      .filter(({ interfaceIndex }) => index !== undefined && interfaceIndex === index)
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
      .sort()
      .reverse(),
    hasDefaultRoute: routes.value.some(
      ({ interfaceIndex, destination }) => interfaceIndex === index && destination === undefined,
    ),
  };
}

it("opens a session, gives it its addresses and the default route, and says so", async () => {
  const { home, context, state, wait } = started();
  const running = await home.service.start(context);
  await wait(2000);
  expect(state()).toMatchObject({
    ...{ interface: PPP_NAME, port: "wan", access: { kind: "up" } },
    session: { kind: "connected", address: "203.0.113.7/32", gateway: "198.51.100.1" },
  });
  expect(await networkOf(home)).toEqual({
    isThere: true,
    addresses: ["fe80::ff:fe00:1/64", `${ip("203.0.113.7")}/32`],
    hasDefaultRoute: true,
  });
  const [channel] = home.ppp.channels.filter(({ name }) => name === PPP_NAME);
  expect(channel?.settings).toMatchObject({ mtu: 1492 });
  const files =
    JSON.stringify(running.dump?.()) +
    readFileSync(join(context.stateDirectory, "session.json"), "utf8");
  expect(files).not.toContain("secret");
  await running.stop();
  expect((await networkOf(home)).isThere).toBe(true);
});

it("goes on with a session of its earlier life, which neither side notices", async () => {
  const first = started();
  const before = await first.home.service.start(first.context);
  await first.wait(2000);
  const [channel] = first.home.ppp.channels.filter(({ name }) => name === PPP_NAME);
  await before.stop();
  first.home.codes.length = 0;
  const again = started(first.home, first.context);
  const running = await first.home.service.start(again.context);
  await again.wait(10_000);
  expect(first.home.codes).toEqual([]);
  expect(again.state()).toMatchObject({
    session: { kind: "connected", address: "203.0.113.7/32", concentrator: "bras" },
  });
  expect(first.home.ppp.channels).toContain(channel);
  expect((await networkOf(first.home)).addresses).toHaveLength(2);
  await running.stop();
});

it("another line ends the session of the one before for good", async () => {
  const { home, context, wait } = started();
  const running = await home.service.start(context);
  await wait(2000);
  home.codes.length = 0;
  await running.reconfigure({ ...config, profile: "generic-dhcp" });
  await wait(500);
  expect(home.codes).toEqual([PPPOE_CODE.PADT]);
  expect(await networkOf(home)).toMatchObject({ isThere: false });
  expect(existsSync(join(context.stateDirectory, "session.json"))).toBe(false);
  await running.stop();
});

it("another question to the Internet leaves the session alone", async () => {
  const { home, context, state, wait } = started();
  const running = await home.service.start(context);
  await wait(2000);
  home.codes.length = 0;
  await running.reconfigure({ ...config, health: { names: ["other.test"] } });
  await wait(2000);
  expect(home.codes).toEqual([]);
  expect(state()?.session.kind).toBe("connected");
  await running.stop();
});

it("ends at its next start a session that nobody held for it", async () => {
  const first = started();
  const before = await first.home.service.start(first.context);
  await first.wait(2000);
  const kept = join(first.context.stateDirectory, "session.json");
  expect(existsSync(kept)).toBe(true);
  await before.stop();
  for (const one of first.home.ppp.channels.filter(({ name }) => name === PPP_NAME)) one.close();
  first.home.codes.length = 0;
  const again = started(first.home, first.context);
  const running = await first.home.service.start(again.context);
  await again.wait(2000);
  expect(first.home.codes.slice(0, 2)).toEqual([PPPOE_CODE.PADT, PPPOE_CODE.PADI]);
  expect(again.state()?.session.kind).toBe("connected");
  await running.stop();
});

it("dials again when a person asks, and leaves nothing of the session before", async () => {
  const { home, context, person, state, wait } = started();
  const running = await home.service.start(context);
  await wait(2000);
  const answer = await person.request(wanReconnect, {});
  expect(answer.ok).toBe(true);
  await wait(3000);
  expect(state()?.session.kind).toBe("connected");
  expect(home.ppp.channels.filter(({ name }) => name === PPP_NAME)).toHaveLength(1);
  expect((await networkOf(home)).addresses).toHaveLength(2);
  await running.stop();
});

it("says of a kernel without PPP that it cannot carry the session", async () => {
  const { home, context, state, wait } = started();
  home.ppp.refuse("ENXIO");
  const running = await home.service.start(context);
  await wait(2000);
  expect(state()?.cause?.code).toBe("no_kernel_ppp");
  await running.stop();
});

it("goes with the cable, and comes back with it", async () => {
  const { home, context, state, wait } = started();
  const running = await home.service.start(context);
  await wait(2000);
  home.netlink.setCarrier(home.card, false);
  await wait(500);
  expect(state()?.cause?.code).toBe("no_carrier");
  expect((await networkOf(home)).isThere).toBe(false);
  home.netlink.setCarrier(home.card, true);
  await wait(3000);
  expect(state()?.session.kind).toBe("connected");
  await running.stop();
});
