import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLACES } from "./places.ts";

/** No form without somebody who drives it by the keyboard: who writes one says here in which file that is. */
const SOURCES = join(import.meta.dirname, "../../packages/apps/ui/src");

const DRIVEN: Readonly<Record<string, readonly string[]>> = {
  "keyboard-frame": [
    "pages/login-form.tsx",
    "shell/language-choice.tsx",
    "shell/session-expiry.tsx",
    "shell/shell.tsx",
    "shell/step-up.tsx",
  ],
  "keyboard-first-run": ["pages/first-run/operator-form.tsx"],
  "keyboard-house": [
    "pages/devices/device-actions.tsx",
    "pages/devices/devices.tsx",
    "pages/devices/keep-address.tsx",
    "pages/devices/open-port.tsx",
    "pages/devices/openings.tsx",
    "pages/devices/rename.tsx",
    "shell/help-panel.tsx",
  ],
  "keyboard-security": [
    "pages/security/apps.tsx",
    "pages/security/encrypted-access.tsx",
    "pages/security/new-opening.tsx",
    "pages/security/openings.tsx",
    "pages/security/password-change.tsx",
  ],
  "keyboard-system": [
    "pages/system/backup.tsx",
    "pages/system/box-settings.tsx",
    "pages/system/factory-reset.tsx",
    "pages/system/home-network.tsx",
    "pages/system/names.tsx",
    "pages/system/restart.tsx",
    "pages/system/restore.tsx",
    "pages/system/revisions.tsx",
    "pages/system/system.tsx",
    "parts/history.tsx",
    "shell/apply-flow.tsx",
  ],
  "keyboard-tools": [
    "pages/diagnostics/log-card.tsx",
    "pages/diagnostics/tools.tsx",
    "pages/expert/api-reader.tsx",
    "pages/expert/bus-monitor.tsx",
    "pages/expert/expert.tsx",
    "pages/internet/dsl/dsl-card.tsx",
    "pages/internet/dsl/dsl-errors.tsx",
    "pages/internet/dsl/dsl-spectrum.tsx",
    "pages/internet/interrupting.tsx",
    "pages/internet/line-modem.tsx",
    "pages/internet/line-settings.tsx",
  ],
};

/** Stands only where a box has two systems: the image is judged by this file. */
const ON_A_BOARD: readonly string[] = ["pages/system/update.tsx"];
const JUDGE_OF_THE_BOARD = "../image/keyboard-update.image.test.ts";

/** What a person fills in, chooses, answers, or begins a change with. */
const FORM =
  /<(Form|Dialog|Confirm|Menu|Tabs|Field|Select|Switch|Choice|Checks|TextArea|FileChoice)\b|<(form|dialog|input|select|textarea)\b|\bstartChange\(/;

test("every source with a form is driven by one file, and each of these is there", () => {
  const found = globSync("**/*.tsx", { cwd: SOURCES })
    .filter((path) => !path.startsWith("components/"))
    .filter((path) => FORM.test(readFileSync(join(SOURCES, path), "utf8")));
  expect([...Object.values(DRIVEN).flat(), ...ON_A_BOARD].sort()).toEqual(found.sort());
  const files = Object.keys(DRIVEN).filter(
    (name) => !existsSync(join(import.meta.dirname, `${name}.lab.test.ts`)),
  );
  expect(files).toEqual([]);
  expect(existsSync(join(import.meta.dirname, JUDGE_OF_THE_BOARD))).toBe(true);
});

test("every page is among the places that axe and the keyboard go to", () => {
  const rows = readFileSync(join(SOURCES, "shell/pages.ts"), "utf8").matchAll(/\bname: "(\w+)"/g);
  expect([...rows].map(([, name]) => name).sort()).toEqual(PLACES.map(({ name }) => name).sort());
});
