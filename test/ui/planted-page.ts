/** Pages with one planted mistake each, on port 80 of the host that runs it: what the browser's watch must see. */
import { createServer } from "node:http";

const POLICY = "default-src 'self'; require-trusted-types-for 'script'";

const BODIES: Readonly<Record<string, string>> = {
  "/good": "",
  "/inline": "<img src=x onerror='alert(1)' alt='x'>",
  "/elsewhere": "",
  "/throws": "",
  "/dialog": "",
  "/unlabelled": "<input><p style='color: #ddd'>Too pale.</p>",
};

const SCRIPTS: Readonly<Record<string, string>> = {
  "/elsewhere": "void fetch('http://203.0.113.9/').catch(() => {});",
  "/throws": "setTimeout(() => { throw new Error('planted'); });",
  "/dialog": "alert('planted');",
};

createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://page");
  const body = BODIES[url.pathname];
  if (url.pathname === "/script.js") {
    const of = url.searchParams.get("of") ?? "";
    response.writeHead(200, { "content-type": "text/javascript" });
    response.end(
      `${SCRIPTS[of] ?? ""}\nsetTimeout(() => { document.body.dataset.done = "1"; const d = document.createElement("i"); d.id = "done"; document.querySelector("main").append(d); }, 50);`,
    );
    return;
  }
  if (body === undefined) {
    response.writeHead(url.pathname === "/favicon.ico" ? 204 : 404).end();
    return;
  }
  // A policy that allows a pale style, and for /elsewhere the request, so that it is the watch that sees it.
  const policy =
    url.pathname === "/elsewhere" || url.pathname === "/unlabelled"
      ? "style-src 'unsafe-inline'"
      : POLICY;
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
  });
  response.end(
    `<!doctype html><html lang="en"><head><title>Planted</title></head><body><main><h1>Planted</h1>` +
      `<p>You are ${request.socket.remoteAddress?.replace("::ffff:", "")}.</p>${body}</main>` +
      `<script src="/script.js?of=${url.pathname}"></script></body></html>`,
  );
}).listen(80);
