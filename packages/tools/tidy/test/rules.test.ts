import { describe, expect, test } from "vitest";
import { rules } from "../src/rules.ts";
import type { ProjectFile } from "../src/tree.ts";

/** A small project in which nothing is wrong; each test plants one mistake. */
const readme = `# wan\n${["Does", "Does not", "Config", "Bus topics", "Kernel resources it owns", "Failure modes"].map((s) => `## ${s}\n`).join("")}`;
const clean: Readonly<Record<string, string>> = {
  "packages/base/net/package.json": manifest("net"),
  "packages/base/net/src/index.ts": "export const a = 1;\n",
  "packages/protocols/dns/package.json": manifest("dns", ["@passerelle/net"]),
  "packages/protocols/dns/src/index.ts":
    'import { a } from "@passerelle/net";\nexport const b = a;\n',
  "packages/platform/sockets/package.json": manifest("sockets", ["@passerelle/net"]),
  "packages/platform/sockets/src/index.ts": 'import dgram from "node:dgram";\nexport { dgram };\n',
  "packages/daemons/wan/package.json": manifest("wan", [
    "@passerelle/dns",
    "@passerelle/sockets",
    "@passerelle/lan",
  ]),
  "packages/daemons/wan/README.md": readme,
  "packages/daemons/wan/src/service.ts": 'export * from "./core/step.ts";\n',
  "packages/daemons/wan/src/config.ts": "export const c = 1;\n",
  "packages/daemons/wan/src/core/step.ts":
    'import { b } from "@passerelle/dns";\nexport const d = b;\n',
  "packages/daemons/wan/src/edge/socket.ts": 'import net from "node:net";\nexport { net };\n',
  "packages/daemons/wan/test/transitions.test.ts": "export {};\n",
  "packages/daemons/lan/package.json": manifest("lan"),
  "packages/daemons/lan/README.md": readme.replace("# wan", "# lan"),
  "packages/daemons/lan/src/service.ts": "export const e = 1;\n",
  "packages/daemons/lan/src/config.ts": "export const f = 1;\n",
  "packages/daemons/lan/src/core/step.ts": "export const g = 1;\n",
  "packages/daemons/lan/src/edge/x.ts": "export const h = 1;\n",
  "packages/daemons/lan/test/transitions.test.ts": "export {};\n",
};

function manifest(name: string, dependencies: readonly string[] = []): string {
  return JSON.stringify({
    name: `@passerelle/${name}`,
    exports: { ".": "./src/index.ts" },
    dependencies: Object.fromEntries(dependencies.map((d) => [d, "*"])),
  });
}

function broken(planted: Readonly<Record<string, string | undefined>>): string[] {
  const tree = { ...clean, ...planted };
  const files: ProjectFile[] = Object.entries(tree).flatMap(([path, text]) =>
    text === undefined ? [] : [{ path, text }],
  );
  return [...new Set(rules.flatMap((rule) => rule.check(files)).map((v) => v.rule))];
}

const core = "packages/daemons/wan/src/core/step.ts";
const dns = "packages/protocols/dns/src/index.ts";

test("the clean project is clean", () => {
  expect(broken({})).toEqual([]);
});

describe("layers", () => {
  test.each([
    ["a protocol uses node:fs", dns, 'import fs from "node:fs";\nexport { fs };\n'],
    ["a protocol imports platform", dns, 'import x from "@passerelle/sockets";\nexport { x };\n'],
    [
      "a type-only import counts",
      dns,
      'import type { x } from "@passerelle/sockets";\nexport type y = x;\n',
    ],
    ["a re-export counts", dns, 'export * from "@passerelle/sockets";\n'],
    ["a dynamic import counts", dns, 'export const x = import("@passerelle/sockets");\n'],
    [
      "a daemon imports a daemon, declared",
      core,
      'import { e } from "@passerelle/lan";\nexport const d = e;\n',
    ],
    ["an undeclared package", dns, 'import x from "left-pad";\nexport { x };\n'],
    [
      "a relative path into another package",
      dns,
      'export * from "../../../base/net/src/index.ts";\n',
    ],
    ["past the exports", dns, 'export * from "@passerelle/net/src/index.ts";\n'],
    ["core imports edge", core, 'export * from "../edge/socket.ts";\n'],
    ["core uses node", core, 'export * from "node:net";\n'],
    [
      "a daemon starts processes",
      "packages/daemons/wan/src/edge/socket.ts",
      'export * from "node:child_process";\n',
    ],
  ])("%s", (_name, path, text) => {
    expect(broken({ [path]: text })).toEqual(["layers"]);
  });

  test("the schema library outside config.ts", () => {
    const planted = {
      "packages/daemons/wan/package.json": manifest("wan", ["@passerelle/dns", "valibot"]),
      [core]: 'import * as v from "valibot";\nexport { v };\n',
    };
    expect(broken(planted)).toEqual(["layers"]);
  });

  test.each([
    ["the table of the web API sees the bus", "bus/api", "@passerelle/bus-client", "bus/client"],
    [
      "a program of people goes around the web API",
      "apps/cli",
      "@passerelle/bus-client",
      "bus/client",
    ],
  ])("%s", (_name, folder, imported, target) => {
    const importer = `packages/${folder}/src/index.ts`;
    const planted = {
      [`packages/${folder}/package.json`]: manifest(folder.split("/")[1] ?? "", [imported]),
      [`packages/${target}/package.json`]: manifest("bus-client", []),
      [importer]: `export * from "${imported}";\n`,
    };
    expect(broken(planted)).toEqual(["layers"]);
  });

  test("no file at all is red, not green", () => {
    expect(rules.flatMap((rule) => rule.check([])).map((v) => v.rule)).toEqual(["layers"]);
  });
});

