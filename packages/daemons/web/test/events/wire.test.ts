import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { ServerMessage } from "@passerelle/api";
import {
  firewallState,
  systemJobs,
  systemLogged,
  systemNotifications,
  systemSample,
  wanState,
} from "@passerelle/contract";
import { mergePatch } from "@passerelle/json";
import { settle } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Caller } from "../../src/edge/api/port.ts";
import { type ApiRig, admin, anyone, app, startApi } from "../api/rig.ts";
import { line, machine } from "../api/world.ts";

/** The hub over real sockets of this machine: what the framing, the kernel and `ws` add. */

let rig: ApiRig;
let server: Server;
let caller: Caller = admin;
const open: WebSocket[] = [];

beforeEach(async () => {
  rig = await startApi();
  caller = admin;
  server = createServer();
  server.on("upgrade", (request, socket, head) => rig.api.upgrade(request, socket, head, caller));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await rig.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const port = () => (server.address() as AddressInfo).port;

interface Page {
  readonly socket: WebSocket;
  readonly told: ServerMessage[];
  say(message: unknown): void;
  /** Waits until it was told something that fits. */
  until(fits: (message: ServerMessage) => boolean): Promise<ServerMessage>;
  /** Code and reason of the end. */
  readonly ended: Promise<readonly [number, string]>;
}

function page(path = "/api/v1/events"): Page {
  const socket = new WebSocket(`ws://127.0.0.1:${port()}${path}`);
  open.push(socket);
  const told: ServerMessage[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data) => {
    told.push(JSON.parse(String(data)) as ServerMessage);
    for (const wake of waiting.splice(0)) wake();
  });
  socket.on("error", () => undefined);
  return {
    socket,
    told,
    say: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    async until(fits) {
      for (;;) {
        const found = told.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    ended: new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve([code, reason.toString()])),
    ),
  };
}

const isSnapshot = (channel: string) => (message: ServerMessage) =>
  message.type === "snapshot" && message.channel === channel;

describe("a WebSocket", () => {
  test("says hello, snapshots and patches of what it follows, numbered", async () => {
    const one = page();
    await one.until(({ type }) => type === "hello");
    one.say({ type: "subscribe", channels: ["wan", "hosts", "sessions", "apps"] });
    const snapshot = await one.until(isSnapshot("wan"));
    expect(snapshot).toMatchObject({ value: { line, resolvers: ["192.0.2.53"] } });
    expect(await one.until(isSnapshot("sessions"))).toMatchObject({
      value: {
        sessions: [
          { id: "s1", current: true },
          { id: "s2", current: false },
        ],
      },
    });
    rig.house.bus("wan").publish(wanState, { ...line, reach: { kind: "online", since: 5 } });
    const patch = await one.until(({ type }) => type === "patch");
    expect(patch).toMatchObject({
      channel: "wan",
      patch: { line: { reach: { kind: "online", since: 5 } } },
    });
    one.say({ type: "ping" });
    await one.until(({ type }) => type === "pong");
    expect(one.told.map(({ seq }) => seq)).toEqual(one.told.map((_, n) => n + 1));
    one.say({ type: "unsubscribe", channels: ["wan"] });
    one.say({ type: "ping" });
    await one.until(({ type, seq }) => type === "pong" && seq > patch.seq + 1);
    const before = one.told.length;
    await rig.context.clock.advance(seconds(1));
    rig.house.bus("wan").publish(wanState, line);
    await settle();
    one.say({ type: "ping" });
    await one.until(({ seq }) => seq > before);
    expect(one.told.at(-1)?.type).toBe("pong");
  });

  test("passes on samples, lines of the log, and the public bus without what is not for it", async () => {
    const one = page();
    one.socket.once("open", () =>
      one.say({ type: "subscribe", channels: ["sample", "log", "bus"] }),
    );
    const topics = () =>
      one.told.filter(isSnapshot("bus")).map((message) => {
        const { value } = message as { value: { topic: string } };
        return value.topic;
      });
    await one.until((message) => JSON.stringify(message).includes(firewallState.name));
    const sample = machine.latest;
    rig.house.bus("system").publish(systemSample, sample);
    expect(await one.until(isSnapshot("sample"))).toMatchObject({ value: sample });
    const entry = {
      id: 1,
      at: 1,
      category: "line" as const,
      severity: "info" as const,
      code: "x",
      text: { fr: "a", en: "b" },
    };
    rig.house.bus("system").publish(systemLogged, entry);
    expect(await one.until(isSnapshot("log"))).toMatchObject({ value: entry });
    await one.until((message) => JSON.stringify(message).includes(systemLogged.name));
    expect(topics()).toContain(wanState.name);
    expect(topics()).not.toContain(systemJobs.name);
    expect(topics().filter((topic) => topic.includes("/cmd/"))).toEqual([]);
  });

  test("of the bus is bounded: what is too much is left out, what is too long is cut", async () => {
    const one = page();
    one.socket.once("open", () => one.say({ type: "subscribe", channels: ["bus"] }));
    await one.until(isSnapshot("bus"));
    const long = Array.from({ length: 100 }, (_, n) => ({
      id: `n${n}`,
      at: 1,
      severity: "info" as const,
      code: "x",
      text: { fr: "a".repeat(200), en: "b".repeat(200) },
    }));
    const system = rig.house.bus("system");
    system.publish(systemNotifications, { notifications: long });
    const cut = await one.until((message) => JSON.stringify(message).includes("bytes"));
    expect(cut).not.toHaveProperty("value.value");
    for (let n = 0; n < 500; n += 1) system.publish(systemSample, { ...machine.latest, at: n });
    await settle();
    one.say({ type: "ping" });
    await one.until(({ type }) => type === "pong");
    expect(one.told.filter(isSnapshot("bus")).length).toBeLessThanOrEqual(100);
  });

  test("answers nonsense, and goes on", async () => {
    const one = page();
    await one.until(({ type }) => type === "hello");
    const nonsense = [
      "{",
      "[]",
      "null",
      '{"type":"x"}',
      '{"type":"subscribe","channels":["x"]}',
      '{"type":"ping","x":1}',
    ];
    for (const text of nonsense) one.say(text);
    one.socket.send(Buffer.of(1, 2, 3));
    one.say({ type: "ping" });
    await one.until(({ type }) => type === "pong");
    expect(one.told.slice(1, -1)).toEqual(
      [...nonsense, "binary"].map((_, n) => ({ type: "error", seq: n + 2, code: "bad_request" })),
    );
  });

  test("with more than 20 messages a second is ended", async () => {
    const one = page();
    await one.until(({ type }) => type === "hello");
    for (let n = 0; n < 21; n += 1) one.say({ type: "ping" });
    expect(await one.ended).toEqual([1008, "too_many_messages"]);
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
  });

  test("with a message longer than 4 KiB is ended", async () => {
    const one = page();
    await one.until(({ type }) => type === "hello");
    one.say(`{"type":"ping"${" ".repeat(4096)}}`);
    expect((await one.ended)[0]).toBe(1009);
  });

  test("beyond the sixteenth is turned away, and let in when one left", async () => {
    const pages = Array.from({ length: 16 }, () => page());
    for (const one of pages) await one.until(({ type }) => type === "hello");
    const late = page();
    expect(await late.ended).toEqual([1013, "too_many_clients"]);
    const stream = await rig.raw("GET", "/events/sse?channels=wan");
    expect([stream.status, stream.json.code]).toEqual([503, "too_many_clients"]);
    pages[0]?.socket.close();
    await pages[0]?.ended;
    await settle();
    await page().until(({ type }) => type === "hello");
  });

  test("ends within a second of its session", async () => {
    const one = page();
    await one.until(({ type }) => type === "hello");
    rig.ended.add("s1");
    await rig.context.clock.advance(seconds(1));
    expect(await one.ended).toEqual([4401, "not_logged_in"]);
  });

  test("is refused by its status, and any other path does not exist", async () => {
    const status = (path: string, who: Caller) => {
      caller = who;
      return new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port()}${path}`);
        socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
        socket.on("open", () => resolve("open"));
        socket.on("error", () => undefined);
        open.push(socket);
      });
    };
    expect(await status("/api/v1/events", anyone)).toBe(401);
    expect(await status("/api/v1/events", app("settings"))).toBe(403);
    expect(await status("/api/v1/hosts", admin)).toBe(404);
    expect(await status("/api/v1/events/", admin)).toBe(404);
    expect(await status("/events", admin)).toBe(404);
    expect(await status("/api/v1/events", app("read"))).toBe("open");
  });

  test("that is no WebSocket after all, or breaks off, costs nothing", async () => {
    for (const head of [
      "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Key: x\r\n\r\n",
      `GET /api/v1/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"a".repeat(22)}==\r\n\r\n\xff\xff\xff\xff`,
    ]) {
      const socket = connect(port(), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(head, "latin1");
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
    await settle();
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
    const socket = connect(port(), "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.resetAndDestroy();
    await page().until(({ type }) => type === "hello");
  });
});

describe("GET /events", () => {
  test("without an upgrade says what it is", async () => {
    const answer = await rig.raw("GET", "/events");
    expect([answer.status, answer.json.code]).toEqual([426, "upgrade_required"]);
  });
});

describe("server-sent events", () => {
  /** Reads events until one fits. */
  async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of body) {
      text += decoder.decode(part, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      yield* blocks;
    }
  }
  const start = async (channels: string, who = admin) => {
    const request = new Request(`http://box.home.arpa/api/v1/events/sse?channels=${channels}`);
    const response = await rig.api.fetch(request, who);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    if (response.body === null) throw new Error("no body");
    return events(response.body);
  };
  const next = async (stream: AsyncGenerator<string>) => String((await stream.next()).value);
  const dataOf = (block: string) =>
    JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null") as ServerMessage;

  test("say the same, numbered by id, with comments that keep it alive", async () => {
    const stream = await start("wan,lan");
    expect(await next(stream)).toBe("retry: 3000");
    expect(await next(stream)).toMatch(/^id: 1\ndata: \{"type":"hello","seq":1,/);
    const snapshot = dataOf(await next(stream));
    expect(snapshot).toMatchObject({ type: "snapshot", seq: 2, channel: "wan" });
    expect(dataOf(await next(stream))).toMatchObject({ seq: 3, channel: "lan" });
    rig.house.bus("wan").publish(wanState, { ...line, profile: "other" });
    await settle();
    const patch = dataOf(await next(stream));
    expect(patch).toMatchObject({ type: "patch", seq: 4, patch: { line: { profile: "other" } } });
    if (snapshot.type !== "snapshot" || patch.type !== "patch") throw new Error("order");
    expect(mergePatch(snapshot.value, patch.patch)).toMatchObject({ line: { profile: "other" } });
    await rig.context.clock.advance(seconds(20));
    expect(await next(stream)).toBe(": still here");
    rig.ended.add("s1");
    await rig.context.clock.advance(seconds(1));
    expect(await next(stream)).toBe('event: end\ndata: "not_logged_in"');
    expect(await stream.next()).toMatchObject({ done: true });
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
  });

  test("refuse unknown channels, and those without the right inside the stream", async () => {
    for (const channels of ["wan,nothing", "nothing", "wan,wan,x"]) {
      const answer = await rig.raw("GET", `/events/sse?channels=${channels}`);
      expect([channels, answer.status, answer.json.code]).toEqual([
        channels,
        404,
        "unknown_channel",
      ]);
    }
    const stream = await start("jobs", app("read"));
    await next(stream);
    await next(stream);
    expect(dataOf(await next(stream))).toMatchObject({ type: "refused", code: "not_allowed" });
    await stream.return(undefined);
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
  });

  test("of a reader that does not read end", async () => {
    const request = new Request("http://box.home.arpa/api/v1/events/sse?channels=wan");
    const response = await rig.api.fetch(request, admin);
    for (let n = 0; n < 30; n += 1) {
      rig.house.bus("wan").publish(wanState, { ...line, profile: `${n}${"x".repeat(20_000)}` });
      await rig.context.clock.advance(seconds(4));
    }
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
    const text = await response.text();
    expect(text.length).toBeLessThan(262_144 + 25_000);
    expect(text.endsWith('event: end\ndata: "too_slow"\n\n')).toBe(true);
  });
});
