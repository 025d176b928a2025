import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type Gateway, openForBusiness, serve, startGateway, talk } from "./lab/gateway.ts";
import { sleep, until } from "./lab/hosts.ts";
import { ADDRESS, createNeighbourhood, MAC, type Neighbourhood } from "./lab/neighbourhood.ts";

let n: Neighbourhood;
let gateway: Gateway;

beforeAll(async () => {
  n = await createNeighbourhood();
  gateway = await startGateway(n.gw);
  await openForBusiness(n, gateway);
  await serve(n.wan, 7000);
  await serve(n.lan1, 80, 7001, 7002, 7003);
  await serve(n.lan2, 80, 7002, 9999);
  await serve(n.guest, 80);
  // Something to hide: services of the router itself, on every address.
  await serve(n.gw, 22, 53, 80, 123, 443, 1883, 7009);
});
afterAll(() => n.hosts.end());

describe("the way out", () => {
  test("LAN and guests reach the Internet under the WAN's address", async () => {
    for (const host of [n.lan1, n.lan2, n.guest]) {
      expect(await ask(host, "tcp", ADDRESS.internet, 7000)).toBe(ADDRESS.gwWan);
      expect(await ask(host, "udp", ADDRESS.wan, 7000)).toBe(ADDRESS.gwWan);
    }
  });
  test("IPv6 goes out under its own address", async () => {
    expect(await ask(n.lan1, "tcp", ADDRESS.wan6, 7000)).toBe(ADDRESS.lan1v6);
  });
  test("private destinations that aren't here are refused at once, not leaked", async () => {
    expect(await ask(n.lan1, "tcp", "10.9.9.9", 80)).toBe("refused");
    expect(await ask(n.lan1, "tcp", "192.168.77.1", 80)).toBe("refused");
  });
  test("MSS follows the smaller MTU of the line, both ways", async () => {
    await n.gw.must(["ip", "link", "set", "wan0", "mtu", "1492"]);
    const capture = n.wan.run([
      "timeout",
      "4",
      "tcpdump",
      "-c",
      "2",
      "-nvi",
      "eth0",
      "tcp port 7000 and tcp[tcpflags] & tcp-syn != 0",
    ]);
    const inside = n.lan1.run([
      "timeout",
      "4",
      "tcpdump",
      "-c",
      "2",
      "-nvi",
      "eth0",
      "tcp port 7000 and tcp[tcpflags] & tcp-syn != 0",
    ]);
    await sleep(500);
    await ask(n.lan1, "tcp", ADDRESS.internet, 7000);
    const [out, back] = [(await capture).stdout, (await inside).stdout];
    await n.gw.must(["ip", "link", "set", "wan0", "mtu", "1500"]);
    expect(out).toMatch(/Flags \[S\].*mss 1452/);
    expect(back).toMatch(/Flags \[S\.\].*mss 1452/);
  });
});

describe("the router itself", () => {
  test("S-02 LAN: DNS, the page, the clock, and nothing else listens to it", async () => {
    expect(await ask(n.lan1, "udp", ADDRESS.gwLan, 53)).toBe(ADDRESS.lan1);
    expect(await ask(n.lan1, "tcp", ADDRESS.gwLan, 53)).toBe(ADDRESS.lan1);
    for (const port of [80, 443])
      expect(await ask(n.lan1, "tcp", ADDRESS.gwLan, port)).toBe(ADDRESS.lan1);
    expect(await ask(n.lan1, "udp", ADDRESS.gwLan, 123)).toBe(ADDRESS.lan1);
    for (const port of [22, 123, 1883, 7009]) {
      expect(await ask(n.lan1, "tcp", ADDRESS.gwLan, port)).toBe("refused");
    }
    expect((await n.lan1.run(["ping", "-c1", "-W1", ADDRESS.gwLan])).code).toBe(0);
  });
  test("S-05 the LAN doesn't reach the router by its WAN addresses", async () => {
    for (const address of [ADDRESS.gwWan, ADDRESS.gwWan6]) {
      expect(await ask(n.lan1, "tcp", address, 80)).toBe("refused");
      expect(await ask(n.lan1, "tcp", address, 53)).toBe("refused");
    }
  });
  test("a declared service opens for its zone only", async () => {
    const services = [{ name: "ssh", zone: "lan", protocol: "tcp", port: 22 }] as const;
    expect(await gateway.configure({ services: [...services] })).toMatchObject({ ok: true });
    expect(await ask(n.lan1, "tcp", ADDRESS.gwLan, 22)).toBe(ADDRESS.lan1);
    expect(await ask(n.guest, "tcp", ADDRESS.gwGuest, 22)).toBe("none");
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 22)).toBe("none");
    await gateway.configure({});
  });
});

