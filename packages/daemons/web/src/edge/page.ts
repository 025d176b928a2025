import { createHash } from "node:crypto";
import { type Dirent, lstatSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "@passerelle/service";
import { PLAIN_PAGE } from "./plain-page.ts";

/** The built page, whole in memory: a request chooses among what is there and never touches the disk. */
export interface Page {
  /** Answers GET and HEAD of any path outside the API. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): void;
  readonly files: number;
}

/** One file, with the forms it was compressed to when the page was built. */
interface PageFile {
  readonly type: string;
  readonly cache: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}

export function loadPage(directory: string, log: Logger): Page {
  const files = readFiles(directory);
  const index = files.get("/index.html") ?? plainIndex();
  if (!files.has("/index.html")) log.warn("page_not_built", { directory });
  return {
    files: files.size,
    serve(request, response, path) {
      // What looks like a place of the page and not like a file is the page itself: it knows its own places.
      const file = files.get(path) ?? (LAST_DOT.test(path) ? undefined : index);
      if (file === undefined) {
        response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
        response.end(request.method === "HEAD" ? undefined : "Not found.\n");
        return;
      }
      send(request, response, file);
    },
  };
}

/** PASSERELLE_UI_DIR, or where the build of this repository puts it. */
export function pageDirectory(): string {
  const given = process.env.PASSERELLE_UI_DIR;
  if (given !== undefined && given !== "") return given;
  return fileURLToPath(new URL("../../../../apps/ui/dist", import.meta.url));
}

function send(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const headers: Record<string, string | number> = {
    "content-type": file.type,
    "cache-control": file.cache,
    etag: file.etag,
    vary: "accept-encoding",
  };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const accepted = request.headers["accept-encoding"] ?? "";
  const name = accepts(accepted, "br") && file.br !== undefined ? "br" : "gzip";
  const packed = name === "br" ? file.br : accepts(accepted, "gzip") ? file.gzip : undefined;
  if (packed !== undefined) headers["content-encoding"] = name;
  const body = packed ?? file.plain;
  headers["content-length"] = body.length;
  response.writeHead(200, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

function accepts(header: string, coding: string): boolean {
  return header
    .toLowerCase()
    .split(",")
    .some((part) => {
      const [name, ...parameters] = part.trim().split(/\s*;\s*/);
      return name === coding && !parameters.some((p) => /^q=0(\.0*)?$/.test(p));
    });
}

function readFiles(root: string): ReadonlyMap<string, PageFile> {
  const raw = new Map<string, Buffer>();
  let total = 0;
  for (const path of filesBelow(root, 0)) {
    const { size } = lstatSync(path);
    total += size;
    if (raw.size >= FILES_MAX || total > BYTES_MAX) throw new Error(`invariant: ${root} is a page`);
    raw.set(`/${relative(root, path).split(sep).join("/")}`, readFileSync(path));
  }
  const files = new Map<string, PageFile>();
  for (const [path, plain] of raw) {
    const type = TYPES[LAST_DOT.exec(path)?.[1] ?? ""];
    if (type === undefined) continue;
    const br = raw.get(`${path}.br`);
    const gzip = raw.get(`${path}.gz`);
    files.set(path, {
      type,
      cache: HASHED.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
      etag: etagOf(plain),
      plain,
      ...(br === undefined ? {} : { br }),
      ...(gzip === undefined ? {} : { gzip }),
    });
  }
  return files;
}

/** Plain files only: a link could lead out of the directory. */
function filesBelow(directory: string, depth: number): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && depth < DEPTH_MAX) return filesBelow(path, depth + 1);
    return entry.isFile() ? [path] : [];
  });
}

function plainIndex(): PageFile {
  const plain = Buffer.from(PLAIN_PAGE, "utf8");
  return { type: TYPES.html ?? "", cache: "no-cache", etag: etagOf(plain), plain };
}

function etagOf(bytes: Buffer): string {
  return `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
}

const FILES_MAX = 2000;
const BYTES_MAX = 16 * 1024 * 1024;
const DEPTH_MAX = 6;
const LAST_DOT = /\.([a-z0-9]+)$/;
/** Vite names a file after its content: it never changes. */
const HASHED = /^\/assets\/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
};
