import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Rig, startRig } from "./rig.ts";

const INDEX = "<!doctype html><title>box</title>";
const SCRIPT = "console.log('hello, hello, hello, hello')";
let folder: string;
let rig: Rig;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "passerelle-page-"));
  const dist = join(folder, "dist");
  mkdirSync(join(dist, "assets"), { recursive: true });
  writeFileSync(join(dist, "index.html"), INDEX);
  writeFileSync(join(dist, "assets/index-BfXJ3k2_.js"), SCRIPT);
  writeFileSync(join(dist, "assets/index-BfXJ3k2_.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(dist, "assets/index-BfXJ3k2_.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(dist, "notes.sh"), "secret");
  writeFileSync(join(folder, "outside.txt"), "secret");
  symlinkSync(join(folder, "outside.txt"), join(dist, "link.txt"));
  rig = await startRig({ ports: { pageDirectory: dist } });
});
afterAll(async () => {
  await rig.stop();
  await rig.context.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const SCRIPT_PATH = "/assets/index-BfXJ3k2_.js";

test("every place of the page is the page, and a browser asks again each time", async () => {
  for (const path of ["/", "/index.html", "/devices/00:11:22", "/security"]) {
    const { status, text, headers } = await rig.http("GET", path);
    expect([status, text]).toEqual([200, INDEX]);
    expect(headers["cache-control"]).toBe("no-cache");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  }
});

test("what is named after its content is kept for ever, and comes as it was compressed", async () => {
  const ask = (encoding: string) =>
    rig.http("GET", SCRIPT_PATH, { headers: { "accept-encoding": encoding } });
  const plain = await ask("identity");
  expect(plain.text).toBe(SCRIPT);
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect((await ask("gzip, br")).headers["content-encoding"]).toBe("br");
  expect((await ask("gzip")).headers["content-encoding"]).toBe("gzip");
  expect((await ask("br;q=0, gzip")).headers["content-encoding"]).toBe("gzip");
  expect((await ask("deflate")).headers["content-encoding"]).toBeUndefined();
  expect(plain.headers.vary).toBe("accept-encoding");
});

test("what a browser has is not sent again", async () => {
  const { headers } = await rig.http("GET", "/");
  const again = await rig.http("GET", "/", { headers: { "if-none-match": headers.etag } });
  expect([again.status, again.text]).toEqual([304, ""]);
  const head = await rig.http("HEAD", "/");
  expect([head.status, head.text]).toEqual([200, ""]);
  expect(head.headers["content-length"]).toBe(String(INDEX.length));
});

test("S-20 nothing else is there: no link, no other kind of file, no compressed form by its name", async () => {
  const paths = [
    "/link.txt",
    "/notes.sh",
    `${SCRIPT_PATH}.br`,
    "/assets/none.js",
    "/outside.txt",
    "/assets/__proto__.js",
  ];
  for (const path of paths) {
    const { status, text } = await rig.http("GET", path);
    expect([status, text], path).toEqual([404, "Not found.\n"]);
  }
});

test("where the page was not built a person reads so, in both languages", async () => {
  const bare = await startRig({ ports: { pageDirectory: join(folder, "nowhere") } });
  const { status, text } = await bare.http("GET", "/");
  expect(status).toBe(200);
  expect(text).toContain("La passerelle fonctionne");
  expect(text).toContain("The gateway works");
  await bare.stop();
  await bare.context.dispose();
});
