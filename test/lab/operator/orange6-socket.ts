import { execFile } from "node:child_process";
import { createSocket, type RemoteInfo } from "node:dgram";
import { ADDRESSES6 } from "../topology.ts";
import type { OperatorControl } from "./control.ts";
import { ORANGE_LINE } from "./orange.ts";
import { judge6, prefixText, readRequest6 } from "./orange6.ts";
import { logEntry6, Orange6Books, type PrefixPlan, writeAnswer6 } from "./orange6-books.ts";

const plan: PrefixPlan = {
  pool: ({ prefixSerial }) =>
    bytesOf(
      prefixSerial % 2 === 0 ? ADDRESSES6.prefixes.address : ADDRESSES6.otherPrefixes.address,
    ),
  server: Buffer.from("00030001027061000002", "hex"),
  resolver: bytesOf(ADDRESSES6.resolver),
};

/** Orange's concentrator on UDP 547 of the access: what it hears is judged, answered and written down. */
export function openOrange6(
  control: () => OperatorControl,
  write: (entry: Record<string, unknown>) => void,
): Orange6Books {
  const books = new Orange6Books(plan);
  const socket = createSocket("udp6");
  socket.on("message", (bytes, peer) => {
    const request = readRequest6(bytes);
    if (typeof request === "string") {
      write({ from: peer.address, verdict: "silence", reason: request, answer: "none" });
      return;
    }
    const now = control();
    const verdict = judge6(request, ORANGE_LINE, books);
    const answer = books.answer(request, verdict, now);
    write({ from: peer.address, ...logEntry6(request, verdict, answer) });
    if (answer.kind === "none") return;
    const send = (): void => {
      socket.send(writeAnswer6(request, answer, plan, now), 546, peer.address, (error) => {
        if (error) write({ error: error.message });
      });
    };
    // The prefix leads to its home before the home knows it.
    if (answer.kind === "reply" && answer.given !== undefined) route(answer.given, peer, send);
    else send();
  });
  socket.bind(547, "::", () => socket.addMembership(ALL_SERVERS, "::%access"));
  return books;
}

function route(prefix: Uint8Array, { address }: RemoteInfo, done: () => void): void {
  const [router = ""] = address.split("%");
  const words = ["-6", "route", "replace", prefixText(prefix, 56), "via", router, "dev", "access"];
  execFile("ip", words, done);
}

/** Of a shortened address without an IPv4 part. */
function bytesOf(address: string): Uint8Array {
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string): string[] => text.split(":").filter((group) => group !== "");
  const missing = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => "0");
  const all = [...groups(head), ...missing, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** RFC 9915 section 7.1: All_DHCP_Relay_Agents_and_Servers. */
const ALL_SERVERS = "ff02::1:2";
