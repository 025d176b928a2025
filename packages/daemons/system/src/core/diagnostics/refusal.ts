import { type IcmpError, UNREACHABLE, UNREACHABLE6 } from "@passerelle/icmp";

/** Why a packet did not arrive, in the words of the RFCs. */
export function refusalText(family: 4 | 6, error: IcmpError): string {
  if (error.kind === "unreachable") {
    const words = family === 4 ? WORDS4 : WORDS6;
    return words.get(error.code) ?? `unreachable, code ${error.code}`;
  }
  if (error.kind === "packet_too_big") return `packet too big, MTU ${error.parameter}`;
  return error.kind === "parameter_problem" ? "parameter problem" : "time exceeded";
}

const WORDS4: ReadonlyMap<number, string> = new Map([
  [UNREACHABLE.network, "network unreachable"],
  [UNREACHABLE.host, "host unreachable"],
  [UNREACHABLE.protocol, "protocol unreachable"],
  [UNREACHABLE.port, "port unreachable"],
  [UNREACHABLE.fragmentationNeeded, "fragmentation needed"],
  [UNREACHABLE.networkProhibited, "network prohibited"],
  [UNREACHABLE.hostProhibited, "host prohibited"],
  [UNREACHABLE.prohibited, "prohibited"],
]);

const WORDS6: ReadonlyMap<number, string> = new Map([
  [UNREACHABLE6.noRoute, "no route"],
  [UNREACHABLE6.prohibited, "prohibited"],
  [UNREACHABLE6.beyondScope, "beyond scope"],
  [UNREACHABLE6.address, "address unreachable"],
  [UNREACHABLE6.port, "port unreachable"],
  [UNREACHABLE6.sourcePolicy, "source refused"],
  [UNREACHABLE6.rejectRoute, "route rejects"],
]);
