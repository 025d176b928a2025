import { createHash } from "node:crypto";

/** What a server asks for in WWW-Authenticate (RFC 7616 section 3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly algorithm: DigestAlgorithm;
  /** Absent: the server is of RFC 2069, and is answered as one. */
  readonly qop?: "auth";
}

export type DigestAlgorithm = keyof typeof HASHES;

/** The first challenge that we can answer; undefined where there is none. Never Basic: that is the password itself. */
export function digestChallenge(header: string): DigestChallenge | undefined {
  for (const [, params = ""] of header.slice(0, HEADER_LENGTH_MAX).matchAll(SCHEME)) {
    // What we say back in a header must be able to stand in one.
    if (/\p{Cc}/u.test(params)) continue;
    const said = new Map<string, string>();
    for (const [, name = "", quoted, token] of params.matchAll(PARAM)) {
      said.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? "");
    }
    const challenge = challengeOf(said);
    if (challenge !== undefined) return challenge;
  }
  return undefined;
}

export interface DigestAnswer {
  readonly challenge: DigestChallenge;
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** Of ours, new for each request. */
  readonly cnonce: string;
  /** How often this nonce of the server's was used, from 1 on. */
  readonly count: number;
}

/** The value of the header Authorization (RFC 7616 section 3.4). */
export function digestAuthorization(answer: DigestAnswer): string {
  const { challenge, user, uri, cnonce } = answer;
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const hash = (text: string): string => createHash(HASHES[algorithm]).update(text).digest("hex");
  const who = hash(`${user}:${realm}:${answer.password}`);
  const what = hash(`${answer.method}:${uri}`);
  const nc = answer.count.toString(16).padStart(8, "0");
  const response = hash(
    qop === undefined
      ? `${who}:${nonce}:${what}`
      : `${who}:${nonce}:${nc}:${cnonce}:${qop}:${what}`,
  );
  const params = [
    `username=${quote(Buffer.from(user, "utf8").toString("latin1"))}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`]),
  ];
  return `Digest ${params.join(", ")}`;
}

function challengeOf(said: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const realm = said.get("realm");
  const nonce = said.get("nonce");
  const opaque = said.get("opaque");
  const algorithm = ALGORITHMS.find(
    (known) => known === (said.get("algorithm") ?? "MD5").toUpperCase(),
  );
  const qop = said.get("qop");
  const isAuth = qop === undefined || qop.split(",").some((kind) => kind.trim() === "auth");
  if (realm === undefined || nonce === undefined || algorithm === undefined || !isAuth) {
    return undefined;
  }
  return {
    realm,
    nonce,
    algorithm,
    ...(opaque === undefined ? {} : { opaque }),
    ...(qop === undefined ? {} : { qop: "auth" }),
  };
}

/** Names of the registry of RFC 7616 section 6.1, and of Node's. FRITZ!OS takes MD5. */
const HASHES = { MD5: "md5", "SHA-256": "sha256" } as const;
const ALGORITHMS: readonly DigestAlgorithm[] = ["MD5", "SHA-256"];

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

const HEADER_LENGTH_MAX = 4096;
/** name="value" or name=token, any number of them with commas between. */
const VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s",]+)`;
const SCHEME = new RegExp(
  String.raw`(?:^|,\s*)Digest\s+([a-z]+\s*=\s*${VALUE}(?:\s*,\s*[a-z]+\s*=\s*${VALUE})*)`,
  "gi",
);
const PARAM = /([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi;
