/**
 * Orange's concentrator on UDP 67 and 547 of the host `isp`. Arguments: CONTROL_FILE LOG_FILE LEASES_FILE LOG6_FILE.
 * Priority bits and the VLAN can't be seen here: on a kernel with VLANs the card of the access looks (operator.ts).
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { ADDRESSES } from "../topology.ts";
import { readControl } from "./control.ts";
import { hex, judge, ORANGE_LINE, readRequest } from "./orange.ts";
import { type LeasePlan, logEntry, OrangeBooks, writeAnswer } from "./orange-leases.ts";
import { openOrange6 } from "./orange6-socket.ts";

const [controlFile = "", logFile = "", leasesFile = "", log6File = ""] = process.argv.slice(2);

const plan: LeasePlan = {
  ...ADDRESSES,
  taken: ADDRESSES.attackerWan,
  server: ADDRESSES.dhcpServer,
};
const books = new OrangeBooks(plan);
const books6 = openOrange6(
  () => readControl(controlFile),
  (entry) => {
    const at = new Date().toISOString();
    appendFileSync(log6File, `${JSON.stringify({ at, ...entry })}\n`);
  },
);

function heard(socket: Socket, unicast: boolean, bytes: Buffer, peer: RemoteInfo): void {
  const at = new Date().toISOString();
  const write = (entry: Record<string, unknown>) =>
    appendFileSync(logFile, `${JSON.stringify({ at, from: peer.address, unicast, ...entry })}\n`);
  const request = readRequest(bytes);
  if (typeof request === "string") {
    write({ verdict: "silence", reason: request, answer: "none", raw: bytes.toString("hex") });
    return;
  }
  const verdict = judge(request, ORANGE_LINE);
  const authentication = request.options.get(90);
  if (verdict.kind !== "silence" && authentication !== undefined) {
    books6.heard4(request.mac, hex(authentication));
  }
  const control = readControl(controlFile);
  const parked = control.parked || books6.isDoubted(request.mac);
  const answer = books.answer(request, verdict, { ...control, parked });
  write(logEntry(request, verdict, answer));
  writeFileSync(`${leasesFile}.new`, JSON.stringify(books.leases));
  renameSync(`${leasesFile}.new`, leasesFile);
  if (answer.kind === "none") return;
  // RFC 2131 section 4.1: to ciaddr where the client has one; a NAK, and all else here, is broadcast.
  const to =
    request.ciaddr !== "0.0.0.0" && answer.kind === "ack" ? request.ciaddr : "255.255.255.255";
  const from = to === "255.255.255.255" ? everywhere : socket;
  from.send(writeAnswer(request, answer, plan), 68, to, (error) => {
    if (error) write({ error: error.message });
  });
}

const everywhere = createSocket({ type: "udp4", reuseAddr: true });
everywhere.on("message", (bytes, peer) => heard(own, false, bytes, peer));
/** Unicast renewals come to the server's own address, and are answered from it. */
const own = createSocket({ type: "udp4", reuseAddr: true });
own.on("message", (bytes, peer) => heard(own, true, bytes, peer));

own.bind(67, ADDRESSES.dhcpServer, () => {
  everywhere.bind(67, () => everywhere.setBroadcast(true));
});
