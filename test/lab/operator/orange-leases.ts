import type { OperatorControl } from "./control.ts";
import { type DhcpRequest, ip, TYPE, type Verdict } from "./orange.ts";

/** The concentrator's books: who has which address, and what each message is answered with. No sockets here. */

export interface LeasePlan {
  readonly pool: { readonly first: string; readonly last: string };
  readonly otherPool: { readonly first: string; readonly last: string };
  readonly otherGateway: string;
  readonly parkingPool: { readonly first: string; readonly last: string };
  readonly parkingGateway: string;
  /** An address that somebody else on the segment already uses. */
  readonly taken: string;
  readonly server: string;
  readonly resolver: string;
}

export interface Lease {
  readonly mac: string;
  readonly address: string;
  readonly mask: string;
  readonly gateway: string;
  readonly parked: boolean;
}

export type Answer =
  | { readonly kind: "none"; readonly reason: string }
  | { readonly kind: "nak"; readonly reason: string }
  | {
      readonly kind: "offer" | "ack";
      readonly lease: Lease;
      readonly leaseSeconds: number;
      readonly t1Seconds: number;
      readonly t2Seconds: number;
    };

export class OrangeBooks {
  readonly #plan: LeasePlan;
  readonly #leases = new Map<string, Lease>();
  /** Addresses that a client declined: somebody else has them. */
  readonly #declined = new Set<string>();
  #naks = 0;
  #duplicates = 0;

  constructor(plan: LeasePlan) {
    this.#plan = plan;
  }

  get leases(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  answer(request: DhcpRequest, verdict: Verdict, control: OperatorControl): Answer {
    if (control.silent) return { kind: "none", reason: "silent_by_control" };
    if (verdict.kind === "silence") return { kind: "none", reason: verdict.reason };
    const parked = control.parked || verdict.kind === "parked";
    switch (request.type) {
      case TYPE.discover:
        return this.#grant("offer", this.#leaseFor(request.mac, parked, control), control);
      case TYPE.request:
        return this.#request(request, parked, control);
      case TYPE.decline:
        return this.#decline(request);
      case TYPE.release:
        this.#leases.delete(request.mac);
        return { kind: "none", reason: "released" };
      default:
        return { kind: "none", reason: `message_type_${request.type}` };
    }
  }

  #request(request: DhcpRequest, parked: boolean, control: OperatorControl): Answer {
    const server = address(request, 54);
    if (server !== undefined && server !== this.#plan.server) {
      return { kind: "none", reason: `another_server_${server}` };
    }
    if (control.nakSerial > this.#naks) {
      this.#naks += 1;
      this.#leases.delete(request.mac);
      return { kind: "nak", reason: "nak_by_control" };
    }
    const wanted = request.ciaddr === "0.0.0.0" ? address(request, 50) : request.ciaddr;
    const held = this.#leases.get(request.mac);
    if (wanted === undefined) return { kind: "none", reason: "no_address_requested" };
    if (held?.address !== wanted) return this.#refuse(request, `not_your_address_${wanted}`);
    if (held.parked !== parked) return this.#refuse(request, "identifiers_changed");
    if (!held.parked && held.gateway !== gatewayOf(control, this.#plan)) {
      const moved = { ...held, gateway: gatewayOf(control, this.#plan) };
      if (!sameNetwork(held.address, moved.gateway)) return this.#refuse(request, "renumbered");
      this.#leases.set(request.mac, moved);
      return this.#grant("ack", moved, control);
    }
    return this.#grant("ack", held, control);
  }

  #refuse(request: DhcpRequest, reason: string): Answer {
    this.#leases.delete(request.mac);
    return { kind: "nak", reason };
  }

  #decline(request: DhcpRequest): Answer {
    const declined = address(request, 50);
    if (declined !== undefined) this.#declined.add(declined);
    this.#leases.delete(request.mac);
    return { kind: "none", reason: `declined_${declined}` };
  }

  #leaseFor(mac: string, parked: boolean, control: OperatorControl): Lease {
    const plan = this.#plan;
    if (parked)
      return this.#choose(mac, plan.parkingPool, "255.255.0.0", plan.parkingGateway, true);
    const gateway = gatewayOf(control, plan);
    if (control.duplicateSerial > this.#duplicates && !this.#declined.has(plan.taken)) {
      this.#duplicates += 1;
      const lease = { mac, address: plan.taken, mask: "255.255.255.0", gateway, parked };
      this.#leases.set(mac, lease);
      return lease;
    }
    const pool = control.pool === "main" ? plan.pool : plan.otherPool;
    return this.#choose(mac, pool, "255.255.255.0", gateway, false);
  }

