/**
 * Asks one address again and again over one kept connection: `latency.ts URL COUNT [TOKEN]`. Prints the waits in
 * milliseconds and the octets of one answer as JSON.
 */
import { Agent, request } from "node:http";

const [url = "", count = "1000", token] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };

function ask(): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers }, (response) => {
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(octets) : reject(new Error(`${response.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

for (let warm = 0; warm < 200; warm += 1) await ask();
const waits: number[] = [];
let octets = 0;
for (let n = 0; n < Number(count); n += 1) {
  const began = performance.now();
  octets = await ask();
  waits.push(performance.now() - began);
}
waits.sort((a, b) => a - b);
const at = (share: number) => waits[Math.floor(waits.length * share)] ?? Number.NaN;
console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99), octets }));
agent.destroy();
