import type { PortMapping } from "@passerelle/api";
import { portOf } from "./port.ts";

export type Protocol = PortMapping["protocol"];

/** An opening as a person types it; ports as they stand in their fields. */
export interface OpeningForm {
  readonly to: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: string;
  readonly portLast: string;
  /** Empty: the same as on the Internet side. */
  readonly toPort: string;
  /** Empty: everybody. */
  readonly source: string;
}

/** What POST /nat/port-mappings takes. */
export interface NewOpening {
  readonly to: string;
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly portLast?: number;
  readonly toPort?: number;
  readonly source?: string;
}

export type OpeningField = "to" | "port" | "portLast" | "toPort" | "source";

/** Which fields can't be right, before the box is asked. */
export function openingErrors(form: OpeningForm): readonly OpeningField[] {
  const wrong: OpeningField[] = [];
  const port = portOf(form.port);
  if (form.to === "") wrong.push("to");
  if (port === undefined) wrong.push("port");
  const last = form.portLast.trim() === "" ? port : portOf(form.portLast);
  if (port !== undefined && (last === undefined || last < port)) wrong.push("portLast");
  const isRange = port !== undefined && last !== undefined && last > port;
  const toPort = form.toPort.trim() === "" ? port : portOf(form.toPort);
  // A range keeps its ports: which one would be moved where?
  if (port !== undefined && (toPort === undefined || (isRange && toPort !== port))) {
    wrong.push("toPort");
  }
  if (form.source.trim() !== "" && networkOf(form.source) === undefined) wrong.push("source");
  return wrong;
}

/** Undefined while something is wrong with it. */
export function openingOf(form: OpeningForm): NewOpening | undefined {
  const port = portOf(form.port);
  if (port === undefined || openingErrors(form).length > 0) return undefined;
  const name = form.name.trim();
  const last = portOf(form.portLast);
  const toPort = portOf(form.toPort);
  const source = networkOf(form.source);
  return {
    to: form.to,
    protocol: form.protocol,
    port,
    ...(name === "" ? {} : { name }),
    ...(last === undefined || last === port ? {} : { portLast: last }),
    ...(toPort === undefined || toPort === port ? {} : { toPort }),
    ...(source === undefined ? {} : { source }),
  };
}

type Side = Pick<NewOpening, "protocol" | "port" | "portLast" | "source">;

/** The opening in force that already uses a port of this one; the box would refuse both. */
export function conflictOf(
  opening: Side,
  mappings: readonly PortMapping[],
): PortMapping | undefined {
  return mappings.find(
    (one) =>
      one.enabled &&
      speakAlike(one.protocol, opening.protocol) &&
      one.port <= (opening.portLast ?? opening.port) &&
      opening.port <= (one.portLast ?? one.port) &&
      // Two networks of sources may lie apart; the box knows exactly.
      (one.source === undefined || opening.source === undefined || one.source === opening.source),
  );
}

/** "443", "27015–27030". */
export function portsText(opening: {
  readonly port: number;
  readonly portLast?: number | undefined;
}): string {
  const { port, portLast } = opening;
  return portLast === undefined || portLast === port ? `${port}` : `${port}–${portLast}`;
}

function speakAlike(a: Protocol, b: Protocol): boolean {
  return a === b || a === "both" || b === "both";
}

/** An address or a network of sources; a single address is a network of one. */
function networkOf(typed: string): string | undefined {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(typed);
  if (match === null) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const length = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || length > 32) return undefined;
  return `${octets.join(".")}/${length}`;
}