describe("guests", () => {
  test("S-04 reach DNS and ping of the router, no other service, no other network", async () => {
    expect(await ask(n.guest, "udp", ADDRESS.gwGuest, 53)).toBe(ADDRESS.guest);
    expect((await n.guest.run(["ping", "-c1", "-W1", ADDRESS.gwGuest])).code).toBe(0);
    expect(await ask(n.guest, "tcp", ADDRESS.gwGuest, 80)).toBe("none");
    expect(await ask(n.guest, "tcp", ADDRESS.gwLan, 53)).toBe("none");
    expect(await ask(n.guest, "tcp", ADDRESS.lan1, 80)).toBe("refused");
    expect(await ask(n.guest, "udp", ADDRESS.lan1, 7001)).toBe("refused");
    expect((await n.guest.run(["ping", "-c1", "-W1", ADDRESS.lan1])).code).not.toBe(0);
    // The other way round, so that "nobody answers" isn't what made the lines above true.
    expect(await ask(n.lan2, "tcp", ADDRESS.lan1, 80)).toBe(ADDRESS.lan2);
  });
});

describe("forwards", () => {
  const forwards = [
    { id: "web", enabled: true, protocol: "tcp", port: 8080, to: ADDRESS.lan1, toPort: 80 },
    { id: "both", enabled: true, protocol: "both", port: 7001, to: ADDRESS.lan1 },
    { id: "range", enabled: true, protocol: "udp", port: 7002, portLast: 7003, to: ADDRESS.lan1 },
    {
      id: "few",
      enabled: true,
      protocol: "tcp",
      port: 8081,
      to: ADDRESS.lan1,
      toPort: 80,
      source: "93.184.216.0/24",
    },
  ] as const;
  beforeAll(async () => {
    expect(await gateway.configure({ forwards: [...forwards] })).toMatchObject({ ok: true });
  });
  afterAll(() => gateway.configure({}));

  test("from the WAN, and the device sees who calls", async () => {
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 8080)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 7001)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "udp", ADDRESS.gwWan, 7001)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "udp", ADDRESS.gwWan, 7002)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "udp", ADDRESS.gwWan, 7003)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 7002)).toBe("none");
  });
  test("hairpin: from the LAN to the WAN address, also the device to itself", async () => {
    expect(await ask(n.lan2, "tcp", ADDRESS.gwWan, 8080)).toBe(ADDRESS.gwLan);
    expect(await ask(n.lan1, "udp", ADDRESS.gwWan, 7001)).toBe(ADDRESS.gwLan);
  });
  test("guests have no part in it", async () => {
    expect(await ask(n.guest, "tcp", ADDRESS.gwWan, 8080)).toBe("none");
  });
  test("a source that wasn't named gets silence", async () => {
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 8081)).toBe("none");
  });
  test("the published openings are these", () => {
    const openings = gateway.heard("state").at(-1)?.value.openings;
    expect(openings).toContainEqual({
      ...{ id: "range", protocol: "udp", port: 7002, portLast: 7003 },
      ...{ to: ADDRESS.lan1, toPort: 7002, owner: "person" },
    });
    expect(openings).toHaveLength(5);
  });
  test("a DMZ host gets what nothing else takes", async () => {
    await gateway.configure({ forwards: [...forwards], dmz: ADDRESS.lan2 });
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 9999)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "udp", ADDRESS.gwWan, 9999)).toBe(ADDRESS.wan);
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 8080)).toBe(ADDRESS.wan);
    await n.lan1.must(["true"]);
    const before = await n.gw.must(["nft", "list", "chain", "inet", "passerelle", "forwards"]);
    expect(before.indexOf("dmz")).toBeGreaterThan(before.indexOf("forward few"));
    await gateway.configure({});
    expect(await ask(n.wan, "tcp", ADDRESS.gwWan, 9999)).toBe("none");
  });
});

