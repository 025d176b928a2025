import type { OperatorControl } from "./control.ts";
import { hex, type Verdict } from "./orange.ts";
import {
  type Dhcpv6Request,
  EARLY,
  type Known4,
  macOf,
  only,
  prefixText,
  readAssociation,
  type Standing,
  TYPE6,
} from "./orange6.ts";

/** Which home has which prefix, and what each message of DHCPv6 is answered with. No sockets here. */

export interface PrefixPlan {
  /** The pool of this moment. */
  readonly pool: (control: OperatorControl) => Uint8Array;
  /** DUID. */
  readonly server: Uint8Array;
  readonly resolver: Uint8Array;
}

export type Answer6 =
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "advertise" | "reply";
      /** Status of the association (RFC 9915 section 21.13); absent: prefixes are given. */
      readonly refusal?: "no_prefix" | "no_binding";
      readonly given?: Uint8Array;
      /** Prefixes that the client has and shall not use any more. */
      readonly over: readonly string[];
    };

export class Orange6Books implements Known4 {
  readonly #plan: PrefixPlan;
  /** What DHCPv4 said, the last of it at the end. */
  readonly #said = new Map<string, readonly string[]>();
  /** What DHCPv6 said before DHCPv4 did. */
  readonly #early = new Map<string, { readonly authentication: string; readonly times: number }>();
  readonly #lines = new Map<string, number>();
  readonly #bound = new Set<string>();
  readonly #doubted = new Set<string>();

  constructor(plan: PrefixPlan) {
    this.#plan = plan;
  }