describe("sizes", () => {
  test("a file of 401 lines", () => {
    expect(
      broken({ [core]: "export const x = 1;\n".replace("x", "x0") + "// why\n".repeat(400) }),
    ).toEqual(["sizes"]);
  });
  test("a function of 71 lines", () => {
    expect(
      broken({ [core]: `export function x() {\n${"  y();\n".repeat(69)}}\nfunction y() {}\n` }),
    ).toEqual(["sizes"]);
  });
});

describe("text", () => {
  test.each([
    ["topics", 'export const t = "gw/v1/wan/state";\n'],
    ["no-shell", 'spawn("x", [], { shell: true });\n'],
    ["no-shell", 'spawn("sh", ["-c", command]);\n'],
    ["no-shell", '// import { exec } from "node:child_process";\n'],
    ["notes", "// TODO later\nexport const x = 1;\n"],
    ["privacy", `export const p = "/wo${"rk/main/x"}";\n`],
    ["suppressions", "// biome-ignore lint/x\nexport const x = 1;\n"],
    ["suppressions", "// biome-ignore lint/x: a fair reason\n".repeat(13)],
  ])("%s", (rule, text) => {
    expect(broken({ [core]: text })).toEqual([rule]);
  });
});

describe("daemons", () => {
  test.each([
    ["no README", "packages/daemons/wan/README.md", undefined],
    [
      "a README without Failure modes",
      "packages/daemons/wan/README.md",
      readme.replace("## Failure modes\n", ""),
    ],
    ["no transition table", "packages/daemons/wan/test/transitions.test.ts", undefined],
    ["no config.ts", "packages/daemons/wan/src/config.ts", undefined],
  ])("%s", (_name, path, text) => {
    expect(broken({ [path]: text })).toEqual(["daemons"]);
  });
});

describe("markdown", () => {
  test.each([
    ["two titles", "# a\n# b\n"],
    ["a dead link", "# a\n[x](./nowhere.md)\n"],
  ])("%s", (_name, text) => {
    expect(broken({ "docs/page.md": text })).toEqual(["markdown"]);
  });
});

describe("pages", () => {
  const page = "packages/apps/ui/src/page.tsx";
  const manifests = { "packages/apps/ui/package.json": manifest("ui", ["@passerelle/net"]) };
  const tsx = (text: string): string[] => broken({ ...manifests, [page]: text });

  test("a page that says its words by key is clean", () => {
    const text =
      'import { a } from "@passerelle/net";\nexport const P = () => (\n  <p class="small" aria-label={t("x.y")}>\n    {a === "down" && t("x.z")} · <b title={t("a.b")}>{`: `}</b> TCP\n  </p>\n);\n';
    expect(tsx(text)).toEqual([]);
  });

  test.each([
    ["words between tags", "<p>Hello there</p>"],
    ["a literal in braces", '<p>{"Hello"}</p>'],
    ["a literal beside a value", ["<p>{`Hello $", "{name}`}</p>"].join("")],
    ["a literal behind a condition", '<p>{isNew && "Hello"}</p>'],
    ["one of two literals", '<p>{isNew ? t("a.b") : "Hello"}</p>'],
    ["a fallback", '<p>{name ?? "nobody"}</p>'],
    ["a label", '<button aria-label="Close" />'],
    ["a label in braces", '<Field label={"Name"} />'],
    ["in a fragment", "<>Hello</>"],
  ])("%s", (_name, element) => {
    expect(tsx(`export const P = () => (${element});\n`)).toEqual(["words"]);
  });

  test("every rule for sources sees .tsx: layers", () => {
    expect(tsx('import x from "left-pad";\nexport { x };\n')).toEqual(["layers"]);
    expect(tsx('export * from "../../../base/net/src/index.ts";\n')).toEqual(["layers"]);
  });

  test("sizes", () => {
    expect(tsx(`export const x = <p />;\n${"// why\n".repeat(400)}`)).toEqual(["sizes"]);
    expect(tsx(`export function X() {\n${"  y();\n".repeat(70)}}\n`)).toEqual(["sizes"]);
  });

  test("notes, topics and suppressions", () => {
    expect(tsx("// TODO later\nexport const x = <p />;\n")).toEqual(["notes"]);
    expect(tsx('export const t = "gw/v1/wan/state";\n')).toEqual(["topics"]);
    expect(tsx("// biome-ignore lint/x\nexport const x = 1;\n")).toEqual(["suppressions"]);
  });
});
