import {
  isWithin,
  type NameText,
  Rcode,
  RecordClass,
  RecordType,
  type ResourceRecord,
} from "@passerelle/dns";
import { IPV4_ANY, type Ipv6, ipv4 } from "@passerelle/net";
import type { Blocklist } from "./blocklist.ts";
import type { ClientQuery } from "./incoming.ts";
import { type LocalHost, type LocalZone, reverseLookup } from "./local-zone.ts";
import { emptyZoneOf, HOME_ZONE, isLocalhost } from "./special-names.ts";

/** What the house says about a question before anybody outside is asked. */
export type Verdict =
  | { readonly kind: "forward" }
  | {
      readonly kind: "answer";
      readonly why: "local" | "blocked" | "refused";
      readonly rcode: number;
      readonly authoritative: boolean;
      readonly answers: readonly ResourceRecord[];
      readonly authorities: readonly ResourceRecord[];
    };

export interface Policy {
  readonly zone: LocalZone;
  readonly blocklist: Blocklist;
  readonly blockedAnswer: "null" | "nxdomain";
}

export function judge(query: ClientQuery, policy: Policy): Verdict {
  if (query.class !== RecordClass.IN) return refuse();
  // OPT and the meta types 128-255 have no data of their own; a transfer is not for clients (RFC 5936 section 6).
  if (query.type === RecordType.OPT || (query.type >= 128 && query.type < 255)) return refuse();
  const local = judgeLocal(query, policy);
  if (local !== undefined) return local;
  if (policy.blocklist.matches(query.name)) return blocked(query, policy.blockedAnswer);
  if (query.type === RecordType.ANY) return minimalAny(query.name);
  // A cache is no oracle of what others asked, and we do not iterate.
  if (!query.recursionDesired) return refuse();
  return { kind: "forward" };
}

function judgeLocal(query: ClientQuery, policy: Policy): Verdict | undefined {
  const { name } = query;
  const { zone } = policy;
  if (isLocalhost(name)) return hostAnswer(query, LOCALHOST, "localhost");
  const owner = reverseLookup(zone, name);
  if (owner !== undefined) {
    const ptr: ResourceRecord = {
      ...base(name),
      type: RecordType.PTR,
      data: { kind: "name", target: owner },
    };
    const asked = query.type === RecordType.PTR || query.type === RecordType.ANY;
    return answer(Rcode.NOERROR, asked ? [ptr] : [], asked ? [] : [soa(name)]);
  }
  for (const home of zone.domain === HOME_ZONE ? [HOME_ZONE] : [zone.domain, HOME_ZONE]) {
    if (isWithin(name, home)) return homeAnswer(query, policy, home);
  }
  const empty = emptyZoneOf(name);
  if (empty !== undefined) return empty === name ? apexAnswer(query, empty) : nothing(empty);
  if (name === "." || name.includes(".")) return undefined;
  // A single label is a name of this home; addresses of a top-level domain do not exist (RFC 7085 counts the strays).
  const host = zone.hosts.get(name);
  if (host !== undefined) return hostAnswer(query, host, zone.domain);
  const asksAddress = query.type === RecordType.A || query.type === RecordType.AAAA;
  return asksAddress ? nothing(name) : undefined;
}

function homeAnswer(query: ClientQuery, policy: Policy, home: NameText): Verdict {
  if (query.name === home) return apexAnswer(query, home);
  const label = query.name.slice(0, -(home.length + 1));
  const host = policy.zone.hosts.get(label);
  if (host !== undefined) return hostAnswer(query, host, home);
  // A name between a host and the domain exists, though it has no data (RFC 8020 section 2).
  for (const known of policy.zone.hosts.keys()) {
    if (known.endsWith(`.${label}`)) return answer(Rcode.NOERROR, [], [soa(home)]);
  }
  return nothing(home);
}

