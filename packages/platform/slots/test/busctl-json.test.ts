import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  errorOf,
  parseInfo,
  parseInspection,
  parseProgress,
  parseSlotStatus,
} from "../src/busctl-json.ts";

// capture: busctl 252 and RAUC 1.8 on this project's build machine, 2026-11; paths shortened.
const STATUS =
  '{"type":"a(sa{sv})","data":[[["rootfs.1",{"installed.timestamp":{"type":"s","data":"2026-11-25T14:12:40Z"},"size":{"type":"t","data":1000000},"sha256":{"type":"s","data":"ac3ccfceabf8e71e"},"bundle.build":{"type":"s","data":"20261125"},"bundle.compatible":{"type":"s","data":"passerelle-test"},"installed.count":{"type":"u","data":1},"bundle.version":{"type":"s","data":"0.2.0"},"type":{"type":"s","data":"raw"},"bootname":{"type":"s","data":"B"},"class":{"type":"s","data":"rootfs"},"activated.count":{"type":"u","data":2},"bundle.description":{"type":"s","data":"Notes here"},"boot-status":{"type":"s","data":"bad"},"activated.timestamp":{"type":"s","data":"2026-11-25T14:12:40Z"},"state":{"type":"s","data":"inactive"},"status":{"type":"s","data":"ok"},"device":{"type":"s","data":"b.img"}}],["rootfs.0",{"class":{"type":"s","data":"rootfs"},"boot-status":{"type":"s","data":"good"},"type":{"type":"s","data":"raw"},"bootname":{"type":"s","data":"A"},"device":{"type":"s","data":"a.img"},"state":{"type":"s","data":"booted"}}]]]}\n';
const INFO = '{"type":"ss","data":["passerelle-test","0.2.0"]}\n';
const INSTALLING =
  '{"type":"s","data":"installing"}\n{"type":"(isi)","data":[40,"Checking bundle done.",2]}\n{"type":"s","data":""}\n';
const FAILED =
  '{"type":"s","data":"idle"}\n{"type":"(isi)","data":[100,"Installing failed.",1]}\n{"type":"s","data":"Pre-install handler error: Child process exited with code 10"}\n';
// Written after RAUC 1.13's r_manifest_to_dict: the engine of this machine has no InspectBundle.
const INSPECTION =
  '{"type":"a{sv}","data":[{"manifest-hash":{"type":"s","data":"00"},"update":{"type":"v","data":{"type":"a{sv}","data":{"compatible":{"type":"s","data":"passerelle-test"},"version":{"type":"s","data":"0.2.0"},"description":{"type":"s","data":"Notes\\u0007 here"},"build":{"type":"s","data":"2026-11-25"}}}}}]}\n';

describe("what busctl prints", () => {
  it("of the slots", () => {
    expect(parseSlotStatus(STATUS)).toEqual({
      booted: "A",
      slots: [
        { name: "A", isBooted: true, isGood: true },
        { name: "B", isBooted: false, isGood: false, version: "0.2.0", isWhole: true },
      ],
    });
  });
  it("of a bundle", () => {
    expect(parseInfo(INFO)).toEqual({ compatible: "passerelle-test", version: "0.2.0" });
    const whole = {
      compatible: "passerelle-test",
      version: "0.2.0",
      description: "Notes  here",
      build: "2026-11-25",
    };
    expect(parseInspection(INSPECTION)).toEqual(whole);
    // With one wrapping less, as for a dictionary that was put in as it is.
    const bare = INSPECTION.replace('{"type":"v","data":{"type":"a{sv}"', '{"type":"a{sv}"');
    expect(parseInspection(bare.replace("}}}}}]}", "}}}}]}"))).toEqual(whole);
  });
  it("of an installation", () => {
    expect(parseProgress(INSTALLING)).toEqual({
      kind: "installing",
      percent: 40,
      step: "Checking bundle done.",
    });
    expect(parseProgress(FAILED)).toMatchObject({ kind: "idle", error: { code: "older" } });
  });
  it("is bounded, whatever a bundle's maker wrote", () => {
    const long = INFO.replace("0.2.0", "9".repeat(9000));
    expect(parseInfo(long)?.version.length).toBe(500);
  });
});

describe("is refused where it is not what was promised", () => {
  const parsers = { parseSlotStatus, parseInspection, parseInfo, parseProgress };
  it("cut at every octet", () => {
    for (const whole of [STATUS, INSPECTION, INFO, INSTALLING, FAILED]) {
      const text = whole.trimEnd();
      for (let at = 0; at < text.length; at += 1) {
        for (const [name, parse] of Object.entries(parsers)) {
          expect(parse(text.slice(0, at)), `${name} ${at}`).toBe(undefined);
        }
      }
    }
  });
  it("with two slots that run, none, or one name twice", () => {
    expect(parseSlotStatus(STATUS.replace("inactive", "booted"))).toBe(undefined);
    expect(parseSlotStatus(STATUS.replace('"booted"', '"inactive"'))).toBe(undefined);
    const twice = STATUS.replace(
      '"bootname":{"type":"s","data":"B"}',
      '"bootname":{"type":"s","data":"A"}',
    );
    expect(parseSlotStatus(twice)).toBe(undefined);
  });
  it("any JSON, and any change of a good one", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc
            .tuple(fc.constantFrom(STATUS, INSPECTION, INFO, INSTALLING), fc.nat(), fc.json())
            .map(([text, place, other]) => {
              const parts = text.split(/(?<=[:,[])/);
              return parts.with(place % parts.length, other).join("");
            }),
        ),
        (text) => {
          for (const parse of Object.values(parsers)) parse(text);
        },
      ),
    );
  });
});

it.each([
  ["signature verification failed: Verify error: self-signed certificate", "wrong_signature"],
  [
    "signature verification failed: error:1700009E:CMS routines::verification failure",
    "wrong_signature",
  ],
  ["Invalid bundle format: Signature size (14901426619920262380) exceeds bundle size", "damaged"],
  [
    "Invalid bundle format: Failed to open bundle for reading: Error opening file: No such file",
    "damaged",
  ],
  [
    "Installation error: Compatible mismatch: Expected 'passerelle-test' but bundle manifest has 'other'",
    "wrong_board",
  ],
  ["Pre-install handler error: Child process exited with code 10", "older"],
  ["Pre-install handler error: Child process exited with code 11", "damaged"],
  ["Already processing a different method", "busy"],
  ["The name de.pengutronix.rauc was not provided by any .service files", "absent"],
  ["Failed to connect to bus: No such file or directory", "absent"],
  ["The name is not activatable", "absent"],
  // As a machine under load said it.
  [
    "Failed to activate service 'de.pengutronix.rauc': timed out (service_start_timeout=25000ms)",
    "failed",
  ],
  ["Access denied", "denied"],
  ["Failed updating slot rootfs.1: No space left on device", "no_room"],
  ["rauc info error", "damaged"],
  ["Failed mounting: something new", "failed"],
])("%s", (said, code) => {
  expect(errorOf(said).code).toBe(code);
});
