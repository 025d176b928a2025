import { parseName } from "@passerelle/dns";
import { parseIpv4, parseIpv6 } from "@passerelle/net";
import * as v from "valibot";

const address = v.pipe(
  v.string(),
  v.check(
    (text) => parseIpv4(text) !== undefined || parseIpv6(text) !== undefined,
    "an IP address such as 9.9.9.9",
  ),
);

const domainName = v.pipe(
  v.string(),
  v.minLength(1),
  v.check(
    (text) => parseName(text) !== undefined && text !== ".",
    "a domain name such as example.net",
  ),
);

const upstream = v.strictObject({
  address,
  /** "udp" asks again over TCP where an answer is cut; "tls" is DoT (RFC 7858); "https" is DoH (RFC 8484). */
  protocol: v.picklist(["udp", "tls", "https"]),
  /** Default 53, 853 or 443. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  /** The name its certificate must carry; absent: the certificate must carry the address. */
  serverName: v.optional(domainName),
  /** DoH only. Default /dns-query. */
  path: v.optional(
    v.pipe(v.string(), v.regex(/^\/[\x21-\x7e]{0,255}$/, "a path such as /dns-query")),
  ),
});

/** Names a person typed; a list of thousands belongs in a file. */
const names = v.pipe(v.array(domainName), v.maxLength(1000));

export const dnsConfigSchema = v.strictObject({
  /** The home's own domain, without leading or final dot. home.arpa (RFC 8375) always works beside it. */
  domain: domainName,
  /** "line": the resolvers the operator's line gave. */
  upstreams: v.union([
    v.literal("line"),
    v.pipe(v.array(upstream), v.minLength(1), v.maxLength(8)),
  ]),
  blocklists: v.strictObject({
    enabled: v.boolean(),
    /** Blocked with everything below them. */
    names,
    /** Files in the daemon's state directory: hosts, domains or AdBlock notation. */
    files: v.pipe(
      v.array(
        v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "a plain file name")),
      ),
      v.maxLength(16),
    ),
    /** Let through with everything below them, whatever a list says. */
    allow: names,
    /** "null" answers 0.0.0.0 and ::, "nxdomain" that the name does not exist. */
    answer: v.picklist(["null", "nxdomain"]),
  }),
  rebinding: v.strictObject({
    enabled: v.boolean(),
    /** Names outside that may point to addresses inside. */
    exceptions: names,
  }),
  /** How long an old answer may be given while nobody outside answers, in seconds (RFC 8767); 0 never. */
  serveStaleSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
  /** Answers kept at most. */
  cacheEntries: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(200_000)),
  /** Writes who asked what to the log. Off unless a person wants it. */
  queryLog: v.boolean(),
});

export type DnsConfig = v.InferOutput<typeof dnsConfigSchema>;
export type DnsUpstreamConfig = v.InferOutput<typeof upstream>;

export const defaultDnsConfig: DnsConfig = {
  domain: "home.arpa",
  upstreams: "line",
  blocklists: { enabled: true, names: [], files: [], allow: [], answer: "null" },
  rebinding: { enabled: true, exceptions: [] },
  serveStaleSeconds: 86_400,
  cacheEntries: 10_000,
  queryLog: false,
};