function hostAnswer(query: ClientQuery, host: LocalHost, zone: NameText): Verdict {
  const answers: ResourceRecord[] = [];
  const { name, type } = query;
  if (type === RecordType.A || type === RecordType.ANY) {
    for (const address of host.ipv4)
      answers.push({ ...base(name), type: RecordType.A, data: { kind: "a", address } });
  }
  if (type === RecordType.AAAA || type === RecordType.ANY) {
    for (const address of host.ipv6)
      answers.push({ ...base(name), type: RecordType.AAAA, data: { kind: "aaaa", address } });
  }
  return answer(Rcode.NOERROR, answers, answers.length === 0 ? [soa(zone)] : []);
}

function apexAnswer(query: ClientQuery, zone: NameText): Verdict {
  const wantsSoa = query.type === RecordType.SOA || query.type === RecordType.ANY;
  if (wantsSoa) return answer(Rcode.NOERROR, [soa(zone)], []);
  if (query.type === RecordType.NS) {
    const ns: ResourceRecord = {
      ...base(zone),
      type: RecordType.NS,
      data: { kind: "name", target: zone },
    };
    return answer(Rcode.NOERROR, [ns], []);
  }
  return answer(Rcode.NOERROR, [], [soa(zone)]);
}

function blocked(query: ClientQuery, mode: Policy["blockedAnswer"]): Verdict {
  const { name, type } = query;
  const answers: ResourceRecord[] = [];
  if (mode === "null" && type === RecordType.A) {
    answers.push({ ...base(name), type, data: { kind: "a", address: IPV4_ANY } });
  }
  if (mode === "null" && type === RecordType.AAAA) {
    answers.push({ ...base(name), type, data: { kind: "aaaa", address: "::" as Ipv6 } });
  }
  return {
    kind: "answer",
    why: "blocked",
    rcode: mode === "null" ? Rcode.NOERROR : Rcode.NXDOMAIN,
    authoritative: false,
    answers,
    authorities: answers.length === 0 ? [soa(name)] : [],
  };
}

/** RFC 8482 section 4.2: one made-up HINFO instead of everything, so that nobody is amplified. */
function minimalAny(name: NameText): Verdict {
  const bytes = Uint8Array.of(7, ...[..."RFC8482"].map((c) => c.charCodeAt(0)), 0);
  const hinfo: ResourceRecord = {
    name,
    type: RecordType.HINFO,
    class: RecordClass.IN,
    ttlSeconds: 3600,
    data: { kind: "raw", bytes },
  };
  return {
    kind: "answer",
    why: "refused",
    rcode: Rcode.NOERROR,
    authoritative: false,
    answers: [hinfo],
    authorities: [],
  };
}

function nothing(zone: NameText): Verdict {
  return answer(Rcode.NXDOMAIN, [], [soa(zone)]);
}

function refuse(): Verdict {
  return {
    kind: "answer",
    why: "refused",
    rcode: Rcode.REFUSED,
    authoritative: false,
    answers: [],
    authorities: [],
  };
}

function answer(
  rcode: number,
  answers: readonly ResourceRecord[],
  authorities: readonly ResourceRecord[],
): Verdict {
  return { kind: "answer", why: "local", rcode, authoritative: true, answers, authorities };
}

/** RFC 6303 section 3: the SOA of an empty zone; mname is the zone itself, rname nobody. */
function soa(zone: NameText): ResourceRecord {
  return {
    ...base(zone),
    type: RecordType.SOA,
    data: {
      kind: "soa",
      mname: zone,
      rname: "nobody.invalid",
      serial: 1,
      refresh: 3600,
      retry: 1200,
      expire: 604_800,
      minimum: LOCAL_TTL_SECONDS,
    },
  };
}

function base(name: NameText): { name: NameText; class: number; ttlSeconds: number } {
  return { name, class: RecordClass.IN, ttlSeconds: LOCAL_TTL_SECONDS };
}

/** Short, because leases and blocklists change while devices keep their own caches. */
export const LOCAL_TTL_SECONDS = 60;

const LOCALHOST: LocalHost = { name: "localhost", ipv4: [ipv4(0x7f000001)], ipv6: ["::1" as Ipv6] };
