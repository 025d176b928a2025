import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wanHistory, wanState } from "@passerelle/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EmbeddedBroker, startEmbeddedBroker } from "../src/index.ts";
import { pause, until } from "./support/brokers.ts";
import { RawClient } from "./support/raw-client.ts";

/** What only our broker promises; what both do is in broker.bus.test.ts. */

const log = { info: () => undefined, warn: () => undefined };
let directory: string;
let broker: EmbeddedBroker;
const open: RawClient[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "pse-"));
  broker = await startEmbeddedBroker({
    runtimeDirectory: directory,
    log,
    limits: {
      retainedTopicsMax: 1,
      connectionsPerClientMax: 3,
      subscriptionsMax: 2,
      connectTimeoutMs: 200,
      queueBytesMax: 1_000_000,
    },
  });
});
afterEach(async () => {
  for (const client of open.splice(0)) client.destroy();
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function connect(client: "wan" | "observer", version: 4 | 5 = 5): Promise<RawClient> {
  const raw = await RawClient.connect(broker.socketPath(client), { protocolVersion: version });
  open.push(raw);
  return raw;
}

test("a client that does not read is given up when its queue is full", async () => {
  const hanging = await connect("observer");
  await hanging.subscribe(wanState.name);
  const wan = await connect("wan");
  hanging.hang();
  const payload = "x".repeat(100_000);
  expect(broker.counters.sessions).toBe(2);
  for (let n = 0; n < 60; n += 1) await wan.publish(wanState.name, payload);
  await until(() => broker.counters.sessions === 1, "the end of the one that hangs");
});

test("no more topics are kept than the limit; what is kept can still change", async () => {
  const wan = await connect("wan");
  expect(await wan.publish(wanState.name, "1", { retain: true })).toBe(16);
  expect(await wan.publish(wanHistory.name, "1", { retain: true })).toBe(0x97);
  expect(await wan.publish(wanState.name, "2", { retain: true })).toBe(16);
  expect(broker.counters.retained).toBe(1);
});

test("no more connections and subscriptions than the limit", async () => {
  const first = await connect("observer");
  expect(await first.subscribe("a", "b", "c")).toEqual([1, 1, 0x97]);
  expect(await first.subscribe("a")).toEqual([1]);
  await connect("observer");
  await connect("observer");
  const fourth = await RawClient.open(broker.socketPath("observer"));
  await until(() => fourth.isClosed, "the fourth is closed");
});

test("a socket on which nobody speaks is closed", async () => {
  const mute = await RawClient.open(broker.socketPath("wan"));
  await pause(50);
  expect(mute.isClosed).toBe(false);
  await until(() => mute.isClosed, "the end");
});

test("MQTT 3.1.1 is refused in its own words", async () => {
  const raw = await RawClient.open(broker.socketPath("wan"));
  // CONNECT of MQTT 3.1.1 with an empty client identifier.
  raw.write(Buffer.from("100c00044d5154540402001e0000", "hex"));
  await until(() => raw.isClosed, "the end");
});

test("what is not supported is refused as MQTT 5 says", async () => {
  const wan = await connect("wan");
  expect(await wan.subscribe("$share/group/x")).toEqual([0x9e]);
  expect(await wan.subscribe("a/#/b")).toEqual([0x8f]);
  wan.send({
    cmd: "publish",
    topic: wanState.name,
    payload: "1",
    qos: 2,
    dup: false,
    retain: false,
    messageId: 9,
  });
  await until(() => wan.isClosed, "QoS 2 ends it");
  expect(wan.received.find((p) => p.cmd === "disconnect")).toMatchObject({ reasonCode: 0x9b });
});

test("a second broker on the same sockets is refused", async () => {
  const second = startEmbeddedBroker({ runtimeDirectory: directory, log });
  await expect(second).rejects.toThrow("another broker");
  // The first one is unharmed.
  await connect("wan");
  expect(statSync(broker.socketPath("wan")).mode & 0o777).toBe(0o660);
});
