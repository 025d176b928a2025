import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { Box, type WanView } from "../interop/box.ts";
import { Lab } from "../lab/lab.ts";
import { ORANGE_LINE } from "../lab/operator/orange.ts";
import { axe } from "./axe.ts";
import { openBrowser, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { carriedThrough, expectFocus, Hands } from "./hands.ts";
import { BOX, settle } from "./resident.ts";

/** The box is unpacked at a line whose operator wants a login, and all there is is a keyboard. */
let lab: Lab;
let browser: Browser;
beforeAll(async () => {
  lab = await Lab.up({ operator: "orange" });
  await lab.lease("udhcpc", "lan1");
  const box = new Box(lab);
  const outcome = await box.call<object>("config/apply", {
    changes: [{ section: "wan", patch: { credentials: { password: "not-this-one" } } }],
    author: { name: "test", origin: "lan" },
  });
  expect(outcome).toMatchObject({ ok: true });
  const isParked = ({ cause }: WanView) => cause?.code === "refused_parked";
  await box.until<WanView>("wan/state", "parked", isParked, 60_000);
  browser = await openBrowser(lab);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

test("from the label to a green Home by the keyboard alone, with the operator's login", async () => {
  await using person = await visit(browser);
  const { page, watch } = person;
  await using _ = failedPicture(page, "keyboard-first-run");
  const hands = await Hands.on(page);
  const button = (name: string, within: Page | Locator = page) =>
    within.getByRole("button", { name, exact: true });
  const field = (name: string) => page.locator(`[name="${name}"]`);
  const arrived = async (title: string) => {
    await expectFocus(page.getByRole("heading", { level: 1, name: title }));
    expect(await axe(page)).toEqual([]);
  };

  await hands.open(`${BOX}/`);
  await hands.choose("language", "fr");
  await page.getByRole("heading", { level: 1, name: "Bienvenue" }).waitFor();
  await hands.choose("language", "en");
  await hands.press(button("Go on"));
  await hands.refused(field("password"), "Please fill this in.");
  await hands.press(page.getByRole("checkbox"), "Space");
  await hands.type(field("password"), labelOf(lab));
  await page.keyboard.press("Enter");

  await arrived("Your line");
  await field("profile").waitFor();
  await hands.select(field("profile"), "orange-fr");
  await hands.press(button("Use this operator"));
  await hands.refused(field("login"), "Please fill this in.");
  await hands.press(page.locator(".error-summary button").last());
  await hands.refused(field("secret"), "Please fill this in.");
  await hands.type(field("secret"), ORANGE_LINE.password);
  await hands.press(page.getByRole("checkbox"), "Space");
  await hands.type(field("login"), ORANGE_LINE.login);
  await hands.to(button("Go on without Internet"));
  const change = await hands.dialog(button("Use this operator"), "Use this operator");
  await hands.press(change.locator("summary"));
  await hands.press(button("Cancel", change));
  await hands.press(button("Use this operator"));
  await hands.press(button("Apply", change));
  // The person has just typed the password, and is not asked again.
  await carriedThrough(hands, "", "The gateway tries the line with this operator.");
  await page.getByText("The Internet works. There is nothing to set.").waitFor({ timeout: 60_000 });
  await hands.press(button("Go on"));

  await arrived("Your home is ready");
  const download = page.waitForEvent("download");
  await hands.press(page.getByRole("link", { name: "Download the certificate" }));
  const saved = await (await download).path();
  await lab.must("lan1", ["openssl", "x509", "-noout", "-in", saved]);
  await hands.press(button("To my home"));

  await settle(page);
  await page.getByText("Everything works").first().waitFor();
  await expectFocus(page.locator("main h1"));
  const elsewhere = /^(frame|page|messages|Your home, now): |^dialog: Close$/;
  const onlyReached = ["Your line: Go on without Internet"];
  expect(hands.ledger.untouched({ elsewhere, onlyReached })).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  // The box asks who is there, and the page answers by itself.
  expect(watch.problems(/status of 403/)).toEqual([]);
});
