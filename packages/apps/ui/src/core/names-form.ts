import { isRecord, type JsonRecord, listOf, recordOf, textOf } from "./json-value.ts";

/** How the home looks names up, as its form stands; lists have one entry a line. */
export interface NamesForm {
  readonly own: boolean;
  readonly upstreams: string;
  readonly domain: string;
  readonly blocking: boolean;
  readonly blocked: string;
  readonly allowed: string;
  readonly inside: string;
}

export type NamesField = "upstreams" | "domain" | "blocked" | "allowed" | "inside";

export function namesForm(lan: unknown): NamesForm {
  const dns = recordOf(recordOf(lan).dns);
  const lists = recordOf(dns.blocklists);
  return {
    own: Array.isArray(dns.upstreams),
    upstreams: listOf(dns.upstreams).map(upstreamLine).join("\n"),
    domain: textOf(dns.domain) ?? "",
    blocking: lists.enabled === true,
    blocked: listOf(lists.names).join("\n"),
    allowed: listOf(lists.allow).join("\n"),
    inside: listOf(recordOf(dns.rebinding).exceptions).join("\n"),
  };
}

export function namesErrors(form: NamesForm): readonly NamesField[] {
  const wrong: NamesField[] = [];
  const servers = linesOf(form.upstreams);
  const isBad = servers.length === 0 || servers.length > 8;
  if (form.own && (isBad || servers.some((line) => upstreamOf(line) === undefined))) {
    wrong.push("upstreams");
  }
  if (!NAME.test(form.domain.trim())) wrong.push("domain");
  for (const field of ["blocked", "allowed", "inside"] as const) {
    const names = linesOf(form[field]);
    if (names.length > 1000 || names.some((name) => !NAME.test(name))) wrong.push(field);
  }
  return wrong;
}

export function namesPatch(form: NamesForm): JsonRecord {
  return {
    dns: {
      upstreams: form.own ? linesOf(form.upstreams).map(upstreamOf) : "line",
      domain: form.domain.trim(),
      blocklists: {
        enabled: form.blocking,
        names: linesOf(form.blocked),
        allow: linesOf(form.allowed),
      },
      rebinding: { exceptions: linesOf(form.inside) },
    },
  };
}

export function linesOf(typed: string): readonly string[] {
  return typed
    .split(/[\n,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** "9.9.9.9", "tls 9.9.9.9 dns.quad9.net", "https 9.9.9.9 dns.quad9.net /dns-query". */
function upstreamOf(line: string): JsonRecord | undefined {
  const words = line.split(/\s+/);
  const protocol = PROTOCOLS.find((one) => one === words[0]) ?? "udp";
  const [where = "", serverName, path] = words[0] === protocol ? words.slice(1) : words;
  const match = /^(\[[0-9a-fA-F:]+\]|[0-9.]+|[0-9a-fA-F:]*::?[0-9a-fA-F:]*)(?:#(\d{1,5}))?$/.exec(
    where,
  );
  const address = match?.[1]?.replace(/[[\]]/g, "");
  if (address === undefined || address === "") return undefined;
  return {
    address,
    protocol,
    ...(match?.[2] === undefined ? {} : { port: Number(match[2]) }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(path === undefined ? {} : { path }),
  };
}

function upstreamLine(value: unknown): string {
  if (!isRecord(value)) return "";
  const { address, protocol, port, serverName, path } = value;
  const where = port === undefined ? `${address}` : `${address}#${port}`;
  const words = [protocol === "udp" ? undefined : protocol, where, serverName, path];
  return words.filter((word) => word !== undefined).join(" ");
}

const PROTOCOLS = ["udp", "tls", "https"] as const;
const NAME =
  /^(?=.{1,253}$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})?)*$/;
