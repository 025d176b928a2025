/**
 * What stands in the way of a line whose wires are well. On `isp`, where packets are led to it:
 *
 *   spoiler.ts slow MS RESOLVER   names are answered by RESOLVER, so much later
 *   spoiler.ts lying ADDRESS      every name has this address
 *   spoiler.ts portal             every page is elsewhere (302), where one logs in
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { SPOILER_PORT } from "../topology.ts";

const [kind, word = "", resolver = ""] = process.argv.slice(2);
if (kind === "slow") slow(Number(word), resolver);
else if (kind === "lying") lying(word);
else if (kind === "portal") portal();
else throw new Error("slow, lying or portal");

function slow(waitMs: number, address: string): void {
  const server = createSocket("udp4");
  server.on("message", (question, from) => {
    const upstream = createSocket("udp4");
    const end = setTimeout(() => upstream.close(), waitMs + 10_000);
    upstream.once("message", (answer) => {
      clearTimeout(end);
      upstream.close();
      setTimeout(() => server.send(answer, from.port, from.address), waitMs);
    });
    upstream.send(question, 53, address);
  });
  server.bind(SPOILER_PORT);
}

const TYPE_A = 1;
const HEADER = 12;

function lying(address: string): void {
  const server = createSocket("udp4");
  server.on("message", (query, from) => {
    const end = query.indexOf(0, HEADER);
    if (end < 0 || query.length < end + 5) return;
    const question = query.subarray(HEADER, end + 5);
    const isAddress = query.readUInt16BE(end + 1) === TYPE_A;
    const header = Buffer.from(query.subarray(0, HEADER));
    header.writeUInt16BE(0x8180, 2);
    // One question, perhaps an answer, nothing else: no OPT either.
    for (const [at, count] of [1, isAddress ? 1 : 0, 0, 0].entries()) {
      header.writeUInt16BE(count, 4 + 2 * at);
    }
    // The name of the question, A, IN, a minute, four octets.
    const record = Buffer.from([0xc0, 0x0c, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4]);
    const octets = Buffer.from(address.split(".").map(Number));
    const answer = isAddress ? [record, octets] : [];
    server.send(Buffer.concat([header, question, ...answer]), from.port, from.address);
  });
  server.bind(SPOILER_PORT);
}

function portal(): void {
  createServer((_, response) => {
    response.writeHead(302, { location: "http://login.isp.internet.test/" });
    response.end("log in first\n");
  }).listen(SPOILER_PORT);
}