  /** The same address for the same line, as long as it is still in the pool. */
  #choose(
    mac: string,
    pool: { readonly first: string; readonly last: string },
    mask: string,
    gateway: string,
    parked: boolean,
  ): Lease {
    const held = this.#leases.get(mac);
    const used = new Set([...this.#leases.values()].map((lease) => lease.address));
    const inPool = (candidate: string) =>
      number(candidate) >= number(pool.first) && number(candidate) <= number(pool.last);
    let chosen = held !== undefined && inPool(held.address) ? held.address : undefined;
    for (let n = number(pool.first); chosen === undefined && n <= number(pool.last); n += 1) {
      const candidate = text(n);
      if (!used.has(candidate) && !this.#declined.has(candidate)) chosen = candidate;
    }
    const lease = { mac, address: chosen ?? pool.first, mask, gateway, parked };
    this.#leases.set(mac, lease);
    return lease;
  }

  #grant(kind: "offer" | "ack", lease: Lease, control: OperatorControl): Answer {
    const { leaseSeconds } = control;
    return {
      kind,
      lease,
      leaseSeconds,
      t1Seconds: control.t1Seconds ?? Math.floor(leaseSeconds / 2),
      t2Seconds: control.t2Seconds ?? Math.floor((leaseSeconds * 7) / 8),
    };
  }
}

/** The answer on the wire; at least 300 octets, as BOOTP relays expect (RFC 1542 section 2.1). */
export function writeAnswer(
  request: DhcpRequest,
  answer: Exclude<Answer, { kind: "none" }>,
  plan: LeasePlan,
): Uint8Array {
  const options: number[] = [];
  const put = (code: number, ...bytes: readonly number[]) =>
    options.push(code, bytes.length, ...bytes);
  const quad = (value: string) => value.split(".").map(Number);
  const long = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
  put(53, { offer: TYPE.offer, ack: TYPE.ack, nak: TYPE.nak }[answer.kind]);
  put(54, ...quad(plan.server));
  let yiaddr = "0.0.0.0";
  if (answer.kind !== "nak") {
    const { lease } = answer;
    yiaddr = lease.address;
    put(51, ...long(answer.leaseSeconds));
    put(58, ...long(answer.t1Seconds));
    put(59, ...long(answer.t2Seconds));
    put(1, ...quad(lease.mask));
    put(3, ...quad(lease.gateway));
    put(
      28,
      ...text(number(lease.address) | (~number(lease.mask) >>> 0))
        .split(".")
        .map(Number),
    );
    put(6, ...quad(plan.resolver));
    put(15, ...Buffer.from("wan.internet.test"));
    // Enterprise 1368, one sub-option nobody knows: a client keeps or skips it, and goes on.
    put(125, ...long(1368), 5, 99, 3, 0x6c, 0x61, 0x62);
  }
  const bytes = Buffer.alloc(Math.max(300, 240 + options.length + 1));
  bytes.set([2, 1, 6, 0]);
  bytes.set(Buffer.from(request.xid, "hex"), 4);
  bytes.writeUInt16BE(request.flags, 10);
  if (answer.kind === "ack") bytes.set(quad(request.ciaddr), 12);
  bytes.set(quad(yiaddr), 16);
  bytes.set(Buffer.from(request.mac.replaceAll(":", ""), "hex"), 28);
  bytes.writeUInt32BE(0x63825363, 236);
  bytes.set([...options, 255], 240);
  return bytes;
}

/** One line of the log for each message: what was sent, what was thought of it, what it was answered with. */
export function logEntry(
  request: DhcpRequest,
  verdict: Verdict,
  answer: Answer,
): Record<string, unknown> {
  const options = Object.fromEntries(
    [...request.options].map(([code, value]) => [code, Buffer.from(value).toString("hex")]),
  );
  return {
    type: Object.entries(TYPE).find(([, value]) => value === request.type)?.[0] ?? request.type,
    xid: request.xid,
    mac: request.mac,
    flags: request.flags,
    ciaddr: request.ciaddr,
    requested: address(request, 50),
    server: address(request, 54),
    verdict: verdict.kind,
    reason: "reason" in verdict ? verdict.reason : undefined,
    answer: answer.kind,
    answerReason: "reason" in answer ? answer.reason : undefined,
    address: "lease" in answer ? answer.lease.address : undefined,
    options,
  };
}

function gatewayOf(control: OperatorControl, plan: LeasePlan): string {
  return control.pool === "main" ? control.gateway : plan.otherGateway;
}

function sameNetwork(a: string, b: string): boolean {
  return a.split(".").slice(0, 3).join(".") === b.split(".").slice(0, 3).join(".");
}

function address(request: DhcpRequest, code: number): string | undefined {
  const value = request.options.get(code);
  return value?.length === 4 ? ip(value) : undefined;
}

function number(value: string): number {
  return value.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function text(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}
