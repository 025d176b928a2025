import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundle, chunkName, pagePackages } from "../src/bundle.ts";

let directory = "";
let made: Bundle;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "passerelle-bundle-"));
  made = await bundle(directory, process.arch === "arm64" ? "arm64" : "x64");
});

afterAll(() => rmSync(directory, { recursive: true }));

describe("the bundled program", () => {
  it("starts, far from the checkout and its node_modules", () => {
    const help = execFileSync(process.execPath, [join(directory, "main.js"), "run", "--help"], {
      cwd: "/",
      encoding: "utf8",
    });
    expect(help).toContain("run");
  });

  it("opens a database and the kernel with the addons beside it", () => {
    const store = chunks().find((name) => name.startsWith("store-"));
    const program = `
      const { openStore } = Object.fromEntries(Object.values(await import(${JSON.stringify(join(directory, store ?? ""))})).filter((x) => typeof x === "function").map((x) => [x.name, x]));
      const store = openStore({ path: ${JSON.stringify(join(directory, "test.db"))}, migrations: [] });
      console.log(store.opening.kind);`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: "/",
      encoding: "utf8",
    });
    expect(said).toBe("created\n");
  });

  it("is the same twice, and has no map and no path of a machine", async () => {
    const again = mkdtempSync(join(tmpdir(), "passerelle-bundle-"));
    try {
      await bundle(again, process.arch === "arm64" ? "arm64" : "x64");
      const names = readdirSync(directory).filter((name) => !name.startsWith("test.db"));
      expect(readdirSync(again).sort()).toEqual(names.sort());
      for (const name of names.filter((n) => n.endsWith(".js"))) {
        const text = readFileSync(join(directory, name), "utf8");
        expect(readFileSync(join(again, name), "utf8")).toBe(text);
        expect(text).not.toMatch(/sourceMappingURL=/);
        expect(text).not.toContain(join(import.meta.dirname, "../../../.."));
      }
    } finally {
      rmSync(again, { recursive: true });
    }
  });

  it.each(["config", "system", "firewall", "wan", "lan", "web"])(
    "loads with %s no other daemon",
    (daemon) => {
      const loaded = closure(["main.js", chunkOf("packages/apps/passerelle/src/run.ts")]);
      expect(daemonsIn(loaded)).toEqual([]);
      const own = closure([chunkOf(`packages/daemons/${daemon}/src/service.ts`)]);
      expect(daemonsIn(own)).toEqual([daemon]);
    },
  );

  it("is told what of npm is in it", () => {
    const names = made.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["better-sqlite3", "mqtt", "valibot"]));
    expect(made.packages.every(({ version }) => /^\d/.test(version))).toBe(true);
    expect(pagePackages().map(({ name }) => name)).toContain("preact");
  });
});

it.each([
  ["lan-service", "/x/packages/daemons/lan/src/service.ts"],
  ["contract", "/x/packages/bus/contract/src/index.ts"],
  ["mqtt", "/x/node_modules/mqtt/build/index.js"],
  ["hono-node-server", "/x/node_modules/@hono/node-server/dist/index.mjs"],
  ["common", "\0rolldown/runtime.js"],
])("a chunk is called %s", (name, id) => {
  expect(chunkName(["/x/packages/base/json/src/index.ts", id])).toBe(name);
});

function chunks(): readonly string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".js"));
}

function chunkOf(module: string): string {
  const chunk = made.chunks.find(({ modules }) => modules.includes(module));
  if (chunk === undefined) throw new Error(`${module} is in no chunk`);
  return chunk.name;
}

/** The modules that are loaded with these chunks. */
function closure(start: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const queue = [...start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...(made.chunks.find((chunk) => chunk.name === name)?.imports ?? []));
  }
  return made.chunks.filter(({ name }) => seen.has(name)).flatMap(({ modules }) => modules);
}

/** What acts; a section of the configuration is no more than its schema. */
function daemonsIn(modules: readonly string[]): readonly string[] {
  const pattern = /^packages\/daemons\/([a-z]+)\/src\/(?:edge\/|service\.ts$)/;
  return [...new Set(modules.flatMap((path) => pattern.exec(path)?.[1] ?? []))].sort();
}