  /** A message of DHCPv4 that was built rightly; `authentication` in hexadecimal. */
  heard4(mac: string, authentication: string): void {
    // Who begins anew by DHCPv4 is judged anew.
    if (this.#said.get(mac)?.at(-1) !== authentication) this.#doubted.delete(mac);
    const others = (this.#said.get(mac) ?? []).filter((one) => one !== authentication);
    this.#said.set(mac, [...others, authentication]);
  }

  standing = (mac: string, authentication: string): Standing => {
    const said = this.#said.get(mac);
    if (said === undefined) return "nobody";
    if (said.at(-1) === authentication) return "current";
    if (said.includes(authentication)) return "stale";
    const early = this.#early.get(mac);
    const isOften = early?.authentication === authentication && early.times >= EARLY_MAX;
    return isOften ? "early_again" : "early";
  };

  /** True where the two families did not agree: DHCPv4 is parked as well. */
  isDoubted(mac: string): boolean {
    return this.#doubted.has(mac);
  }

  answer(request: Dhcpv6Request, verdict: Verdict, control: OperatorControl): Answer6 {
    if (control.silent) return { kind: "none", reason: "silent_by_control" };
    const mac = macOf(request) ?? "";
    if (verdict.kind === "silence") {
      const [authentication] = request.options.get(11) ?? [];
      if (verdict.reason === EARLY && authentication) this.#cameEarly(mac, hex(authentication));
      return { kind: "none", reason: verdict.reason };
    }
    const server = only(request, 2);
    if (server !== undefined && Buffer.compare(server, this.#plan.server) !== 0) {
      return { kind: "none", reason: "another_server" };
    }
    if (verdict.kind === "parked") this.#doubted.add(mac);
    else this.#doubted.delete(mac);
    const kind = ANSWERED[request.type];
    if (kind === undefined) return { kind: "none", reason: `message_type_${request.type}` };
    if (verdict.kind === "parked" || control.parked) {
      this.#bound.delete(mac);
      return { kind, refusal: "no_prefix", over: [] };
    }
    const given = this.#prefixOf(mac, control);
    const asked = readAssociation(request)?.prefixes ?? [];
    const over = asked.filter(
      (one) => one !== prefixText(given, 56) && !one.startsWith("0:0:0:0:"),
    );
    const mustKnow = request.type === TYPE6.renew || request.type === TYPE6.release;
    if (mustKnow && !this.#bound.has(mac)) return { kind, refusal: "no_binding", over: [] };
    if (request.type === TYPE6.release) {
      this.#bound.delete(mac);
      return { kind, over: asked };
    }
    if (kind === "reply") this.#bound.add(mac);
    return { kind, given, over: kind === "reply" ? over : [] };
  }

  #cameEarly(mac: string, authentication: string): void {
    const before = this.#early.get(mac);
    const times = before?.authentication === authentication ? before.times : 0;
    this.#early.set(mac, { authentication, times: times + 1 });
  }

  /** The same prefix for the same line, as long as its pool is. */
  #prefixOf(mac: string, control: OperatorControl): Uint8Array {
    const number = this.#lines.get(mac) ?? this.#lines.size + 1;
    this.#lines.set(mac, number);
    const prefix = Uint8Array.from(this.#plan.pool(control));
    // A pool of /40 has 65536 of /56: the sixth and the seventh octet.
    prefix.set([number >> 8, number & 0xff], 5);
    return prefix;
  }
}

export function writeAnswer6(
  request: Dhcpv6Request,
  answer: Exclude<Answer6, { kind: "none" }>,
  plan: PrefixPlan,
  control: OperatorControl,
): Uint8Array {
  const { leaseSeconds } = control;
  const t1 = control.t1Seconds ?? Math.floor(leaseSeconds / 2);
  const t2 = control.t2Seconds ?? Math.floor((leaseSeconds * 7) / 8);
  const isGiven = answer.given !== undefined;
  const inner = [
    ...(answer.refusal === undefined ? [] : [status(answer.refusal)]),
    ...(answer.given === undefined ? [] : [prefixOption(answer.given, leaseSeconds)]),
    ...answer.over.map((text) => prefixOption(prefixBytes(text), 0)),
  ];
  const iaid = readAssociation(request)?.iaid ?? "00000000";
  const association = Buffer.concat([
    Buffer.from(iaid, "hex"),
    ...[isGiven ? t1 : 0, isGiven ? t2 : 0].map(long),
    ...inner,
  ]);
  return Buffer.concat([
    Buffer.from([TYPE6[answer.kind]]),
    Buffer.from(request.xid, "hex"),
    option(1, only(request, 1) ?? new Uint8Array(0)),
    option(2, plan.server),
    option(25, association),
    ...(isGiven ? [option(23, plan.resolver)] : []),
  ]);
}

/** One line of the log for each message. */
export function logEntry6(
  request: Dhcpv6Request,
  verdict: Verdict,
  answer: Answer6,
): Record<string, unknown> {
  const options = [...request.options].map(([code, values]) => [
    code,
    values.map((value) => Buffer.from(value).toString("hex")).join(" "),
  ]);
  return {
    type: Object.entries(TYPE6).find(([, value]) => value === request.type)?.[0] ?? request.type,
    xid: request.xid,
    mac: macOf(request),
    verdict: verdict.kind,
    reason: "reason" in verdict ? verdict.reason : undefined,
    answer: answer.kind,
    answerReason: "reason" in answer ? answer.reason : undefined,
    refusal: "refusal" in answer ? answer.refusal : undefined,
    prefix: "given" in answer && answer.given ? prefixText(answer.given, 56) : undefined,
    over: "over" in answer ? answer.over : undefined,
    options: Object.fromEntries(options),
  };
}

function prefixOption(prefix: Uint8Array, validSeconds: number): Uint8Array {
  const preferred = Math.floor((validSeconds * 7) / 8);
  const length = Buffer.from([56]);
  return option(26, Buffer.concat([long(preferred), long(validSeconds), length, prefix]));
}

function status(refusal: "no_prefix" | "no_binding"): Uint8Array {
  return option(13, Buffer.from([0, refusal === "no_prefix" ? 6 : 3]));
}

function prefixBytes(text: string): Uint8Array {
  const groups = (text.split("/")[0] ?? "").split(":");
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function option(code: number, value: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

function long(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A first message of DHCPv4 may be lost, as any may. */
const EARLY_MAX = 2;
const ANSWERED: Readonly<Record<number, "advertise" | "reply">> = {
  [TYPE6.solicit]: "advertise",
  [TYPE6.request]: "reply",
  [TYPE6.renew]: "reply",
  [TYPE6.rebind]: "reply",
  [TYPE6.release]: "reply",
};
