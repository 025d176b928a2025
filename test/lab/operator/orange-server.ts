/**
 * Orange's concentrator on UDP 67 of the host `isp`. Arguments: CONTROL_FILE LOG_FILE LEASES_FILE.
 * Priority bits (PCP 6) and VLAN 832 can't be seen here: this kernel has no VLAN devices.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { ADDRESSES } from "../topology.ts";
import { readControl } from "./control.ts";
import { judge, ORANGE_LINE, readRequest } from "./orange.ts";
import { type LeasePlan, logEntry, OrangeBooks, writeAnswer } from "./orange-leases.ts";

const [controlFile = "", logFile = "", leasesFile = ""] = process.argv.slice(2);

const plan: LeasePlan = {
  ...ADDRESSES,
  taken: ADDRESSES.attackerWan,
  server: ADDRESSES.dhcpServer,
};
const books = new OrangeBooks(plan);

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
  const answer = books.answer(request, verdict, readControl(controlFile));
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
