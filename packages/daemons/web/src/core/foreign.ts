/** As much of a request as says whether a page of somebody else sent it. */
export interface Provenance {
  readonly method: string;
  /** How the request came: "http://box.home.arpa", as a browser would name our origin. */
  readonly ownOrigin: string;
  readonly origin?: string | undefined;
  /** Sec-Fetch-Site. */
  readonly fetchSite?: string | undefined;
  readonly contentType?: string | undefined;
  readonly hasBody: boolean;
  /** The operation takes a file: another page can send one no more easily than JSON. */
  readonly takesFile?: boolean;
  /** The header that no form of another page can send. */
  readonly isMarked: boolean;
  readonly hasBearer: boolean;
}

/**
 * S-16: a request that changes something must not come from another site's page. Four defences, each enough for the
 * browsers that have it: the origin, what the browser says of the site, a header and a type of body that no plain
 * form can send (and a script only after a preflight, which we never grant).
 */
export function isForeign(request: Provenance): boolean {
  if (!CHANGING.has(request.method)) return false;
  if (request.origin !== undefined && request.origin !== request.ownOrigin) return true;
  if (!isOwnSite(request.fetchSite)) return true;
  if (request.hasBody && !isOwnType(request)) return true;
  return !request.isMarked && !request.hasBearer;
}

/** A WebSocket is not bound by the same-origin policy: its handshake is judged like a change. */
export function isForeignSocket(
  request: Pick<Provenance, "origin" | "ownOrigin" | "fetchSite">,
): boolean {
  if (request.origin !== undefined && request.origin !== request.ownOrigin) return true;
  return !isOwnSite(request.fetchSite);
}

function isOwnType({ contentType = "", takesFile = false }: Provenance): boolean {
  return JSON_TYPE.test(contentType) || (takesFile && contentType === FILE_TYPE);
}

function isOwnSite(fetchSite: string | undefined): boolean {
  return fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none";
}

export const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
]);
const CHANGING: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const FILE_TYPE = "application/octet-stream";
const JSON_TYPE = /^application\/(?:merge-patch\+)?json(?:\s*;\s*charset=utf-8)?$/i;
