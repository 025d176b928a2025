import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../src/core/redact.ts";

function redacted(value: unknown): string {
  const redactor = new Redactor();
  redactor.learn(value);
  return JSON.stringify(redactor.redact(value));
}

describe("a support report", () => {
  test("has no address, no hardware address and no name of the house, and says which are the same", () => {
    const text = redacted({
      devices: [
        { name: "Annas-iPhone", macs: ["3c:22:fb:00:11:22"], addresses: ["192.168.1.20"] },
        { hostname: "tv", macs: ["3c:22:fb:00:11:23"], addresses: ["2a01:cb00:1:2::5", "fe80::1"] },
      ],
      session: { address: "81.250.0.100/24", gateway: "81.250.0.1" },
      log: [{ text: { en: '"Annas-iPhone" is back. "tv" left from 3C-22-FB-00-11-22.' } }],
      key: { "3c:22:fb:00:11:22": 1 },
    });
    for (const secret of [/annas/i, /3c[:-]22/i, /192\.168/, /81\.250/, /2a01/, /fe80/, /"tv"/]) {
      expect(text).not.toMatch(secret);
    }
    const parsed = JSON.parse(text);
    expect(parsed.devices[0].name).toBe("name-1");
    expect(parsed.log[0].text.en).toBe('"name-1" is back. "name-2" left from mac-1.');
    expect(parsed.session.address).toMatch(/^address-\d+\/24$/);
    expect(parsed.devices[0].addresses[0]).toMatch(/^private-address-\d+$/);
  });
  test.each([
    "password",
    "labelPassword",
    "passphrase",
    "token",
    "apiToken",
    "secret",
    "psk",
    "login",
    "clientId",
    "serial",
    "privateKey",
    "sessionId",
    "cookie",
  ])("a value under %s never leaves, whatever it is", (key) => {
    for (const value of ["CANARY", ["CANARY"], { deep: { er: "CANARY" } }]) {
      expect(redacted({ wan: { [key]: value } })).not.toContain("CANARY");
    }
  });
  test("what is of nobody stays readable", () => {
    const value = {
      loopback: "127.0.0.1",
      any: "0.0.0.0",
      version: "26.10.0",
      time: "12:34:56",
      processes: [{ name: "lan" }, { name: "broker" }],
      interfaces: [{ name: "br-lan" }, { name: "eth0.832" }],
      code: "no_carrier",
      days: "1::2",
    };
    const { days, ...rest } = value;
    expect(JSON.parse(redacted(value))).toMatchObject(rest);
  });
  test("is the same within one document and another in the next", () => {
    const redactor = new Redactor();
    expect(redactor.text("192.168.1.7 192.168.1.8 192.168.1.7")).toBe(
      "private-address-1 private-address-2 private-address-1",
    );
    expect(new Redactor().text("192.168.1.8")).toBe("private-address-1");
  });
  test("whatever the house calls its things, no name and no secret is in it", () => {
    const name = fc.string({ minLength: 5, maxLength: 20 }).map((text) => `Zq${text}Zq`);
    fc.assert(
      fc.property(name, fc.ipV4(), (hostname, address) => {
        fc.pre(!/^(0\.0\.0\.0|127\.|255\.)/.test(address));
        const text = redacted({
          devices: [{ hostname, addresses: [address] }],
          log: [{ text: `${hostname} at ${address}`, password: hostname }],
        });
        expect(text).not.toContain(JSON.stringify(hostname).slice(1, -1));
        expect(text).not.toMatch(
          new RegExp(`(?<![\\d.])${address.replaceAll(".", "\\.")}(?![\\d.])`),
        );
      }),
    );
  });
});
