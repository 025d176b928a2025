import {
  aliveState,
  allTopics,
  CLIENTS,
  type ClientName,
  replyTopic,
  wanState,
} from "@passerelle/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BROKERS, pause, type TestBroker, until } from "./support/brokers.ts";
import { RawClient } from "./support/raw-client.ts";

const NOT_AUTHORIZED = 135;

for (const { name, make } of BROKERS) {
  describe(name, () => {
    let broker: TestBroker;
    const open: RawClient[] = [];

    beforeAll(async () => {
      broker = make();
      await broker.start();
    });
    afterEach(async () => {
      for (const client of open.splice(0)) client.destroy();
      await pause(20);
    });
    afterAll(() => broker.dispose());

    async function connect(
      client: ClientName,
      options: Parameters<typeof RawClient.connect>[1] = {},
    ) {
      const raw = await RawClient.connect(broker.socketPath(client), options);
      open.push(raw);
      return raw;
    }

    test("S-38: every client can publish and read its own, and nothing else", async () => {
      const clients = new Map<ClientName, RawClient>();
      for (const client of CLIENTS) clients.set(client, await connect(client));
      for (const raw of clients.values()) await raw.subscribe("#");
      const names = [...allTopics.map((topic) => topic.name), ...CLIENTS.map(replyTopic)];
      const wrong: string[] = [];
      for (const topic of names) {
        const marker = `"S-38 ${topic}"`;
        const delivered = async () => {
          for (const raw of clients.values()) await raw.ping();
          return CLIENTS.filter((c) =>
            clients.get(c)?.messages.some((m) => String(m.payload) === marker),
          );
        };
        let isPublished = false;
        for (const [client, raw] of clients) {
          const reason = await raw.publish(topic, marker);
          const isAllowed = mayPublish(client, topic);
          if ((reason !== NOT_AUTHORIZED) !== isAllowed)
            wrong.push(`${client} publishes ${topic}: reason ${reason}, allowed ${isAllowed}`);
          isPublished ||= isAllowed;
        }
        const expected = isPublished ? CLIENTS.filter((client) => mayRead(client, topic)) : [];
        const actual = await delivered();
        if (String(actual) !== String(expected))
          wrong.push(`${topic} went to ${actual}, not to ${expected}`);
        for (const raw of clients.values()) {
          raw.messages.length = 0;
          raw.received.length = 0;
        }
      }
      expect(wrong).toEqual([]);
      expect(names.length * CLIENTS.length).toBeGreaterThan(400);
    });

    test("topics of nobody are denied to all", async () => {
      for (const client of CLIENTS) {
        const raw = await connect(client);
        for (const topic of ["gw/v1/wan/state/x", "gw/v2/wan/state", "x", "gw/v1"])
          expect(await raw.publish(topic, "1")).toBe(NOT_AUTHORIZED);
        raw.destroy();
      }
    });

    test("retained states come with the subscription; an empty payload removes them", async () => {
      const wan = await connect("wan");
      await wan.publish(wanState.name, '"one"', { retain: true });
      await wan.publish(wanState.name, '"two"', { retain: true });
      const observer = await connect("observer");
      expect(await observer.subscribe("gw/v1/+/state")).toEqual([1]);
      await until(() => observer.messages.length > 0, "the retained message");
      expect(observer.messages.map((m) => [m.topic, String(m.payload), m.retain])).toEqual([
        [wanState.name, '"two"', true],
      ]);
      await wan.publish(wanState.name, "", { retain: true });
      const later = await connect("observer");
      await later.subscribe(wanState.name);
      await later.ping();
      expect(later.messages).toEqual([]);
    });

    test("the last will comes after a death and not after a goodbye", async () => {
      const observer = await connect("observer");
      await observer.subscribe(aliveState.lan.name);
      const will = {
        topic: aliveState.lan.name,
        payload: Buffer.from('"gone"'),
        qos: 1,
        retain: true,
      } as const;
      const polite = await connect("lan", { will });
      polite.send({ cmd: "disconnect", reasonCode: 0 });
      await until(() => polite.isClosed, "the goodbye");
      await observer.ping();
      expect(observer.messages).toEqual([]);
      const killed = await connect("lan", { will });
      killed.destroy();
      await until(() => observer.messages.length > 0, "the last will");
      expect(observer.messages.map((m) => String(m.payload))).toEqual(['"gone"']);
    });

    test("a last will on a foreign topic is worth nothing", async () => {
      const observer = await connect("observer");
      await observer.subscribe(aliveState.wan.name);
      const will = {
        topic: aliveState.wan.name,
        payload: Buffer.from('"forged"'),
        qos: 1,
        retain: true,
      } as const;
      const forger = await connect("lan", { will });
      forger.destroy();
      await pause(200);
      await observer.ping();
      expect(observer.messages).toEqual([]);
    });

    test("the same client identifier takes the session over", async () => {
      const first = await connect("wan", { clientId: "twin" });
      const second = await connect("wan", { clientId: "twin" });
      await until(() => first.isClosed, "the first session ends");
      expect(await second.publish(wanState.name, "1")).not.toBe(NOT_AUTHORIZED);
    });

    test("a silent client is given up after one and a half keep alives", async () => {
      const observer = await connect("observer");
      await observer.subscribe(aliveState.voice.name);
      const will = {
        topic: aliveState.voice.name,
        payload: Buffer.from('"silent"'),
        qos: 1,
        retain: false,
      } as const;
      await connect("voice", { will, keepalive: 1 });
      const start = performance.now();
      await until(() => observer.messages.length > 0, "the last will", 10_000);
      expect(performance.now() - start).toBeGreaterThan(1000);
    });

    test("response topic and correlation pass unchanged", async () => {
      const config = await connect("config");
      const topic = "gw/v1/config/cmd/read/wan";
      await config.subscribe(topic);
      const wan = await connect("wan");
      const correlationData = Buffer.from("00ff10", "hex");
      const properties = { responseTopic: replyTopic("wan"), correlationData };
      expect(await wan.publish(topic, "{}", { properties })).toBe(0);
      await until(() => config.messages.length > 0, "the request");
      expect(config.messages[0]?.properties).toMatchObject(properties);
    });

    test("a command that nobody serves says so in its acknowledgement", async () => {
      const web = await connect("web");
      expect(await web.publish("gw/v1/wan/cmd/reconnect", "{}")).toBe(16);
    });

    test("too large a packet ends its sender and nobody else", async () => {
      const observer = await connect("observer");
      await observer.subscribe("#");
      const wan = await connect("wan");
      wan.send({
        cmd: "publish",
        topic: wanState.name,
        payload: "x".repeat(10 * 1_048_576),
        qos: 0,
        dup: false,
        retain: true,
      });
      await until(() => wan.isClosed, "the sender is cut off");
      await observer.ping();
      expect(observer.messages.filter((m) => m.payload.length > 1_048_576)).toEqual([]);
    });

    test("garbage ends its sender and nobody else", async () => {
      const observer = await connect("observer");
      const hostile = [
        Buffer.from("GET / HTTP/1.1\r\n\r\n"),
        Buffer.from("ffffffffff", "hex"),
        Buffer.from("10ffffffff7f", "hex"),
        Buffer.from("3000", "hex"),
        Buffer.from("101000044d5154540500000f0513000000", "hex"),
        Buffer.from("f000", "hex"),
      ];
      for (const bytes of hostile) {
        const raw = await RawClient.open(broker.socketPath("wan"));
        open.push(raw);
        raw.write(bytes);
        raw.write(Buffer.alloc(64, 0xa5));
        await until(() => raw.isClosed, `cut off after ${bytes.toString("hex")}`);
      }
      await observer.ping();
    });

    test("a client that hangs does not hold the others", async () => {
      const observer = await connect("observer");
      const hanging = await connect("observer");
      await observer.subscribe(wanState.name);
      await hanging.subscribe(wanState.name);
      hanging.hang();
      const wan = await connect("wan");
      const payload = JSON.stringify("x".repeat(50_000));
      for (let n = 0; n < 300; n += 1) await wan.publish(wanState.name, payload);
      const start = performance.now();
      await wan.publish(wanState.name, '"last"');
      await until(
        () => observer.messages.some((m) => String(m.payload) === '"last"'),
        "the last one",
      );
      expect(performance.now() - start).toBeLessThan(2000);
    });
  });
}

/** The law in words of its own: not `accessList`, which is what is tested. */
function mayPublish(client: ClientName, name: string): boolean {
  if (client === "observer") return false;
  for (const topic of allTopics) {
    const callers = topic.kind === "command" ? [topic.owner, ...topic.callers] : [topic.owner];
    if (topic.name === name && callers.includes(client)) return true;
    if (topic.kind === "command" && topic.owner === client)
      if (callers.some((caller) => replyTopic(caller) === name)) return true;
  }
  return false;
}

function mayRead(client: ClientName, name: string): boolean {
  if (name === replyTopic(client)) return client !== "observer" && callsSomething(client);
  const topic = allTopics.find((t) => t.name === name);
  if (topic === undefined) return false;
  if (topic.owner === client) return true;
  if (topic.kind === "command") return false;
  return topic.kind === "event" || topic.readers === undefined || topic.readers.includes(client);
}

function callsSomething(client: ClientName): boolean {
  return allTopics.some(
    (t) => t.kind === "command" && (t.owner === client || t.callers.includes(client)),
  );
}
