import { createSocket } from "node:dgram";

/**
 * Asks RESOLVER for NAMES, a hundred questions a second for SECONDS, each retried by nobody: prints
 * how many were answered and the longest time without an answer. Runs as a host of the lab.
 */
const [resolver = "", seconds = "10", ...names] = process.argv.slice(2);
const PERIOD_MS = 10;

const socket = createSocket("udp4");
let sent = 0;
let answered = 0;
let failed = 0;
let lastAnswer = performance.now();
let longestGapMs = 0;

socket.on("message", (bytes) => {
  if ((bytes.readUInt8(3) & 0x0f) !== 0) {
    failed += 1;
    return;
  }
  const now = performance.now();
  longestGapMs = Math.max(longestGapMs, now - lastAnswer);
  lastAnswer = now;
  answered += 1;
});
// A port that is closed for a moment answers with ICMP: that is a question without an answer, no more.
socket.on("error", () => undefined);

const timer = setInterval(() => {
  sent += 1;
  socket.send(
    question(names[sent % names.length] ?? "", sent & 0xffff),
    53,
    resolver,
    () => undefined,
  );
}, PERIOD_MS);

setTimeout(() => {
  clearInterval(timer);
  setTimeout(() => {
    longestGapMs = Math.max(longestGapMs, performance.now() - lastAnswer - 500);
    process.stdout.write(`${JSON.stringify({ sent, answered, failed, longestGapMs })}\n`);
    socket.close();
  }, 500);
}, Number(seconds) * 1000);

function question(name: string, id: number): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label, "ascii")]);
  return Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}