test("a removed opening ends what it let in, both ways; the others go on", async () => {
  const { lan1, lan2, gwWan, internet } = ADDRESS;
  const kept = { id: "kept", enabled: true, protocol: "both", port: 7001, to: lan1 } as const;
  const forwards = [
    kept,
    { id: "web", enabled: true, protocol: "tcp", port: 8080, to: lan1, toPort: 80 },
    // The same port inside: a device that goes on sending can't bring such a connection back.
    { id: "plain", enabled: true, protocol: "tcp", port: 7002, to: lan1 },
    { id: "range", enabled: true, protocol: "udp", port: 7002, portLast: 7003, to: lan1 },
  ] as const;
  await gateway.configure({ forwards: [...forwards], dmz: lan2 });
  const kinds = {
    web: talk(n.wan, "tcp", gwWan, 8080),
    plain: talk(n.wan, "tcp", gwWan, 7002),
    range: talk(n.wan, "udp", gwWan, 7003),
    dmz: talk(n.wan, "tcp", gwWan, 9999),
    dmzUdp: talk(n.wan, "udp", gwWan, 9999),
    hairpin: talk(n.lan2, "tcp", gwWan, 8080),
    kept: talk(n.wan, "tcp", gwWan, 7001),
    keptUdp: talk(n.wan, "udp", gwWan, 7001),
    keptHairpin: talk(n.lan2, "tcp", gwWan, 7001),
    out: talk(n.lan1, "tcp", internet, 7000),
  };
  type Kind = keyof typeof kinds;
  const all = Object.keys(kinds) as Kind[];
  const alive = async () => {
    const before = all.map((kind) => kinds[kind].answers());
    await sleep(700);
    return all.filter((kind, i) => kinds[kind].answers() > (before[i] ?? 0));
  };
  await until("all talk", () => all.every((kind) => kinds[kind].answers() > 5) || undefined);
  // A forward more, and the same ones again: nobody is cut.
  const more = { id: "more", enabled: true, protocol: "tcp", port: 8082, to: lan1 } as const;
  await gateway.configure({ forwards: [more, ...forwards], dmz: lan2 });
  expect(await alive()).toEqual(all);
  await gateway.configure({ forwards: [kept] });
  await sleep(100);
  expect(await alive()).toEqual(["kept", "keptUdp", "keptHairpin", "out"]);
  // Told so, and not left to wait.
  for (const kind of ["web", "plain", "dmz", "hairpin"] as const) {
    await until(`${kind} is reset`, () => kinds[kind].ended() || undefined);
  }
  await gateway.configure({ forwards: [{ ...kept, to: lan2 }] });
  await sleep(100);
  expect(await alive()).toEqual(["out"]);
  await gateway.configure({});
});

test("a block by hardware address stops what is open, both ways, and ends", async () => {
  const tcp = talk(n.lan1, "tcp", ADDRESS.internet, 7000);
  const udp = talk(n.lan1, "udp", ADDRESS.wan, 7000);
  await until("both talk", () => (tcp.answers() > 5 && udp.answers() > 5) || undefined);
  await gateway.configure({ blocked: [MAC.lan1] });
  await sleep(100);
  const before = [tcp.answers(), udp.answers()];
  await sleep(700);
  expect([tcp.answers(), udp.answers()]).toEqual(before);
  expect(await ask(n.lan1, "tcp", ADDRESS.internet, 7000)).toBe("refused");
  expect(await ask(n.lan2, "tcp", ADDRESS.internet, 7000)).toBe(ADDRESS.gwWan);
  expect(await ask(n.lan1, "udp", ADDRESS.gwLan, 53)).toBe(ADDRESS.lan1);
  expect(gateway.heard("state").at(-1)?.value.blockedDevices).toEqual([MAC.lan1]);
  await gateway.configure({});
  await until("UDP goes on", () => udp.answers() > (before[1] ?? 0) + 5 || undefined);
});
