import { expect, it } from "vitest";
import { sharedBy } from "../src/core/ipv4.ts";
import { ip } from "./fixtures.ts";

it.each([
  ["100.63.255.255", undefined],
  ["100.64.0.0", "operator"],
  ["100.127.255.255", "operator"],
  ["100.128.0.0", undefined],
  ["9.255.255.255", undefined],
  ["10.0.0.1", "router"],
  ["172.15.255.255", undefined],
  ["172.16.0.1", "router"],
  ["172.31.255.255", "router"],
  ["172.32.0.0", undefined],
  ["192.168.0.1", "router"],
  ["192.169.0.0", undefined],
  ["81.250.0.100", undefined],
])("%s is shared by %s", (address, who) => {
  expect(sharedBy(ip(address))).toBe(who);
});
