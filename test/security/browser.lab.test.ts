import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { ghost, takeLeases } from "../face/crowd.ts";
import { Lab } from "../lab/lab.ts";
import type { HostName } from "../lab/topology.ts";
import { openBrowser, visit } from "../ui/browser.ts";
import { BOX, resident, settle, settledHouse, until } from "../ui/resident.ts";

/** A person of the house with a browser, and strangers who want to use it. Rows S-16, S-17, S-21. */
const EVIL = join(import.meta.dirname, "evil-page.ts");

/** What DNS rebinding does: a name of somebody else with an address of the home. */
const RESOLVER_RULES =
  "--host-resolver-rules=MAP evil.test 192.168.1.1,MAP evil.box.home.arpa 192.168.1.20";

interface Stranger {
  readonly host: HostName;
  readonly port: string;
  /** The box as the person calls it. */
  readonly box: string;
  readonly address: string;
}

let lab: Lab;
let admin: Admin;
let browser: Browser;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  browser = await openBrowser(lab, "lan1", [RESOLVER_RULES]);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

describe("S-16: a page of somebody else, in the browser of a person who is logged in", () => {
  const serve = async (host: HostName, port: string, box: string): Promise<void> => {
    if (host === "lan2") await lab.lease("udhcpc", "lan2");
    await lab.serve(host, "evil", [process.execPath, EVIL, port, box]);
  };
  const strangers: Readonly<Record<string, Stranger>> = {
    "of a device of the home": {
      host: "lan2",
      port: "8000",
      box: BOX,
      address: "http://192.168.1.20:8000/",
    },
    // The same site as the box for a browser, which sends the cookie along: only the origin is another.
    "below the name of the box": {
      host: "lan2",
      port: "8001",
      box: "http://box.home.arpa",
      address: "http://evil.box.home.arpa:8001/",
    },
    "of the Internet": {
      host: "internet",
      port: "8000",
      box: BOX,
      address: "http://web.internet.test:8000/",
    },
  };

  for (const [where, { host, port, box, address }] of Object.entries(strangers)) {
    test(`${where} reads nothing and changes nothing`, async () => {
      await serve(host, port, box);
      await using person = await resident(browser, labelOf(lab), { from: box });
      const before = must(await admin.api.call("GET /config/state"));
      const tab = await person.context.newPage();
      await lab.waitFor(
        "the stranger's page",
        async () => (await tab.goto(address).catch(() => null)) !== null,
        10_000,
      );
      await until(tab, "document.title.startsWith('{')", 30_000);
      const found = JSON.parse(await tab.title()) as Readonly<Record<string, unknown>>;
      for (const name of ["put", "read", "welcome", "socket"])
        expect(found[name], name).toBe("refused");
      expect(found.script).not.toBe("LOADED");
      expect(found.frame).toBe("loaded 0");
      const after = must(await admin.api.call("GET /config/state"));
      expect(after.revision).toBe(before.revision);
      expect(must(await admin.api.call("GET /wan")).line.reach.kind).not.toBe("down");
      // The person is still logged in: nobody logged them out either.
      await person.page.reload();
      await settle(person.page);
      expect(await person.page.locator('input[type="password"]').count()).toBe(0);
    });
  }
});

describe("S-17: a name of somebody else that leads to the box", () => {
  test("in the browser: the page and the API say nothing to it", async () => {
    await using seen = await visit(browser);
    for (const path of ["/", "/api/v1/welcome", "/api/v1/openapi.json"]) {
      const answer = await seen.page.goto(`http://evil.test${path}`);
      expect(answer?.status(), path).toBe(421);
      expect(await answer?.text()).not.toMatch(/firstRunDone|<script|openapi/);
    }
    const fetched = await seen.page.evaluate(async () => {
      const answer = await fetch("/api/v1/welcome", { headers: { "x-passerelle": "1" } });
      return answer.status;
    });
    expect(fetched).toBe(421);
  });

  test("by the resolver of the home: an answer with an address of the home is no answer", async () => {
    await using seen = await visit(browser);
    for (const name of ["rebind.internet.test", "rebind-local.internet.test"])
      await expect(seen.page.goto(`http://${name}/`)).rejects.toThrow(/ERR_NAME_NOT_RESOLVED/);
  });
});

describe("S-21: what devices call themselves", () => {
  const names: readonly (string | Uint8Array)[] = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "line\nbreak\r\nX: y",
    "\u202Egnp.exe\u202C",
    "nul\u0000inside",
    "{{constructor.constructor('alert(5)')()}}",
    "a'; DROP TABLE devices; --",
    "\u001b[31mred",
    Uint8Array.from({ length: 255 }, (_, n) => n),
    Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80),
    "x".repeat(255),
    "y".repeat(60_000),
    "",
    "-rf",
    "__proto__",
    "toString",
  ];

  test("stays text on every page that shows it, in the API and in the files of the box", async () => {
    const crowd = names.map((name, n) => ghost(n + 1, name, `<img src=v onerror=alert(${n})>`));
    await lab.must("attacker-lan", ["ip", "link", "set", "eth0", "up"]);
    const given = await takeLeases(lab, "attacker-lan", crowd);
    // A packet of 60 000 octets need not be read; every other device is served.
    expect(given).toBeGreaterThanOrEqual(crowd.length - 1);

    const { text } = await admin.ask({ path: "/api/v1/hosts" });
    const { hosts } = JSON.parse(text) as { readonly hosts: readonly { macs: string[] }[] };
    const macs = new Set(hosts.flatMap((host) => host.macs));
    expect(crowd.filter(({ mac }) => macs.has(mac)).length).toBe(given);
    const leases = must(await admin.api.call("GET /dhcpv4/leases")).leases;
    expect(new Set(leases.map(({ mac }) => mac)).size).toBe(leases.length);
    for (const { hostname } of leases) expect(hostname?.length ?? 0).toBeLessThanOrEqual(255);

    await using person = await resident(browser, labelOf(lab), { at: "/devices" });
    for (const path of ["/devices", "/", "/security", "/diagnostics", "/system", "/expert"]) {
      await person.page.goto(`${BOX}${path}`);
      await settle(person.page);
    }
    const ids = must(await admin.api.call("GET /hosts")).hosts.map(({ id }) => id);
    for (const id of ids.slice(0, 25)) {
      await person.page.goto(`${BOX}/devices/${encodeURIComponent(id)}`);
      await settle(person.page);
    }
    expect(person.watch.problems()).toEqual([]);
    expect(await person.page.locator("main img, main svg[onload], main script").count()).toBe(0);
    await person.page.goto(`${BOX}/devices`);
    await settle(person.page);
    await person.page.locator("main").getByText("onerror=alert(1)").first().waitFor();
    // The page keeps its width: no name pushes it aside.
    const wide = await person.page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(wide).toBeLessThanOrEqual(0);
  });
});
