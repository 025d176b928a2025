/** The least that Node can do: answers the same octets to everybody. `plain-server.ts HOST PORT OCTETS`. */
import { createServer } from "node:http";

const [host = "", port = "", octets = ""] = process.argv.slice(2);
const body = Buffer.alloc(Number(octets), "x");
createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}).listen(Number(port), host);
