import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Board, Led } from "./board.ts";

/** The lights and buttons of a board: what `system` is told of them, and what it may do with them. */
type Panel = Pick<Board, "leds" | "buttons" | "modules">;

/** Kernel modules beyond the drivers that the board names itself. */
export function panelModules({ leds, buttons }: Panel): readonly string[] {
  return [
    ...(leds.length > 0 ? ["ledtrig_timer"] : []),
    ...(buttons.length > 0 ? ["gpio_keys", "evdev"] : []),
  ];
}

export function installPanel(tree: string, board: Panel): void {
  for (const [path, text] of panelFiles(board)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
}

/** Paths below the root, and what is in them; nothing for a board without a face. */
export function panelFiles(board: Panel): ReadonlyMap<string, string> {
  const { leds, buttons } = board;
  const files = new Map<string, string>();
  if (leds.length === 0 && buttons.length === 0) return files;
  files.set("usr/lib/udev/rules.d/72-passerelle-panel.rules", rules(board));
  files.set("usr/lib/systemd/system/passerelle@system.service.d/board.conf", dropIn(board));
  if (leds.length > 0) files.set("usr/lib/modules-load.d/passerelle-panel.conf", modules(board));
  if (buttons.length > 0) files.set("usr/lib/tmpfiles.d/passerelle-panel.conf", TMPFILES);
  return files;
}

/**
 * From the kernel's first sign of a light it blinks fast: the box starts. The trigger is never another one afterwards, since its
 * files belong to root whenever it is set; these two are given to `system`.
 */
function rules({ leds, buttons }: Panel): string {
  const lines = leds.map((led) => {
    const folder = "/sys$devpath";
    const files = `${folder}/delay_on ${folder}/delay_off`;
    return [
      ...['ACTION=="add", SUBSYSTEM=="leds"', `KERNEL=="${led.name}"`],
      ...betterThan(led, leds).map(({ name }) => `TEST!="/sys/class/leds/${name}"`),
      // Runs while the rule is read, before what follows.
      'IMPORT{builtin}="kmod load ledtrig-timer"',
      ...['ATTR{trigger}="timer"', 'ATTR{delay_on}="100"', 'ATTR{delay_off}="100"'],
      `RUN+="/usr/bin/busybox chgrp passerelle-system ${files}"`,
      `RUN+="/usr/bin/busybox chmod 0664 ${files}"`,
    ].join(", ");
  });
  return [
    "# Lights blink fast until `system` says more, and are its to write.",
    ...lines,
    ...(buttons.length > 0
      ? ["# The button is read by `system`, and no other key by it.", BUTTON]
      : []),
    "",
  ].join("\n");
}

/** The ones of the same meaning that come first in the list. */
function betterThan(led: Led, leds: readonly Led[]): readonly Led[] {
  return leds.slice(0, leds.indexOf(led)).filter(({ shows }) => shows === led.shows);
}

/** PrivateDevices stays: of /dev it gets the folder of input devices, where the rule gives it one file. */
function dropIn({ leds, buttons }: Panel): string {
  const names = leds.map(({ name, shows }) => `${name}:${shows}`);
  return [
    "# The lights and the button of this board (packages/tools/image/src/panel.ts).",
    "[Service]",
    ...(leds.length > 0 ? [`Environment=PASSERELLE_LEDS=${names.join(",")}`] : []),
    ...leds.map(({ name }) => `ReadWritePaths=-/sys/class/leds/${name}`),
    ...(buttons.length > 0
      ? [
          `Environment=PASSERELLE_BUTTON=${BUTTON_DEVICE}`,
          "DeviceAllow=char-input r",
          "BindReadOnlyPaths=-/dev/input",
        ]
      : []),
    "",
  ].join("\n");
}

/** Before any daemon: a light that comes later is outside its sandbox. */
function modules({ modules: { rootfs } }: Panel): string {
  const drivers = rootfs.filter((name) => /^leds[-_]/.test(name));
  return ["# Lights are there before `system` is.", ...drivers, "ledtrig_timer", ""].join("\n");
}

const BUTTON_DEVICE = "/dev/input/passerelle-button";
const BUTTON = [
  ...['ACTION!="remove", SUBSYSTEM=="input"', 'KERNEL=="event*"'],
  ...['SUBSYSTEMS=="platform"', 'DRIVERS=="gpio-keys"'],
  ...['GROUP="passerelle-system", MODE="0640"', 'SYMLINK+="input/passerelle-button"'],
].join(", ");
/** The kernel makes the folder with its first input device, and a box may have none yet. */
const TMPFILES =
  "# What `system` sees of the button, however late that comes.\nd /dev/input 0755 root root -\n";
