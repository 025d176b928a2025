import fc from "fast-check";
import { expect, it } from "vitest";
import { isNewer } from "../../src/core/upgrade/version.ts";

it.each([
  ["0.2.0", "0.1.0", true],
  ["0.10.0", "0.9.0", true],
  ["1.0.0", "0.99.99", true],
  ["0.1.1", "0.1.0", true],
  ["0.1.0", "0.1.0", false],
  ["0.1.0", "0.2.0", false],
  ["0.2.0", "0.2.0-rc.1", true],
  ["0.2.0-rc.2", "0.2.0-rc.1", false],
  ["0.2.0-rc.1", "0.2.0", false],
  ["0.2.0-rc.1", "0.1.9", true],
  ["0.1.0+build2", "0.1.0+build1", false],
  ["", "0.1.0", undefined],
  ["0.2", "0.1.0", undefined],
  ["0.2.0\n", "0.1.0", undefined],
  ["0.2.0; reboot", "0.1.0", undefined],
  ["9999999.0.0", "0.1.0", undefined],
  ["0.2.0", "unknown", undefined],
] as const)("%j after %j: %j", (offered, running, is) => {
  expect(isNewer(offered, running)).toBe(is);
});

it("never calls each of two newer than the other", () => {
  const number = fc.nat(12);
  const version = fc
    .tuple(number, number, number, fc.constantFrom("", "-rc.1", "-rc.2", "+x"))
    .map(([major, minor, patch, suffix]) => `${major}.${minor}.${patch}${suffix}`);
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isNewer(a, b) === true && isNewer(b, a) === true).toBe(false);
    }),
  );
});
