import {
  aliveState,
  configRead,
  lanFlushDns,
  lanLeaseEvent,
  replyTopic,
  wanReconnect,
  wanResolvers,
} from "@passerelle/contract";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pause, until } from "./support/brokers.ts";
import { MEETINGS, type Meeting } from "./support/buses.ts";

const RESOLVERS_A = { resolvers: ["192.0.2.1"] };
const RESOLVERS_B = { resolvers: ["192.0.2.2"], domain: "example" };
const LEASE = {
  kind: "granted",
  at: 1,
  address: "192.168.1.9",
  mac: "00:11:22:33:44:55",
  network: "home",
} as const;

for (const { name, make } of MEETINGS) {
  describe(`a bus over ${name}`, () => {
    let meeting: Meeting;
    beforeEach(async () => {
      meeting = await make();
    });
    afterEach(() => meeting.dispose());

    test("a state reaches those who came before it and those who come after, once", async () => {
      const seen: unknown[] = [];
      const late: unknown[] = [];
      const wan = meeting.client("wan");
      const lan = meeting.client("lan");
      lan.subscribe(wanResolvers, (value) => void seen.push(value));
      wan.publish(wanResolvers, RESOLVERS_A);
      await until(() => seen.length === 1, "the first value");
      wan.publish(wanResolvers, RESOLVERS_A);
      wan.publish(wanResolvers, RESOLVERS_B);
      await until(() => seen.length === 2, "the second value");
      meeting.client("observer").subscribe(wanResolvers, (value) => void late.push(value));
      await until(() => late.length === 1, "the retained value");
      lan.subscribe(wanResolvers, (value) => void late.push(value));
      await until(() => late.length === 2, "the value for a second handler");
      await pause(50);
      expect(seen).toEqual([RESOLVERS_A, RESOLVERS_B]);
      expect(late).toEqual([RESOLVERS_B, RESOLVERS_B]);
    });

    test("a closed subscription hears nothing more", async () => {
      const seen: unknown[] = [];
      const wan = meeting.client("wan");
      const lan = meeting.client("lan");
      const subscription = lan.subscribe(wanResolvers, (value) => void seen.push(value));
      const other: unknown[] = [];
      wan.publish(wanResolvers, RESOLVERS_A);
      await until(() => seen.length === 1, "the first value");
      subscription.close();
      meeting.client("observer").subscribe(wanResolvers, (value) => void other.push(value));
      wan.publish(wanResolvers, RESOLVERS_B);
      await until(
        () => other.some((v) => JSON.stringify(v) === JSON.stringify(RESOLVERS_B)),
        "it passes",
      );
      expect(seen).toEqual([RESOLVERS_A]);
    });

    test("events reach whoever listens now; nobody keeps them", async () => {
      const seen: unknown[] = [];
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      await until(() => lan.connected && web.connected, "both are there");
      lan.publish(lanLeaseEvent, LEASE);
      await lan.flush(seconds(1));
      web.subscribe(lanLeaseEvent, (value) => void seen.push(value));
      await pause(50);
      expect(seen).toEqual([]);
      lan.publish(lanLeaseEvent, LEASE);
      await until(() => seen.length === 1, "the event");
    });

    test("a request has one reply, of data or of a fault", async () => {
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      lan.serve(lanFlushDns, () => ({ ok: true, data: { entries: 7 } }));
      expect(await web.request(lanFlushDns, {})).toEqual({ ok: true, data: { entries: 7 } });
      const wan = meeting.client("wan");
      const fault = { code: "no_carrier", text: { fr: "Câble débranché.", en: "No cable." } };
      wan.serve(wanReconnect, async () => ({ ok: false, fault }));
      expect(await web.request(wanReconnect, {})).toEqual({ ok: false, fault });
    });

    test("a section, secrets included, is readable by its own daemon alone", async () => {
      const config = meeting.client("config");
      config.serve(configRead.wan, () => ({
        ok: true,
        data: { revision: 3, digest: "d", value: { password: "canary" } },
      }));
      const reply = await meeting.client("wan").request(configRead.wan, {});
      expect(reply).toMatchObject({ ok: true, data: { value: { password: "canary" } } });
      const denied = await meeting.client("lan").request(configRead.wan, {});
      expect(denied).toMatchObject({ ok: false, fault: { code: "bus_denied" } });
    });

    test("without an answer a request ends at its time-out", async () => {
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      lan.serve(lanFlushDns, () => new Promise(() => undefined));
      await until(() => web.connected, "connection");
      const slow = await web.request(lanFlushDns, {}, { timeout: milliseconds(300) });
      expect(slow).toMatchObject({ ok: false, fault: { code: "bus_timeout" } });
      const nobody = await web.request(wanReconnect, {}, { timeout: milliseconds(300) });
      expect(nobody).toMatchObject({ ok: false, fault: { code: "bus_timeout" } });
    });

    test("a request waits for an owner that is just starting", async () => {
      const web = meeting.client("web");
      const asked = web.request(lanFlushDns, {}, { timeout: seconds(3) });
      await pause(150);
      let calls = 0;
      meeting.client("lan").serve(lanFlushDns, () => {
        calls += 1;
        return { ok: true, data: { entries: calls } };
      });
      expect(await asked).toEqual({ ok: true, data: { entries: 1 } });
      await pause(400);
      expect(calls).toBe(1);
    });

    test("a handler that throws or answers nonsense is an internal error", async () => {
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      const served = lan.serve(lanFlushDns, () => {
        throw new Error("boom");
      });
      const internal = { ok: false, fault: { code: "internal_error" } };
      expect(await web.request(lanFlushDns, {})).toMatchObject(internal);
      expect(lan.lines.map((line) => line.message)).toContain("bus_handler_threw");
      served.close();
      lan.serve(lanFlushDns, () => ({ ok: true, data: { entries: -1 } }));
      expect(await web.request(lanFlushDns, {})).toMatchObject(internal);
    });

    test("the second copy of a request is answered again and not executed again", async () => {
      let executed = 0;
      const lan = meeting.client("lan");
      lan.serve(lanFlushDns, async () => {
        executed += 1;
        await pause(30);
        return { ok: true, data: { entries: executed } };
      });
      await until(() => lan.connected, "connection");
      await pause(50);
      const request = { responseTopic: replyTopic("web"), correlation: new Uint8Array(16).fill(7) };
      for (let copy = 0; copy < 3; copy += 1) {
        await meeting.inject("web", lanFlushDns.name, "{}", request);
        await pause(copy * 50);
      }
      expect(executed).toBe(1);
      const other = { ...request, correlation: new Uint8Array(16).fill(8) };
      await meeting.inject("web", lanFlushDns.name, "{}", other);
      await until(() => executed === 2, "another request");
    });

    test("a request that can't be answered, or that a broker kept, is not executed", async () => {
      let executed = 0;
      const correlation = new Uint8Array(16).fill(9);
      const retained = { responseTopic: replyTopic("web"), correlation, retain: true };
      if (name !== "memory") await meeting.inject("web", lanFlushDns.name, "{}", retained);
      const lan = meeting.client("lan");
      lan.serve(lanFlushDns, () => {
        executed += 1;
        return { ok: true, data: { entries: 0 } };
      });
      await until(() => lan.connected, "connection");
      await pause(50);
      await meeting.inject("web", lanFlushDns.name, "{}");
      await meeting.inject("web", lanFlushDns.name, "{}", {
        responseTopic: replyTopic("wan"),
        correlation,
      });
      await meeting.inject("web", lanFlushDns.name, "{}", {
        responseTopic: "gw/v1/wan/state",
        correlation,
      });
      await meeting.inject("web", lanFlushDns.name, "{}", {
        responseTopic: replyTopic("web"),
        correlation: new Uint8Array(200),
      });
      await pause(50);
      expect(executed).toBe(0);
      expect(lan.counters.invalid).toBeGreaterThanOrEqual(4);
    });

    test("hostile payloads are counted, logged once, never delivered, never fatal", async () => {
      const seen: unknown[] = [];
      const lan = meeting.client("lan");
      lan.subscribe(wanResolvers, (value) => void seen.push(value));
      await until(() => lan.connected, "connection");
      await pause(50);
      const hostile = [
        "",
        "{",
        "null",
        "[".repeat(100_000),
        `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
        '{"__proto__":{"resolvers":["192.0.2.1"]}}',
        '{"resolvers":"192.0.2.1"}',
        '{"resolvers":["192.0.2.1"],"more":1}',
        `{"resolvers":["${"9".repeat(900_000)}"]}`,
        '"\\ud800"',
      ];
      for (const payload of hostile) await meeting.inject("wan", wanResolvers.name, payload);
      await meeting.inject("wan", wanResolvers.name, JSON.stringify(RESOLVERS_A));
      await until(() => seen.length > 0, "the good one");
      expect(seen).toEqual([RESOLVERS_A]);
      expect(lan.counters.invalid).toBe(hostile.length);
      expect(lan.lines.filter((line) => line.message === "bus_invalid_message")).toHaveLength(1);
    });

    test("hostile requests are answered with a fault", async () => {
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      lan.serve(lanFlushDns, () => ({ ok: true, data: { entries: 1 } }));
      const reply = await web.request(lanFlushDns, { more: 1 } as unknown as Record<never, never>);
      expect(reply).toMatchObject({ ok: false, fault: { code: "bad_request" } });
    });

    test("what is larger than a payload may be is not sent", async () => {
      const config = meeting.client("config");
      const wan = meeting.client("wan");
      config.serve(configRead.wan, () => ({
        ok: true,
        data: { revision: 1, digest: "d", value: "x".repeat(2_000_000) },
      }));
      const reply = await wan.request(configRead.wan, {});
      expect(reply).toMatchObject({ ok: false, fault: { code: "bus_too_big" } });
      wan.publish(wanResolvers, { resolvers: [], domain: "x" });
      expect(wan.counters.tooBig).toBe(0);
    });

    test("nobody publishes what is not its own, or what its schema refuses", () => {
      const lan = meeting.client("lan");
      expect(() => lan.publish(wanResolvers, RESOLVERS_A)).toThrow("its own topics");
      const wan = meeting.client("wan");
      expect(() => wan.publish(wanResolvers, { resolvers: ["nonsense"] })).toThrow("resolvers");
      expect(() => wan.serve(lanFlushDns, () => ({ ok: true, data: { entries: 1 } }))).toThrow();
    });

    test("a death is told by the last will, a goodbye by the daemon", async () => {
      const seen: string[] = [];
      const observer = meeting.client("observer");
      observer.subscribe(aliveState.lan, ({ status }) => void seen.push(status));
      const lan = meeting.client("lan");
      lan.publish(aliveState.lan, { status: "online", pid: 1 });
      await until(() => seen.length === 1, "online");
      await meeting.kill("lan", lan);
      await until(() => seen.length === 2, "the last will");
      const again = meeting.client("lan");
      again.publish(aliveState.lan, { status: "online", pid: 2 });
      await until(() => seen.length === 3, "online again");
      await again.close();
      await until(() => seen.length === 4, "the farewell");
      expect(seen).toEqual(["online", "offline", "online", "offline"]);
    });

    test("a broker that restarts empty is filled again by the owners, and requests survive it", async () => {
      const wan = meeting.client("wan");
      const lan = meeting.client("lan");
      const web = meeting.client("web");
      const seen: unknown[] = [];
      lan.subscribe(wanResolvers, (value) => void seen.push(value));
      let executed = 0;
      lan.serve(lanFlushDns, () => {
        executed += 1;
        return { ok: true, data: { entries: 1 } };
      });
      wan.publish(wanResolvers, RESOLVERS_A);
      await until(() => seen.length === 1 && web.connected, "the first value");
      await meeting.stop();
      await until(() => !wan.connected && !lan.connected && !web.connected, "all are away");
      const asked = web.request(lanFlushDns, {}, { timeout: seconds(8) });
      wan.publish(wanResolvers, RESOLVERS_A);
      wan.publish(wanResolvers, RESOLVERS_B);
      wan.publish(wanResolvers, RESOLVERS_A);
      wan.publish(wanResolvers, RESOLVERS_B);
      await meeting.start();
      const start = performance.now();
      await until(() => seen.length === 2, "the newest value");
      expect(performance.now() - start).toBeLessThan(5000);
      expect(await asked).toEqual({ ok: true, data: { entries: 1 } });
      const fresh: unknown[] = [];
      meeting.client("observer").subscribe(wanResolvers, (value) => void fresh.push(value));
      await until(() => fresh.length === 1, "the retained value");
      await pause(100);
      expect(seen).toEqual([RESOLVERS_A, RESOLVERS_B]);
      expect(fresh).toEqual([RESOLVERS_B]);
      expect(executed).toBe(1);
    });

    test("while the broker is away: events are dropped, requests fail in time, too many at once", async () => {
      const lan = meeting.client("lan");
      await until(() => lan.connected, "connection");
      await meeting.stop();
      await until(() => !lan.connected, "away");
      lan.publish(lanLeaseEvent, LEASE);
      expect(lan.counters.eventsDropped).toBe(1);
      const timeout = milliseconds(200);
      const asked = Array.from({ length: 256 }, () => lan.request(lanFlushDns, {}, { timeout }));
      const busy = await lan.request(lanFlushDns, {}, { timeout });
      expect(busy).toMatchObject({ ok: false, fault: { code: "bus_busy" } });
      const codes = (await Promise.all(asked)).map((r) => (r.ok ? "ok" : r.fault.code));
      expect(new Set(codes)).toEqual(new Set(["bus_away"]));
      await meeting.start();
    });

    test("a tool reads what is retained, hears that nothing is, and that the broker is away", async () => {
      const times = { reach: seconds(5), value: milliseconds(300) };
      const wan = meeting.client("wan");
      wan.publish(wanResolvers, RESOLVERS_A);
      await wan.flush(seconds(5));
      const tool = meeting.client("observer");
      expect(await tool.reached(times.reach)).toBeUndefined();
      expect(await tool.read(wanResolvers, times)).toEqual({ ok: true, value: RESOLVERS_A });
      expect(await tool.read(aliveState.voice, times)).toEqual({ ok: true, value: undefined });
      await meeting.stop();
      await until(() => !tool.connected, "away");
      const soon = { ...times, reach: milliseconds(200) };
      const error = { code: "bus_not_reached" };
      expect(await tool.reached(soon.reach)).toMatchObject(error);
      expect(await tool.read(wanResolvers, soon)).toMatchObject({ ok: false, error });
      await meeting.start();
      expect(await tool.read(wanResolvers, times)).toEqual({ ok: true, value: RESOLVERS_A });
    });

    test("flush waits for the broker's word, and no longer than it may", async () => {
      const wan = meeting.client("wan");
      wan.publish(wanResolvers, RESOLVERS_A);
      await wan.flush(seconds(5));
      const seen: unknown[] = [];
      meeting.client("observer").subscribe(wanResolvers, (value) => void seen.push(value));
      await until(() => seen.length === 1, "it is retained");
      await meeting.stop();
      await until(() => !wan.connected, "away");
      wan.publish(wanResolvers, RESOLVERS_B);
      const start = performance.now();
      await wan.flush(milliseconds(150));
      expect(performance.now() - start).toBeGreaterThan(100);
      expect(performance.now() - start).toBeLessThan(1000);
      await meeting.start();
    });

    test("hundreds of states at once all arrive, and only the newest must", async () => {
      const wan = meeting.client("wan");
      const seen: string[] = [];
      const web = meeting.client("web");
      web.subscribe(wanResolvers, ({ domain }) => void seen.push(domain ?? ""));
      await until(() => wan.connected && web.connected, "connection");
      for (let n = 0; n < 500; n += 1) wan.publish(wanResolvers, { resolvers: [], domain: `${n}` });
      await until(() => seen.at(-1) === "499", "the newest");
      const start = performance.now();
      await wan.flush(seconds(5));
      expect(performance.now() - start).toBeLessThan(2000);
      expect(seen).toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
    });
  });
}
