import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Board } from "../src/board.ts";
import { bootFiles, RASPBERRY_TREES } from "../src/boot-partition.ts";
import { buttonOverlay, flatTree } from "../src/device-tree.ts";
import { panelFiles, panelModules } from "../src/panel.ts";
import { loadBoard, ROOT } from "../src/paths.ts";
import { plantTree } from "./support.ts";

type Panel = Parameters<typeof panelFiles>[0];
const bare: Panel = { leds: [], buttons: [], modules: { initramfs: [], rootfs: ["leds_gpio"] } };
const lit: Panel = {
  ...bare,
  leds: [
    { name: "green:power", shows: "power" },
    { name: "PWR", shows: "power" },
    { name: "green:wan", shows: "internet" },
  ],
};
const RULES = "usr/lib/udev/rules.d/72-passerelle-panel.rules";
const DROP_IN = "usr/lib/systemd/system/passerelle@system.service.d/board.conf";
const lines = (panel: Panel, path: string): readonly string[] =>
  (panelFiles(panel).get(path) ?? "").split("\n").filter((line) => !/^(#|$)/.test(line));

describe("a board without lights and buttons", () => {
  it("gets nothing", () => {
    expect([...panelFiles(bare)]).toEqual([]);
    expect(panelModules(bare)).toEqual([]);
  });
});

describe("a board with lights", () => {
  it("tells `system` of them, in words that it reads, and opens their files to it alone", () => {
    expect(lines(lit, DROP_IN)).toEqual([
      "[Service]",
      "Environment=PASSERELLE_LEDS=green:power:power,PWR:power,green:wan:internet",
      "ReadWritePaths=-/sys/class/leds/green:power",
      "ReadWritePaths=-/sys/class/leds/PWR",
      "ReadWritePaths=-/sys/class/leds/green:wan",
    ]);
  });

  it("has them blink from their first moment, the second of one meaning only without the first", () => {
    const rules = lines(lit, RULES);
    expect(rules).toHaveLength(3);
    for (const rule of rules) {
      // The module first, then the trigger, then what the trigger brings; rights last.
      const order = ["kmod load ledtrig-timer", "ATTR{trigger}", "ATTR{delay_on}", "chgrp"];
      const places = order.map((word) => rule.indexOf(word));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(rule).toMatch(/^ACTION=="add", SUBSYSTEM=="leds", KERNEL=="/);
      expect(rule).toContain("/sys$devpath/delay_on /sys$devpath/delay_off");
    }
    expect(rules.map((rule) => /TEST!="([^"]*)"/.exec(rule)?.[1])).toEqual([
      undefined,
      "/sys/class/leds/green:power",
      undefined,
    ]);
  });

  it("has their drivers before any daemon, and the trigger in the image", () => {
    expect(lines(lit, "usr/lib/modules-load.d/passerelle-panel.conf")).toEqual([
      "leds_gpio",
      "ledtrig_timer",
    ]);
    expect(panelModules(lit)).toEqual(["ledtrig_timer"]);
    expect([...panelFiles(lit).keys()].join()).not.toContain("tmpfiles");
  });
});

describe("a board with a button", () => {
  const pressed: Panel = { ...bare, buttons: [{ key: "KEY_RESTART", fitted: "factory" }] };
  it("gives `system` that device alone, by a name that stays", () => {
    expect(lines(pressed, RULES)).toEqual([
      'ACTION!="remove", SUBSYSTEM=="input", KERNEL=="event*", SUBSYSTEMS=="platform", DRIVERS=="gpio-keys", GROUP="passerelle-system", MODE="0640", SYMLINK+="input/passerelle-button"',
    ]);
    expect(lines(pressed, DROP_IN)).toEqual([
      "[Service]",
      "Environment=PASSERELLE_BUTTON=/dev/input/passerelle-button",
      "DeviceAllow=char-input r",
      "BindReadOnlyPaths=-/dev/input",
    ]);
    expect(lines(pressed, "usr/lib/tmpfiles.d/passerelle-panel.conf")).toEqual([
      "d /dev/input 0755 root root -",
    ]);
    expect(panelModules(pressed)).toEqual(["gpio_keys", "evdev"]);
  });
});

describe("the button that an owner of a Pi may add", () => {
  const config = readFileSync(join(ROOT, "board/raspberry-pi/config.txt"), "utf8").split("\n");
  it("is off until config.txt asks for it, for every model and not for one section", () => {
    const at = config.indexOf("#dtoverlay=passerelle-button");
    const sections = config.slice(0, at).filter((line) => line.startsWith("["));
    expect([at > 0, sections]).toEqual([true, []]);
    expect(config.filter((line) => line.startsWith("dtoverlay="))).toEqual([]);
  });

  /**
   * What dtc 1.6.1 makes of the same, with -@:
   * / { compatible = "brcm,bcm2835"; fragment@0 { target-path = "/"; __overlay__ { passerelle-button {
   * compatible = "gpio-keys"; button { label = "passerelle"; linux,code = <0x198>; gpios = <&gpio 21 0x11>;
   * debounce-interval = <20>; }; }; }; }; };
   */
  it("is the overlay that the device tree's own compiler makes", () => {
    const sum = createHash("sha256").update(buttonOverlay("KEY_RESTART")).digest("hex");
    expect(sum).toBe("00bf0669946489e5456706077f8d85a95d611efa620a0a7b21e1eb23b682e62b");
  });

  it("lies on the card of a board that leaves a button to its owner, and on no other", async () => {
    const board = await loadBoard("raspberry-pi");
    const firmware = plantTree({
      "usr/lib/raspi-firmware/start.elf": "",
      "usr/lib/u-boot/rpi_arm64/u-boot.bin": "",
    });
    const trees = plantTree(Object.fromEntries(RASPBERRY_TREES.map((name) => [name, ""])));
    const files = (buttons: Board["buttons"]): readonly string[] => {
      const folder = join(plantTree({}), "boot");
      bootFiles({ ...board, buttons }, firmware, trees, folder);
      return readdirSync(folder, { recursive: true, encoding: "utf8" });
    };
    const overlay = "overlays/passerelle-button.dtbo";
    expect(files(board.buttons)).toContain(overlay);
    expect(files([{ key: "KEY_RESTART", fitted: "factory" }])).not.toContain(overlay);
  });

  it("has blocks that end where the next begins", () => {
    const tree = Buffer.from(flatTree({ properties: { a: "text", b: [1, 2], c: "x" } }));
    const [, size, structureAt, stringsAt, reservedAt] = [0, 4, 8, 12, 16].map((at) =>
      tree.readUInt32BE(at),
    );
    expect([size, structureAt, reservedAt]).toEqual([tree.length, 56, 40]);
    expect(tree.toString("latin1", stringsAt)).toBe("a\0b\0c\0");
    expect(tree.readUInt32BE((stringsAt ?? 0) - 4)).toBe(9);
  });
});
