import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Lab } from "../lab/lab.ts";
import type { HostName } from "../lab/topology.ts";
import { Watch } from "./watch.ts";

/** Debian's Chromium, run as a host of the lab: its network, its resolver, its files. */
export async function openBrowser(
  lab: Lab,
  host: HostName = "lan1",
  more: readonly string[] = [],
): Promise<Browser> {
  // The lab's directory has the same path inside the hosts: profile and downloads are seen from both sides.
  const directory = join(lab.paths.directory, "browser");
  mkdirSync(directory, { recursive: true });
  const wrapper = join(directory, `as-${host}`);
  const words = [...lab.enter(host), "/usr/bin/chromium"].map((word) => `'${word}'`).join(" ");
  writeFileSync(wrapper, `#!/bin/sh\nexec ${words} "$@" 2>>${lab.paths.logs}/chromium.log\n`, {
    mode: 0o755,
  });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = directory;
  try {
    return await chromium.launch({
      executablePath: wrapper,
      args: [...FLAGS, ...more],
      chromiumSandbox: false,
    });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

export interface Look {
  readonly language?: "fr" | "en";
  readonly theme?: "light" | "dark";
  readonly width?: number;
}

/** One person's browser window with a fresh profile, watched for what a page of the box must never do. */
export interface Visit extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
}

export async function visit(browser: Browser, look: Look = {}): Promise<Visit> {
  const { language = "en", theme = "light", width = 1280 } = look;
  const context = await browser.newContext({
    locale: language === "fr" ? "fr-FR" : "en-GB",
    colorScheme: theme,
    viewport: { width, height: width < 640 ? 740 : 900 },
    reducedMotion: "reduce",
    timezoneId: "Europe/Paris",
    // The box's own authority is in no browser's list; S-26 looks at the certificate itself.
    ignoreHTTPSErrors: true,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const watch = new Watch(context);
  return { context, page, watch, [Symbol.asyncDispose]: () => context.close() };
}

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-domain-reliability",
  "--disable-field-trial-config",
  "--no-pings",
  // One resolver: the lease's, so that a name is asked of the gateway as every device does.
  // And the scheme that the test writes: a name is not tried by https before it is by http.
  "--disable-features=DnsOverHttps,HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,Translate",
];
