import type { Mac } from "@passerelle/net";
import type { PppInput } from "@passerelle/ppp";
import { err, ok, type Result } from "@passerelle/result";
import { createFakeNetwork, type SocketError } from "@passerelle/sockets";
import { describe, expect, it } from "vitest";
import {
  createFakePpp,
  ETHERTYPE_PPPOE_DISCOVERY,
  openPppoeDiscovery,
  PppEdge,
  type PppoeDiscovery,
} from "../src/index.ts";

const HERE = { name: "wan0", mac: "02:00:5e:00:53:01" as Mac };
const THERE = { name: "port", mac: "02:00:5e:00:53:02" as Mac };
const SESSION = { peer: THERE.mac, sessionId: 7 };
const LCP = 0xc021;
const IPCP = 0x8021;

class HandDiscovery implements PppoeDiscovery {
  readonly sent: string[] = [];
  handler: (source: Mac, payload: Uint8Array) => void = () => {};
  isClosed = false;

  onFrame(handler: (source: Mac, payload: Uint8Array) => void): void {
    this.handler = handler;
  }
  send(destination: Mac, payload: Uint8Array): Result<void, SocketError> {
    this.sent.push(`${destination} ${payload.join(",")}`);
    return this.isClosed ? err({ code: "EBADF", text: "closed" }) : ok(undefined);
  }
  close(): void {
    this.isClosed = true;
  }
}

function setUp() {
  const platform = createFakePpp();
  platform.addCable(HERE, THERE);
  const discovery = new HandDiscovery();
  const inputs: PppInput[] = [];
  const feed = (input: PppInput): void => void inputs.push(input);
  const edge = new PppEdge({ platform, discovery, interface: HERE.name, name: "ppp-wan", feed });
  const concentrator = () => {
    const there = { interface: THERE.name, peer: HERE.mac, name: "ppp-there" };
    const opened = platform.open({ ...SESSION, ...there });
    if (!opened.ok) throw new Error(opened.error.text);
    return opened.value;
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { platform, discovery, inputs, edge, concentrator, turn };
}

describe("the hands of a line", () => {
  it("send discovery, and tell what comes, with octets of its own", () => {
    const { discovery, inputs, edge } = setUp();
    edge.run({ kind: "send_discovery", destination: THERE.mac, payload: Uint8Array.of(1, 2) });
    const octets = Uint8Array.of(3);
    discovery.handler(THERE.mac, octets);
    octets[0] = 9;
    expect(discovery.sent).toEqual([`${THERE.mac} 1,2`]);
    const payload = Uint8Array.of(3);
    expect(inputs).toEqual([{ kind: "discovery_frame", source: THERE.mac, payload }]);
  });

  it("open, configure and close the channel, and carry its packets", () => {
    const { platform, inputs, edge, concentrator } = setUp();
    const there = concentrator();
    const heard: string[] = [];
    there.onPacket((protocol, payload) => void heard.push(`${protocol} ${payload.join(",")}`));
    // Before there is a session nothing is sent, and nothing throws.
    edge.run({ kind: "send_packet", protocol: LCP, payload: Uint8Array.of(0) });
    edge.run({ kind: "open_channel", session: SESSION });
    edge.run({ kind: "send_packet", protocol: LCP, payload: Uint8Array.of(1) });
    edge.run({ kind: "configure_link", mtu: 1480, mru: 1492 });
    there.send(IPCP, Uint8Array.of(2));
    platform.pump();
    expect(heard).toEqual([`${LCP} 1`]);
    expect(inputs).toEqual([{ kind: "packet", protocol: IPCP, payload: Uint8Array.of(2) }]);
    const mine = platform.channels.find(({ name }) => name === "ppp-wan");
    expect(mine?.settings).toMatchObject({ mtu: 1480, mru: 1492 });
    edge.run({ kind: "close_channel" });
    expect(edge.channel).toBe(undefined);
    expect(platform.channels.map(({ name }) => name)).toEqual(["ppp-there"]);
  });

  it("say that the kernel refused, and work again when it does", () => {
    const { platform, inputs, edge } = setUp();
    platform.refuse("ENXIO");
    edge.run({ kind: "open_channel", session: SESSION });
    expect(inputs).toEqual([{ kind: "channel_failed" }]);
    platform.refuse(undefined);
    edge.run({ kind: "open_channel", session: SESSION });
    edge.run({ kind: "open_channel", session: { ...SESSION, sessionId: 8 } });
    expect(platform.channels.map(({ options }) => options.sessionId)).toEqual([8]);
  });

  it("say that the kernel ended the session, unless its reason was quicker", async () => {
    const { platform, inputs, edge, turn } = setUp();
    edge.run({ kind: "open_channel", session: SESSION });
    platform.end({ ...SESSION, interface: HERE.name });
    platform.pump();
    expect(inputs).toEqual([]);
    await turn();
    expect(inputs).toEqual([{ kind: "channel_ended" }]);
    edge.run({ kind: "close_channel" });
    edge.run({ kind: "open_channel", session: SESSION });
    platform.end({ ...SESSION, interface: HERE.name });
    platform.pump();
    edge.run({ kind: "close_channel" });
    await turn();
    expect(inputs.length).toBe(1);
  });

  it("hear the session by its counters, once for each look that finds something", () => {
    const { platform, inputs, edge } = setUp();
    edge.listen();
    edge.run({ kind: "open_channel", session: SESSION });
    edge.listen();
    expect(inputs).toEqual([]);
    platform.channels[0]?.received(3);
    edge.listen();
    edge.listen();
    platform.channels[0]?.received(1);
    edge.listen();
    expect(inputs).toEqual([{ kind: "heard" }, { kind: "heard" }]);
    // A new session counts from nothing: as many packets as the old one had are news.
    edge.run({ kind: "open_channel", session: SESSION });
    platform.channels[0]?.received(4);
    edge.listen();
    expect(inputs.length).toBe(3);
    edge.close();
    expect(platform.channels).toEqual([]);
  });
});

describe("discovery's frames", () => {
  it("are of its type, to one station, without header and padding of the socket's", () => {
    const network = createFakeNetwork();
    const host = network.addHost("box");
    const addresses: never[] = [];
    for (const { name, mac } of [HERE, THERE])
      host.addInterface({ name, segment: "w", mac, addresses });
    const options = { etherType: ETHERTYPE_PPPOE_DISCOVERY, interface: THERE.name };
    const there = host.sockets.openPacket(options);
    const here = openPppoeDiscovery(host.sockets, { interface: HERE.name, address: HERE.mac });
    if (!there.ok || !here.ok) throw new Error("could not open");
    const frames: Uint8Array[] = [];
    const heard: string[] = [];
    there.value.onFrame(({ bytes }) => void frames.push(bytes.slice()));
    here.value.onFrame((source, payload) => void heard.push(`${source} ${payload.join(",")}`));
    expect(here.value.send(THERE.mac, Uint8Array.of(0x11, 9)).ok).toBe(true);
    network.pump();
    const sent = frames[0] ?? new Uint8Array(0);
    expect(Buffer.from(sent).toString("hex")).toBe("02005e00530202005e00530188631109");
    const answer = sent.slice();
    answer.set(sent.subarray(6, 12));
    answer.set(sent.subarray(0, 6), 6);
    there.value.send(answer);
    // To all: no concentrator does that to a client.
    answer.fill(0xff, 0, 6);
    there.value.send(answer);
    network.pump();
    expect(heard).toEqual([`${THERE.mac} 17,9`]);
    here.value.close();
    expect(here.value.send(THERE.mac, Uint8Array.of(1)).ok).toBe(false);
    const nowhere = openPppoeDiscovery(host.sockets, { interface: "no", address: HERE.mac });
    expect(nowhere.ok).toBe(false);
  });
});
